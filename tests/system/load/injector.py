# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Continuous fault injection, drawn from a seed."""

from __future__ import annotations

import random
import threading
import typing as t

from load import fleet
from mock_endpoint.process import MockEndpoint

# The read timeout of clients, and a delay that exceeds it.
READ_TIMEOUT_SECONDS = 1
LATE_SECONDS = 1.5

FAULTS: dict[str, dict[str, t.Any]] = {
    "throttled": {"error": {"code": "ThrottlingException", "message": "Rate exceeded"}},
    "throttled as ValidationException": {"error": {"code": "ValidationException", "message": "Rate exceeded"}},
    "internal failure": {"error": {"code": "InternalFailure", "message": "Internal failure", "status": 500}},
    "unavailable": {"raw": {"status": 503, "body": "<html>Service Unavailable</html>"}},
    "empty": {"raw": {"status": 200}},
    "HTML": {"raw": {"status": 200, "body": "<html>Please log in</html>"}},
    "list not set": {"edit": {"remove": ["StackInstances"]}},
    "truncated, FIN": {"truncate": 90},
    "truncated, RST": {"truncate": 90, "drop": "rst"},
    "truncated, with a matching Content-Length": {"truncate": 90, "honest_length": True},
    "closed": {"drop": "fin"},
    "reset": {"drop": "rst"},
    "slow": {"delay": 0.2},
    "late": {"delay": LATE_SECONDS},
    "trickle": {"trickle": {"bytes": 400, "interval": 0.02}},
}


class FaultInjector(threading.Thread):
    """Adds faults for the next requests of random products until it is stopped."""

    def __init__(self, endpoint: MockEndpoint, seed: int) -> None:
        super().__init__(daemon=True)
        self.planned = dict.fromkeys(FAULTS, 0)
        self._endpoint = endpoint
        self._random = random.Random(seed)
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(self._random.uniform(0.1, 0.6)):
            # Mostly a retry succeeds, sometimes all attempts fail.
            names = self._random.choices(list(FAULTS), k=self._random.choice((1, 1, 2, 3, 10)))
            for name in names:
                self.planned[name] += 1
            self._endpoint.faults(self._random.choice(list(fleet.PRODUCTS)), [FAULTS[name] for name in names])

    def __enter__(self) -> FaultInjector:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stopped.set()
        self.join()
        self._endpoint.clear_faults()
