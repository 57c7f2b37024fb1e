# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What this process holds, as Linux tells it."""

from __future__ import annotations

import gc
import os
import statistics
import threading
import time
import typing as t
from pathlib import Path

MIB = 2**20


class Held(t.NamedTuple):
    """Counted while nothing is under way."""

    descriptors: int
    threads: int


def held() -> Held:
    gc.collect()
    return Held(len(os.listdir("/proc/self/fd")), threading.active_count())


def resident() -> float:
    """Memory in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB


class Memory(threading.Thread):
    """Looks at the memory five times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: list[float] = []
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(0.2):
            self.seen.append(resident())

    def __enter__(self) -> Memory:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stopped.set()
        self.join()

    def growth(self) -> tuple[float, float]:
        """The medians of the second and of the last quarter of the time."""
        quarter = max(1, len(self.seen) // 4)
        return statistics.median(self.seen[quarter : 2 * quarter]), statistics.median(self.seen[-quarter:])


def settled(seconds: float = 5) -> Held:
    """The same, when threads that are ending have had their time."""
    deadline = time.monotonic() + seconds
    found = held()
    while found.threads > 1 and time.monotonic() < deadline:
        time.sleep(0.1)
        found = held()
    return found
