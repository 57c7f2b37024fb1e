# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One process works, and those that need the same result wait for it. Private to this collection."""

from __future__ import annotations

import fcntl
import os
import time
import typing as t

Result = t.TypeVar("Result")

PREFIX = ".lock-"
POLL_SECONDS = 0.05
# Longer than a listing of the largest stack set takes without throttling: 100,000 stack instances, 20 on a page.
WAIT_SECONDS = 600.0


def one_at_a_time(folder: str, key: str, find: t.Callable[[], Result | None], work: t.Callable[[], Result]) -> Result:
    """Return the result that ``find`` returns or, if that is None, the result of ``work``.

    The lock only saves work; no result depends on it. The kernel releases it when its holder ends. A process that waits
    stops waiting and works by itself when the holder has failed, as failures must not add up, and after WAIT_SECONDS.

    Args:
        folder: The folder for the lock file.
        key: The name of the result.
        find: Returns the stored result or None.
        work: Makes the result, and stores it where ``find`` of other processes finds it.

    Raises:
        Exception: What ``work`` raises.
    """
    result = find()
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
        while not _lock(handle):
            if os.fstat(handle).st_size > failures or time.monotonic() > deadline:
                return work()
            time.sleep(POLL_SECONDS)
            result = find()
            if result is not None:
                return result
        # The holder may have ended since then.
        result = find()
        return _count_failure(handle, work) if result is None else result
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass  # a file system without locks, on which waiting is impossible
    return True


def _count_failure(handle: int, work: t.Callable[[], Result]) -> Result:
    try:
        return work()
    except BaseException:
        # The size of the file counts failures. Processes that wait compare it.
        try:
            os.pwrite(handle, b".", os.fstat(handle).st_size)
        except OSError:
            pass  # a full disk, or not a file: others wait longer
        raise
