# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time one function in a Python contestant, without imports and the creation of clients."""

from __future__ import annotations

import json
import sys
import time
import typing as t


def timed(list_all: t.Callable[[], t.Sequence[object]]) -> None:
    """Run a function, and print its time and the number of returned items as JSON."""
    wall, cpu = time.monotonic(), time.process_time()
    listed = list_all()
    took = {"wall": time.monotonic() - wall, "cpu": time.process_time() - cpu, "instances": len(listed)}
    json.dump(took, sys.stdout)
