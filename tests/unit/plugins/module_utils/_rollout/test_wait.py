# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.wait_options import WaitOptions
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._rollout.judge import EMPTY, Verdict
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._rollout.wait import (
    PollFailedError,
    poll_once,
    wait,
)

READY = Verdict("ready")
WAITING = Verdict("waiting", "still changing")
MISSING = Verdict("missing", "one is missing")
FAILED = Verdict("instances_failed", "it failed")
THROTTLED = {
    "msg": "Slow",
    "retryable": True,
    "outcome": "call_failed",
    "error": {"code": "Throttling", "message": "x"},
}
LOST = {"msg": "Lost", "retryable": True, "outcome": "call_failed"}
NO_CREDENTIALS = {"msg": "No credentials", "retryable": False, "outcome": "call_failed"}
DENIED = {
    "msg": "Denied",
    "retryable": False,
    "outcome": "call_failed",
    "error": {"code": "AccessDenied", "message": "x"},
}
CRASHED = {"msg": "MODULE FAILURE", "rc": 1, "module_stderr": "Traceback", "exception": "Traceback"}
UNREACHABLE = {"msg": "No route", "retryable": False, "unreachable": True}


class Scenario:
    """Polls with prepared results, on a clock that only moves while something sleeps or polls."""

    def __init__(self, *results: Verdict | dict[str, t.Any], poll_seconds: float = 0) -> None:
        self._results = list(results)
        self._poll_seconds = poll_seconds
        self.now = 0.0
        self.lines: list[str] = []
        self.limits: list[float] = []
        self.pauses: list[float] = []

    def poll(self, limit: float) -> t.Any:
        """Return the next result; the last one is returned again and again."""
        self.limits.append(limit)
        self.now += self._poll_seconds
        result = self._results.pop(0) if len(self._results) > 1 else self._results[0]
        if isinstance(result, dict):
            raise PollFailedError(result)
        observation = {**EMPTY, "provisioned_products": [self.product(result)]}
        return observation, result, [f"warning {len(self.limits)}"]

    def product(self, verdict: Verdict) -> t.Any:
        """Return a product whose progress line contains the outcome."""
        return {"id": "pp-a", "name": None, "status": verdict.outcome, "summary": EMPTY["summary"]}

    def pause(self, seconds: float) -> None:
        """Sleep."""
        self.pauses.append(seconds)
        self.now += seconds

    def wait(self, **options: t.Any) -> dict[str, t.Any]:
        """Wait, and return the result."""
        given = WaitOptions(**{"timeout": 100, "sleep": 10, **options})
        return wait(self.poll, given, self.lines.append, clock=lambda: self.now, pause=self.pause).as_dict()


@pytest.mark.parametrize(
    ("results", "outcome", "polls"),
    [
        ([READY], "ready", 1),
        ([WAITING, READY], "ready", 2),
        ([FAILED], "instances_failed", 1),
        ([WAITING, FAILED], "instances_failed", 2),
        ([MISSING, MISSING, MISSING], "missing", 3),
        ([MISSING, MISSING, WAITING, MISSING, MISSING, READY], "ready", 6),
        ([MISSING, MISSING, READY], "ready", 3),
        ([DENIED], "call_failed", 1),
        ([WAITING, DENIED], "call_failed", 2),
        ([NO_CREDENTIALS], "call_failed", 1),
        ([WAITING, NO_CREDENTIALS, READY], "ready", 3),
        ([CRASHED], "call_failed", 1),
        ([WAITING, CRASHED], "call_failed", 2),
        ([UNREACHABLE], "call_failed", 1),
        ([WAITING, UNREACHABLE, READY], "ready", 3),
        ([LOST, LOST, READY], "ready", 3),
        ([THROTTLED, READY], "ready", 2),
        ([THROTTLED, DENIED], "call_failed", 2),
        ([MISSING, LOST, MISSING, MISSING], "missing", 4),
    ],
)
def test_outcome(results: list[t.Any], outcome: str, polls: int) -> None:
    result = Scenario(*results).wait(timeout=1000)
    assert (result["outcome"], result["polls"]) == (outcome, polls)
    assert result["ready"] == (outcome == "ready")
    unreachable = results[-1] is UNREACHABLE
    assert result.get("failed", False) == (outcome != "ready" and not unreachable)
    assert result.get("unreachable", False) == unreachable
    assert result["changed"] is False


@pytest.mark.parametrize(
    ("results", "timeout", "outcome", "message"),
    [
        ([WAITING], 90, "timed_out", "Timed out after 1m30s: still changing"),
        ([WAITING], 0, "timed_out", "Not ready: still changing"),
        ([MISSING], 0, "missing", "Not ready: one is missing"),
        ([MISSING], 5, "missing", "Timed out after 5s: one is missing"),
        ([LOST], 0, "call_failed", "Lost"),
        ([LOST], 60, "call_failed", "Timed out after 1m0s: Lost"),
        ([WAITING, LOST], 60, "timed_out", "Timed out after 1m0s: still changing; the last poll failed: Lost"),
        ([READY], 0, "ready", None),
    ],
)
def test_the_time_is_up(results: list[t.Any], timeout: int, outcome: str, message: str | None) -> None:
    scenario = Scenario(*results)
    result = scenario.wait(timeout=timeout)
    assert (result["outcome"], result.get("msg")) == (outcome, message)
    assert scenario.now == pytest.approx(timeout if outcome != "ready" else 0)


def test_an_error_of_aws_is_a_part_of_the_result() -> None:
    result = Scenario(DENIED).wait()
    assert (result["msg"], result["error"], result["retryable"]) == ("Denied", DENIED["error"], False)


def test_a_crash_is_a_part_of_the_result() -> None:
    result = Scenario(CRASHED).wait()
    assert (result["rc"], result["module_stderr"], result["exception"]) == (1, "Traceback", "Traceback")


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ({"exception": "Traceback: it broke", "rc": 1}, "Traceback: it broke"),
        ({"rc": 1}, "The poll ended without a result"),
        ({"msg": "boto3 is missing", "exception": "x"}, "boto3 is missing"),
    ],
)
def test_a_poll_without_a_message_is_explained(result: dict[str, t.Any], message: str) -> None:
    assert Scenario(result).wait()["msg"] == message


def test_the_time_left_and_one_sleep_limit_each_poll() -> None:
    scenario = Scenario(WAITING, poll_seconds=5)
    scenario.wait(timeout=30, sleep=10)
    assert scenario.limits[0] == 40
    assert scenario.limits == sorted(scenario.limits, reverse=True)
    assert all(limit >= 10 for limit in scenario.limits)
    assert all(7.5 <= pause <= 10 for pause in scenario.pauses[1:-1])
    assert scenario.now <= 30 + 5


def test_the_delay_comes_first_and_is_a_part_of_the_timeout() -> None:
    scenario = Scenario(WAITING)
    scenario.wait(timeout=30, delay=60)
    assert scenario.pauses[0] == 30
    assert scenario.now == 30


def test_only_changes_are_shown() -> None:
    scenario = Scenario(WAITING, WAITING, MISSING, WAITING, WAITING, READY)
    scenario.wait(timeout=1000, report_every=0)
    assert [line.split(" product ")[1].split(" ")[0] for line in scenario.lines] == [
        "waiting",
        "missing",
        "waiting",
        "ready",
    ]
    assert scenario.lines[0] == "pp-a: 0 of 0 CURRENT; product waiting (0s)"


@pytest.mark.parametrize("result", [WAITING, LOST])
def test_a_line_is_shown_at_least_every_so_many_seconds(result: t.Any) -> None:
    scenario = Scenario(result)
    scenario.wait(timeout=1000, sleep=10, report_every=100)
    assert 8 <= len(scenario.lines) <= 11
    silent = Scenario(result)
    silent.wait(timeout=1000, sleep=10, report_every=0)
    assert len(silent.lines) == 1


def test_a_failed_poll_is_shown_once_on_one_line() -> None:
    scenario = Scenario(WAITING, {**LOST, "msg": "Lost\nconnection"}, {**LOST, "msg": "Lost\nconnection"}, READY)
    scenario.wait(timeout=1000, report_every=0)
    assert [line.partition(" (")[0] for line in scenario.lines][1] == "The poll failed: Lost connection"
    assert len(scenario.lines) == 3


def test_the_warnings_are_those_of_the_last_good_poll() -> None:
    scenario = Scenario(WAITING, READY)
    given = WaitOptions(timeout=100, sleep=10)
    result = wait(scenario.poll, given, scenario.lines.append, clock=lambda: scenario.now, pause=scenario.pause)
    assert result.warnings == ["warning 2"]


@pytest.mark.parametrize(
    ("result", "outcome", "failed", "message"),
    [
        (READY, "ready", False, None),
        (WAITING, "not_ready", False, "Not ready: still changing"),
        (FAILED, "not_ready", False, "Not ready: it failed"),
        (MISSING, "not_ready", False, "Not ready: one is missing"),
        (DENIED, "call_failed", True, "Denied"),
        (THROTTLED, "call_failed", True, "Slow"),
    ],
)
def test_check_mode_polls_once(result: t.Any, outcome: str, failed: bool, message: str | None) -> None:
    scenario = Scenario(result)
    found = poll_once(scenario.poll, WaitOptions(timeout=50, sleep=10)).as_dict()
    assert (found["outcome"], found.get("failed", False), found.get("msg")) == (outcome, failed, message)
    assert (found["polls"], found["elapsed"], scenario.limits) == (1, 0, [60])
