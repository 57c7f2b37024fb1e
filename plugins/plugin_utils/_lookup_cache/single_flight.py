# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One process works, and those that need the same result wait for it. Private to this collection."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
import typing as t

Result = t.TypeVar("Result")
Progress = t.Callable[[], None]

POLL_SECONDS = 0.05
# Longer than a request and the pause before it, which is at most 20 seconds.
STALL_SECONDS = 30.0
# For how long a result that was not stored makes others work concurrently.
NOTE_SECONDS = 60.0


def one_at_a_time(
    path: str,
    find: t.Callable[[], Result | None],
    work: t.Callable[[Progress], tuple[Result, bool]],
    warn: t.Callable[[str], None],
    limit: float = float("inf"),
) -> Result:
    """Return the result that ``find`` returns or, if that is None, the result of ``work``.

    The lock only saves work; no result depends on it. The kernel releases it when its holder ends, and another process
    takes over. Processes do not wait, but work concurrently, if the holder makes no progress for STALL_SECONDS, or if
    the last result was not stored, as after an error.

    Args:
        path: The lock file of the result. It exists while a process works, and after a result was not stored.
        find: Returns the stored result or None.
        work: Makes the result, and stores it where ``find`` of other processes finds it. Returns the result and whether
            it was stored. Calls its argument whenever it makes progress.
        warn: Shows a warning.
        limit: The number of seconds after which the result of a holder is too old.

    Raises:
        Exception: What ``work`` raises.
    """
    result = find()
    if result is not None:
        return result
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError:
        return work(lambda: None)[0]
    try:
        while not _is_noted(handle):
            is_holder = _lock(handle)
            is_over = not is_holder and _wait(handle, limit, warn)
            # Another process may have stored it since then.
            result = find()
            if result is not None:
                if is_holder:
                    _remove(path)
                return result
            if is_holder:
                _write_note(handle, b"")
            if not is_over:
                break
        return _noted_work(path, handle, work)
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


def _wait(handle: int, limit: float, warn: t.Callable[[str], None]) -> bool:
    """Wait until the holder ends, and return False if its result is too old, or it makes no progress."""
    last, since = 0, time.monotonic()
    began = since
    while not _is_noted(handle):
        if _lock(handle):
            # All that wait can find the result concurrently.
            fcntl.flock(handle, fcntl.LOCK_UN)
            return True
        now = time.monotonic()
        found = os.fstat(handle)
        if found.st_mtime_ns != last:
            last, since = found.st_mtime_ns, now
        if now - since > STALL_SECONDS:
            warn(f"Another process that lists the same stack instances had no response for {STALL_SECONDS:.0f} s")
            return False
        if now - began > limit or not found.st_nlink:
            return False  # a process that stores the result removes the lock file
        time.sleep(POLL_SECONDS)
    return True


def _noted_work(path: str, handle: int, work: t.Callable[[Progress], tuple[Result, bool]]) -> Result:
    """Work, and note in the lock file if the result was not stored."""

    def progress() -> None:
        with contextlib.suppress(OSError):
            os.utime(path, follow_symlinks=False)

    is_stored = False
    progress()
    try:
        result, is_stored = work(progress)
        return result
    finally:
        if is_stored:
            _remove(path)
        else:
            _write_note(handle, b"not stored")


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):  # removed by another process
        os.unlink(path)


def _is_noted(handle: int) -> bool:
    found = os.fstat(handle)
    return found.st_size > 0 and time.time() - found.st_mtime < NOTE_SECONDS


def _write_note(handle: int, note: bytes) -> None:
    with contextlib.suppress(OSError):  # a full disk, or not a file: others wait
        os.ftruncate(handle, 0)
        os.pwrite(handle, note, 0)
