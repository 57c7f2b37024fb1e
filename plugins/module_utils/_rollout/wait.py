# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wait until a rollout has settled. Pure but for the clock that it is given, and private to this collection."""

from __future__ import annotations

import random
import time
import typing as t
from dataclasses import dataclass, field

from .._errors import quote
from . import judge, messages

if t.TYPE_CHECKING:
    from .._model.wait_options import WaitOptions
    from .judge import Observation, Verdict

SHORTEST_SLEEP = 0.75
MISSING_POLLS = 3
"""After so many polls in a row, what is missing from a settled product is not expected to appear."""
NOT_READY = "Not ready: "

Poll = t.Callable[[float], "tuple[Observation, Verdict, t.Sequence[str]]"]
"""Takes the seconds that a poll may last, and returns the observation, the verdict and warnings."""


class PollFailedError(Exception):
    """A poll without a result.

    Attributes:
        result: The failed result of the module that polled, or what is known of it.
    """

    def __init__(self, result: t.Mapping[str, t.Any]) -> None:
        self.message = str(result.get("msg") or result.get("exception") or "The poll ended without a result")
        super().__init__(self.message)
        self.retryable = bool(result.get("retryable"))
        # Without a response from AWS a fault lies on the way to it, such as in a metadata or credential service.
        self.may_pass = self.retryable or ("retryable" in result and "error" not in result)
        # A module that did not end by itself explains it in other ways.
        explained = "retryable" in result
        details = (
            ["error", "retryable", "unreachable", "boto3_version", "botocore_version", "traceback"]
            if explained
            else ["rc", "module_stdout", "module_stderr", "exception"]
        )
        self.details: dict[str, t.Any] = {name: result[name] for name in details if name in result}


@dataclass
class Result:
    """How a wait has ended."""

    outcome: str
    message: str
    elapsed: float
    polls: int
    observation: Observation
    warnings: t.Sequence[str] = ()
    details: t.Mapping[str, t.Any] = field(default_factory=dict)
    """Of the failed poll that has ended the wait."""

    def as_dict(self) -> dict[str, t.Any]:
        """Return the result of the module and of the action."""
        result: dict[str, t.Any] = {
            "changed": False,
            "outcome": self.outcome,
            "ready": self.outcome == "ready",
            "elapsed": int(self.elapsed),
            "polls": self.polls,
            **self.observation,
            **self.details,
        }
        if self.message:
            result["msg"] = self.message
        # Ansible reports a host as failed, not as unreachable, if the result is both.
        if self.outcome not in ("ready", "not_ready") and not result.get("unreachable"):
            result["failed"] = True
        return result


def poll_once(poll: Poll, options: WaitOptions) -> Result:
    """Poll once, as in check mode: a rollout that is not ready is not a failure."""
    try:
        observation, verdict, warnings = poll(options.timeout + options.sleep)
    except PollFailedError as e:
        return Result("call_failed", e.message, 0, 1, judge.EMPTY, details=e.details)
    is_ready = verdict.outcome == "ready"
    message = "" if is_ready else f"{NOT_READY}{verdict.message}"
    return Result("ready" if is_ready else "not_ready", message, 0, 1, observation, warnings)


def wait(
    poll: Poll,
    options: WaitOptions,
    show: t.Callable[[str], None],
    *,
    clock: t.Callable[[], float] = time.monotonic,
    pause: t.Callable[[float], None] = time.sleep,
) -> Result:
    """Poll until the rollout has settled or failed, or the time is up; the last poll is at the end of the time.

    A failed poll is repeated if the fault may pass: always if retrying may succeed, and after a good poll also without
    any response from AWS.

    Args:
        poll: Polls once. The time left, and one sleep more, limits each poll.
        options: The options of the wait.
        show: Takes a progress line, for each change and at least every ``report_every`` seconds.
        clock: Returns seconds.
        pause: Sleeps for some seconds.
    """
    return _Wait(poll, options, show, clock, pause).run()


class _Wait:
    def __init__(
        self,
        poll: Poll,
        options: WaitOptions,
        show: t.Callable[[str], None],
        clock: t.Callable[[], float],
        pause: t.Callable[[float], None],
    ) -> None:
        self._poll, self._options, self._clock, self._pause = poll, options, clock, pause
        self._reporter = _Reporter(show, options.report_every)
        self._began = clock()
        self._polls = 0
        self._missing_polls = 0
        self._observation = judge.EMPTY
        self._warnings: t.Sequence[str] = ()
        self._verdict: Verdict | None = None

    def run(self) -> Result:
        self._pause(min(self._options.delay, self._options.timeout))
        while True:
            failure = self._poll_once()
            if failure is not None and not (failure.retryable or (failure.may_pass and self._verdict is not None)):
                return self._result("call_failed", failure.message, failure.details)
            if failure is None and self._verdict is not None and self._has_ended(self._verdict):
                return self._result(self._verdict.outcome, self._verdict.message)
            left = self._options.timeout - self._elapsed()
            if left <= 0:
                return self._timed_out(failure)
            # Waits that began together do not poll together.
            self._pause(min(self._options.sleep * random.uniform(SHORTEST_SLEEP, 1), left))

    def _poll_once(self) -> PollFailedError | None:
        self._polls += 1
        limit = max(self._options.timeout - self._elapsed(), 0) + self._options.sleep
        try:
            self._observation, self._verdict, self._warnings = self._poll(limit)
        except PollFailedError as e:
            self._reporter.failed(e.message, self._elapsed())
            return e
        self._missing_polls = self._missing_polls + 1 if self._verdict.outcome == "missing" else 0
        self._reporter.polled(self._observation, self._elapsed())
        return None

    def _has_ended(self, verdict: Verdict) -> bool:
        return verdict.outcome == "ready" or verdict.is_failure or self._missing_polls >= MISSING_POLLS

    def _timed_out(self, failure: PollFailedError | None) -> Result:
        timeout = self._options.timeout
        start = f"Timed out after {messages.duration(timeout)}: " if timeout else ""
        if self._verdict is None:
            # Without any verdict the last poll has failed.
            failure = t.cast("PollFailedError", failure)
            return self._result("call_failed", start + failure.message, failure.details)
        message = (start or NOT_READY) + self._verdict.message
        if failure is not None:
            return self._result("timed_out", f"{message}; the last poll failed: {failure.message}", failure.details)
        return self._result("missing" if self._verdict.outcome == "missing" else "timed_out", message)

    def _elapsed(self) -> float:
        return self._clock() - self._began

    def _result(self, outcome: str, message: str, details: t.Mapping[str, t.Any] | None = None) -> Result:
        return Result(outcome, message, self._elapsed(), self._polls, self._observation, self._warnings, details or {})


class _Reporter:
    """Shows what has changed, and something at least every so many seconds."""

    def __init__(self, show: t.Callable[[str], None], report_every: float) -> None:
        self._show, self._report_every = show, report_every
        self._lines: dict[str, str] = {}
        self._last_shown = 0.0

    def polled(self, observation: Observation, elapsed: float) -> None:
        is_due = self._is_due(elapsed)
        for product in observation["provisioned_products"]:
            line = messages.progress(product, observation["not_current"])
            if is_due or self._lines.get(product["id"]) != line:
                self._lines[product["id"]] = line
                self._report(line, elapsed)
        if not observation["provisioned_products"] and is_due:
            self._report("No selected provisioned product exists yet", elapsed)

    def failed(self, message: str, elapsed: float) -> None:
        line = f"The poll failed: {quote(message)}"
        if self._is_due(elapsed) or self._lines.get("") != line:
            self._lines[""] = line
            self._report(line, elapsed)

    def _is_due(self, elapsed: float) -> bool:
        return bool(self._report_every) and elapsed - self._last_shown >= self._report_every

    def _report(self, line: str, elapsed: float) -> None:
        self._last_shown = elapsed
        self._show(f"{line} ({messages.duration(elapsed)})")
