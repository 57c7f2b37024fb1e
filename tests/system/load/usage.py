# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What this process holds, as Linux tells it."""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import threading
import time
import typing as t

MIB = 2**20


class Held(t.NamedTuple):
    """What is left when nothing is under way."""

    descriptors: int
    threads: int
    in_use: float
    """Memory that was allocated and not freed, in MiB. Gaps in what the system has given do not count."""


class _Mallinfo(ctypes.Structure):
    """C(struct mallinfo2) of the GNU C library."""

    _names = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")
    _fields_ = [(name, ctypes.c_size_t) for name in _names]


def held() -> Held:
    gc.collect()
    return Held(len(os.listdir("/proc/self/fd")), threading.active_count(), in_use())


def in_use() -> float:
    """Memory in MiB that malloc has given away. It is all that Python has, where PYTHONMALLOC is malloc."""
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = _Mallinfo
    info = mallinfo2()
    used: int = info.uordblks + info.hblkhd
    return round(used / MIB, 1)


def peak() -> float:
    """The most memory that the system has given at a time, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def settled(seconds: float = 5) -> Held:
    """The same, when threads that are ending have had their time."""
    deadline = time.monotonic() + seconds
    found = held()
    while found.threads > 1 and time.monotonic() < deadline:
        time.sleep(0.1)
        found = held()
    return found
