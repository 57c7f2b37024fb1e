# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What this process holds, as Linux tells it."""

from __future__ import annotations

import ctypes
import gc
import os
import threading
import time
import typing as t
from pathlib import Path

MIB = 2**20


class Held(t.NamedTuple):
    """What is left when nothing is under way."""

    descriptors: int
    threads: int
    memory: float
    """In MiB, without what has been freed and not yet been given back to the system."""


def held() -> Held:
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return Held(len(os.listdir("/proc/self/fd")), threading.active_count(), round(resident(), 1))


def resident() -> float:
    """Memory in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB


class Memory(threading.Thread):
    """Looks at the memory five times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0.0
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(0.2):
            self.peak = max(self.peak, resident())

    def __enter__(self) -> Memory:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stopped.set()
        self.join()


def settled(seconds: float = 5) -> Held:
    """The same, when threads that are ending have had their time."""
    deadline = time.monotonic() + seconds
    found = held()
    while found.threads > 1 and time.monotonic() < deadline:
        time.sleep(0.1)
        found = held()
    return found
