# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One process does the work, those that want the same wait for its result. Private to this collection."""

from __future__ import annotations

import fcntl
import os
import time
import typing as t

Result = t.TypeVar("Result")

PREFIX = ".lock-"
POLL_SECONDS = 0.05
# More than a listing of the biggest stack set takes (100,000 instances, 20 a page), unless AWS throttles it.
WAIT_SECONDS = 600.0


def one_at_a_time(folder: str, key: str, look: t.Callable[[], Result | None], work: t.Callable[[], Result]) -> Result:
    """What C(look()) gives, or where it gives None, C(work()), which one process does for all that ask.

    C(work()) leaves its result where C(look()) of the others finds it. The kernel gives the lock back when its holder
    dies, and the next one works. Whoever waits works by itself, beside others, when the holder's work has failed, as
    the failures of many should not come one after another, and after WAIT_SECONDS, should the holder hang. So the lock
    saves work; no result depends on it.

    Raises what C(work()) raises.
    """
    result = look()
    if result is not None:
        return result
    try:
        handle = os.open(os.path.join(folder, PREFIX + key), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError:
        return work()
    try:
        os.utime(handle)
        failures = os.fstat(handle).st_size
        deadline = time.monotonic() + WAIT_SECONDS
        while not _locked(handle):
            if os.fstat(handle).st_size > failures or time.monotonic() > deadline:
                return work()
            time.sleep(POLL_SECONDS)
            result = look()
            if result is not None:
                return result
        # The holder may have ended after the last look.
        result = look()
        return _noting_failure(handle, work) if result is None else result
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass  # a file system without locks, where nobody can wait
    return True


def _noting_failure(handle: int, work: t.Callable[[], Result]) -> Result:
    try:
        return work()
    except BaseException:
        # The length of the file counts failures; those that wait compare it.
        try:
            os.pwrite(handle, b".", os.fstat(handle).st_size)
        except OSError:
            pass  # a full disk, or no file: those that wait lose time
        raise
