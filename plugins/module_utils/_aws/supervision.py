# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time limits for work that waits for the network. Private to this collection.

botocore's read timeout limits the wait for each piece of a response. An endpoint that sends one byte a second keeps a
request alive forever, and one that stays silent holds it for the timeout times the attempts.
"""

from __future__ import annotations

import contextlib
import contextvars
import getpass
import queue
import threading
import time
import typing as t
import warnings
from dataclasses import dataclass

from .._errors import OutOfTimeError

Result = t.TypeVar("Result")

CALL_SECONDS = 300.0
"""The longest that one API call may last, its retries included."""

_CHECK_SECONDS = 0.5
_ADVICE = "If the fleet is large, increase timeout or sleep, or set source=cloudformation."


@dataclass
class _Call:
    """An API call in progress."""

    began: float
    description: str
    requests: int = 0
    fault: str = ""


class Watch:
    """The API calls in progress of one piece of work, in any of its threads.

    Args:
        show_retry: Takes a line for each retry, from any thread.
    """

    def __init__(self, show_retry: t.Callable[[str], None] | None = None) -> None:
        self._calls: dict[int, _Call] = {}
        self._show_retry = show_retry
        self._last = ""
        self.last_fault = ""
        """Why the last attempt of a call failed, for a message."""

    @contextlib.contextmanager
    def call(self, description: str = "") -> t.Iterator[None]:
        """Note that this thread waits for an API call, which completes the sentence "Failed to ..."."""
        self._last = description
        thread = threading.get_ident()
        self._calls[thread] = _Call(time.monotonic(), description)
        try:
            yield
        finally:
            del self._calls[thread]

    def failed(self, fault: str) -> None:
        """Note why an attempt of this thread's call failed, if another attempt may follow."""
        self.last_fault = fault
        call = self._calls.get(threading.get_ident())
        if call is not None:
            call.fault = fault

    def sending(self) -> None:
        """Note an attempt of this thread's call; all but the first are retries."""
        call = self._calls.get(threading.get_ident())
        if call is None:
            return
        call.requests += 1
        if call.requests > 1 and self._show_retry is not None:
            reason = f": {call.fault}" if call.fault else ""
            self._show_retry(f"Retry {call.requests - 1} to {call.description}{reason}")

    @property
    def failure(self) -> str:
        """The start of a message about the oldest call in progress or, between calls, about the last one."""
        oldest = min(list(self._calls.values()), key=lambda call: call.began, default=None)
        description = oldest.description if oldest else self._last
        return f"Failed to {description}: " if description else ""

    def longest(self) -> float:
        """Return for how many seconds the oldest call in progress has lasted."""
        now = time.monotonic()
        return now - min((call.began for call in list(self._calls.values())), default=now)


@contextlib.contextmanager
def without_prompts() -> t.Iterator[None]:
    """Make botocore's prompt for the MFA code of a profile an error without a terminal; it would read other input."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        yield


def supervise(
    work: t.Callable[[Watch], Result],
    seconds: float | None = None,
    show_retry: t.Callable[[str], None] | None = None,
) -> Result:
    """Run work in a thread of its own, and stop waiting for it when it takes too long.

    A thread cannot be stopped, so that what hangs is left behind in a daemon thread, which ends with the process.

    Args:
        work: The work. It notes its API calls in the watch that it gets.
        seconds: The time limit of all of it, in addition to that of each API call.
        show_retry: Takes a line for each retry of an API call.

    Raises:
        OutOfTimeError: The time limit is exceeded.
        Exception: What the work raises.
    """
    watch = Watch(show_retry)
    ended: queue.SimpleQueue[tuple[Result | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            ended.put((work(watch), None))
        except BaseException as e:
            ended.put((None, e))

    with without_prompts():
        # Ansible keeps the context of a task in context variables.
        threading.Thread(target=contextvars.copy_context().run, args=(run,), daemon=True).start()
        return _wait(watch, ended, seconds)


def _wait(
    watch: Watch, ended: queue.SimpleQueue[tuple[Result | None, BaseException | None]], seconds: float | None
) -> Result:
    deadline = float("inf") if seconds is None else time.monotonic() + seconds
    while True:
        left = deadline - time.monotonic()
        try:
            result, error = ended.get(timeout=max(0.001, min(_CHECK_SECONDS, left)))
        except queue.Empty:
            _check(watch, seconds, left)
            continue
        if error is not None:
            raise error
        return t.cast("Result", result)


def _check(watch: Watch, seconds: float | None, left: float) -> None:
    fault = f"; the last failed attempt: {watch.last_fault}" if watch.last_fault else ""
    if left <= 0:
        raise OutOfTimeError(f"{watch.failure}AWS did not respond completely within {seconds:.0f} s{fault}. {_ADVICE}")
    if watch.longest() > CALL_SECONDS:
        late = f"the API call did not end within {CALL_SECONDS:.0f} s{fault}"
        raise OutOfTimeError(f"{watch.failure}{late}. Check endpoint_url.")
