# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resources of this process, on Linux with the GNU C library."""

from __future__ import annotations

import gc
import resource
import threading
import time
import typing as t

import psutil

MIB = 2**20


class Usage(t.NamedTuple):
    """The resources that are in use between two rounds."""

    descriptors: int
    threads: int
    in_use: float
    """Memory in MiB that was allocated and not freed. Gaps in the heap are not included."""


def measure() -> Usage:
    """Return the current usage. With PYTHONMALLOC=malloc, the C library allocates all memory of Python."""
    gc.collect()
    heap = psutil.heap_info()
    in_use = round((heap.heap_used + heap.mmap_used) / MIB, 1)
    return Usage(psutil.Process().num_fds(), threading.active_count(), in_use)


def settled(seconds: float = 5) -> Usage:
    """Return the usage when no thread but the main one is left, or after some seconds."""
    deadline = time.monotonic() + seconds
    while threading.active_count() > 1 and time.monotonic() < deadline:
        time.sleep(0.1)
    return measure()


def peak() -> float:
    """Return the peak of resident memory in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
