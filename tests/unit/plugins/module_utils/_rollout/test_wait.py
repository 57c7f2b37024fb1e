# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import SelectionError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import stack_instance as _stack_instance
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._rollout import wait as _rollout
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._rollout.wait import LookFailedError, Patience
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import stack_instance, summary_of

THROTTLED = {"msg": "Rate exceeded", "retryable": True, "error": {"code": "ThrottlingException", "message": "Slow"}}
LOST = {"msg": "Connection lost", "retryable": True}
BROKEN = {"msg": "No JSON", "rc": 127, "module_stderr": "python: not found", "invocation": {"module_args": {}}}
DENIED = {"msg": "Denied", "retryable": False, "error": {"code": "AccessDeniedException", "message": "No"}}


def look(*products: tuple[str, str]) -> _rollout.Look:
    """Products as (status, one letter for the status of each stack instance)."""
    names = {"C": "CURRENT", "O": "OUTDATED", "I": "INOPERABLE", "?": "PAUSED"}
    rows: list[dict[str, t.Any]] = []
    described = []
    for number, (status, letters) in enumerate(products):
        product = {"id": f"pp-{number}", "name": f"product{number}", "status": status, "status_message": "It broke."}
        mine = _stack_instance.from_answers(
            [stack_instance(index, names[letter]) for index, letter in enumerate(letters)], f"pp-{number}", None, {}
        )
        rows += mine
        described.append({**product, "summary": _stack_instance.summary(mine)})
    return _rollout.Look(described, rows)


# Every combination of a product's status, what its stack instances are, and a tolerance of none or of one.
WAITS, READY = "waits", "ready"
VERDICTS = {
    **{
        (status, letters, 0): "is TAINTED: It broke"
        for status, letters in itertools.product(["TAINTED"], ["", "C", "O"])
    },
    **{(status, letters, 1): "is ERROR: It broke" for status, letters in itertools.product(["ERROR"], ["", "C", "I"])},
    **{
        (status, letters, tolerance): WAITS
        for status in ("UNDER_CHANGE", "PLAN_IN_PROGRESS", "SOMETHING_NEW")
        for letters in ("", "C", "O", "I", "II", "?")
        for tolerance in (0, 1)
    },
    ("AVAILABLE", "", 0): "has no stack instance",
    ("AVAILABLE", "", 1): "has no stack instance",
    ("AVAILABLE", "C", 0): READY,
    ("AVAILABLE", "CCC", 1): READY,
    ("AVAILABLE", "CO", 0): WAITS,
    ("AVAILABLE", "CO", 1): READY,
    ("AVAILABLE", "COO", 1): WAITS,
    ("AVAILABLE", "C?", 0): WAITS,
    ("AVAILABLE", "C?", 1): READY,
    ("AVAILABLE", "CI", 0): "INOPERABLE, of which 0 are tolerated",
    ("AVAILABLE", "CI", 1): READY,
    ("AVAILABLE", "CII", 1): "INOPERABLE, of which 1 are tolerated",
    ("AVAILABLE", "COI", 1): WAITS,
    ("AVAILABLE", "COI", 2): READY,
}


@pytest.mark.parametrize(
    ("status", "letters", "tolerance", "expected"), [(*key, value) for key, value in VERDICTS.items()]
)
def test_one_look_is_judged(status: str, letters: str, tolerance: int, expected: str) -> None:
    verdict = _rollout.judge(look((status, letters)), Patience(failure_tolerance_count=tolerance))
    if expected in (WAITS, READY):
        assert verdict == _rollout.Verdict(ready=expected == READY)
    else:
        assert not verdict.ready
        assert expected in str(verdict.failure)


def told(*details: tuple[str, str, str | None], product_status: str = "AVAILABLE") -> _rollout.Look:
    """A product whose stack instances CloudFormation has told of, as (status, detailed status, reason)."""
    entries = [
        summary_of(number, status=status, StackInstanceStatus={"DetailedStatus": detail}, StatusReason=reason)
        for number, (status, detail, reason) in enumerate(details)
    ]
    rows = _stack_instance.from_summaries(entries, "pp-0", None, {})
    product = {"id": "pp-0", "name": None, "status": product_status, "summary": _stack_instance.summary(rows)}
    return _rollout.Look([product], rows)


DONE = ("CURRENT", "SUCCEEDED", None)
PENDING = ("OUTDATED", "PENDING", None)
FAILED = ("OUTDATED", "FAILED", "No\nrole.")
SUSPENDED = ("OUTDATED", "SKIPPED_SUSPENDED_ACCOUNT", None)


@pytest.mark.parametrize(
    ("details", "tolerance", "expected"),
    [
        ([DONE, PENDING], 0, WAITS),
        ([DONE, ("OUTDATED", "RUNNING", None)], 0, WAITS),
        ([DONE, ("OUTDATED", "SOMETHING_NEW", None)], 0, WAITS),
        ([DONE, ("OUTDATED", "", None)], 0, WAITS),
        ([DONE, ("CURRENT", "FAILED", None)], 0, READY),
        ([DONE, FAILED], 0, "1 of 2 stack instances is FAILED, of which 0 are tolerated; waiting does not help, "),
        ([DONE, FAILED], 0, "look after them: 000000000001 eu-west-1 OUTDATED (FAILED: No role)"),
        ([DONE, FAILED], 1, READY),
        ([PENDING, FAILED], 1, WAITS),
        ([DONE, FAILED, ("OUTDATED", "CANCELLED", None)], 1, "2 of 3 stack instances are CANCELLED or FAILED, of"),
        ([DONE, SUSPENDED], 0, "000000000001 eu-west-1 OUTDATED (SKIPPED_SUSPENDED_ACCOUNT)"),
        ([PENDING, SUSPENDED], 1, WAITS),
        ([DONE, SUSPENDED], 1, READY),
        ([DONE, ("OUTDATED", "FAILED_IMPORT", None)], 0, "is FAILED_IMPORT, of which 0 are tolerated"),
        ([("INOPERABLE", "INOPERABLE", "Delete failed")], 0, "000000000000 eu-west-1 INOPERABLE (Delete failed)"),
        ([("INOPERABLE", "FAILED", None)], 0, "1 of 1 stack instance is INOPERABLE, of which 0 are tolerated"),
    ],
)
def test_what_cloudformation_tells_ends_a_wait_that_is_in_vain(
    details: list[tuple[str, str, str | None]], tolerance: int, expected: str
) -> None:
    patience = Patience(failure_tolerance_count=tolerance)
    verdict = _rollout.judge(told(*details), patience)
    if expected in (WAITS, READY):
        assert verdict == _rollout.Verdict(ready=expected == READY)
    else:
        assert expected in str(verdict.failure)
    assert _rollout.judge(told(*details, product_status="UNDER_CHANGE"), patience) == _rollout.Verdict()


def test_a_timeout_tells_the_first_few_reasons_and_cuts_long_ones() -> None:
    world = World(told(PENDING, ("OUTDATED", "RUNNING", "x" * 1000), *[PENDING] * 5))
    message = str(world.wait(timeout=0).verdict.failure)
    assert "000000000000 eu-west-1 OUTDATED (PENDING), 000000000001 eu-west-1 OUTDATED (RUNNING: xxx" in message
    assert message.endswith("(PENDING) and 2 more")
    assert len(message) < 600
    assert world.wait(timeout=0).as_dict()["not_current"][1]["status_reason"] == "x" * 1000


@pytest.mark.parametrize(
    ("products", "expected"),
    [
        ((), "No provisioned product was found"),
        ((("AVAILABLE", "CC"), ("AVAILABLE", "C")), READY),
        ((("AVAILABLE", "CC"), ("UNDER_CHANGE", "C")), WAITS),
        ((("AVAILABLE", "CC"), ("UNDER_CHANGE", "I")), WAITS),
        ((("AVAILABLE", "CI"), ("UNDER_CHANGE", "C")), "1 of 3 stack instances is INOPERABLE"),
        ((("UNDER_CHANGE", "C"), ("TAINTED", "C")), "product1 (pp-1) is TAINTED"),
        ((("AVAILABLE", "C"), ("AVAILABLE", "")), "product1 (pp-1) has no stack instance"),
        ((("AVAILABLE", "C"), ("UNDER_CHANGE", "")), WAITS),
    ],
)
def test_several_products_settle_together(products: tuple[tuple[str, str], ...], expected: str) -> None:
    verdict = _rollout.judge(look(*products), Patience())
    if expected in (WAITS, READY):
        assert verdict == _rollout.Verdict(ready=expected == READY)
    else:
        assert expected in str(verdict.failure)


@pytest.mark.parametrize(
    ("count", "percentage", "total", "tolerated"),
    [(0, 0, 100, 0), (3, 0, 100, 3), (0, 5, 100, 5), (0, 5, 19, 0), (0, 5, 20, 1), (3, 5, 100, 5), (7, 5, 100, 7)],
)
def test_a_percentage_is_rounded_down_and_the_larger_tolerance_counts(
    count: int, percentage: int, total: int, tolerated: int
) -> None:
    patience = Patience(failure_tolerance_count=count, failure_tolerance_percentage=percentage)
    assert patience.tolerated(total) == tolerated


class World:
    """A clock that moves when somebody waits, and a script of looks."""

    def __init__(self, *looks: _rollout.Look | dict[str, t.Any]) -> None:
        self.looks = list(looks)
        self.now = 1000.0
        self.lines: list[str] = []

    def see(self) -> _rollout.Look:
        seen = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(seen, dict):
            raise LookFailedError(seen)
        return seen

    def pause(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds

    def wait(self, **patience: t.Any) -> _rollout.Outcome:
        return _rollout.wait(
            self.see, Patience(**patience), self.lines.append, clock=lambda: self.now, pause=self.pause
        )


def test_a_rollout_is_watched_to_its_end() -> None:
    world = World(
        look(("UNDER_CHANGE", "OOO")),
        look(("UNDER_CHANGE", "OOO")),
        look(("AVAILABLE", "COO")),
        look(("AVAILABLE", "CCC")),
    )
    outcome = world.wait(sleep=60)
    assert outcome.verdict.ready
    assert outcome.polls == 4
    assert 3 * 60 * _rollout.SHORTEST_SLEEP <= outcome.elapsed <= 3 * 60
    assert [line.rsplit(", ", 1)[0] for line in world.lines] == [
        "product0 (pp-0): 0 of 3 CURRENT, 3 OUTDATED, product UNDER_CHANGE",
        "product0 (pp-0): 1 of 3 CURRENT, 2 OUTDATED",
        "product0 (pp-0): 3 of 3 CURRENT",
    ]
    assert world.lines[0].endswith(", 0s")


def test_the_time_is_up_after_a_last_look_at_its_end() -> None:
    world = World(look(("AVAILABLE", "COOOOOO")))
    outcome = world.wait(timeout=100, delay=5, sleep=30)
    assert outcome.elapsed == 100
    result = outcome.as_dict()
    assert result["failed"] is True
    assert result["ready"] is False
    assert len(result["not_current"]) == 6
    assert result["msg"] == (
        "Timed out after 1m40s: 6 of 7 stack instances are not CURRENT, in 6 accounts and 1 Region:"
        " 000000000001 eu-west-1 OUTDATED, 000000000002 eu-west-1 OUTDATED, 000000000003 eu-west-1 OUTDATED,"
        " 000000000004 eu-west-1 OUTDATED, 000000000005 eu-west-1 OUTDATED and 1 more"
    )


def test_a_timeout_tells_of_a_product_that_still_changes() -> None:
    outcome = World(look(("UNDER_CHANGE", "C"))).wait(timeout=0)
    assert outcome.polls == 1
    assert outcome.verdict.failure == "Timed out after 0s: product product0 (pp-0) is UNDER_CHANGE"


@pytest.mark.parametrize("trouble", [THROTTLED, LOST])
def test_trouble_between_looks_is_lived_through(trouble: dict[str, t.Any]) -> None:
    world = World(look(("AVAILABLE", "O")), trouble, trouble, look(("AVAILABLE", "C")))
    outcome = world.wait()
    assert outcome.verdict.ready
    assert outcome.polls == 4
    assert trouble["msg"] in world.lines[1]


def test_trouble_that_stays_is_told_with_what_was_seen_before() -> None:
    outcome = World(look(("AVAILABLE", "CO")), LOST).wait(timeout=60)
    assert outcome.elapsed == 60
    assert str(outcome.verdict.failure).endswith(
        "000000000001 eu-west-1 OUTDATED; the last look failed: Connection lost"
    )
    assert len(outcome.as_dict()["not_current"]) == 1


@pytest.mark.parametrize(
    ("looks", "polls", "ready"),
    [
        ([THROTTLED, look(("AVAILABLE", "C"))], 2, True),
        ([LOST], 1, False),
        ([DENIED], 1, False),
        ([look(("AVAILABLE", "O")), DENIED], 2, False),
    ],
)
def test_only_trouble_that_may_pass_is_waited_for(looks: list[t.Any], polls: int, ready: bool) -> None:
    outcome = World(*looks).wait()
    assert (outcome.polls, outcome.verdict.ready) == (polls, ready)
    if looks[-1] is DENIED:
        assert outcome.as_dict()["error"]["code"] == "AccessDeniedException"
        assert outcome.as_dict()["msg"] == "Denied"


@pytest.mark.parametrize(
    ("seen", "ready"),
    [
        (look(("AVAILABLE", "C")), True),
        (look(("AVAILABLE", "O")), False),
        (look(("TAINTED", "C")), False),
        (look(("AVAILABLE", "I")), False),
        (look(), False),
    ],
)
def test_one_look_never_fails_for_what_it_shows(seen: _rollout.Look, ready: bool) -> None:
    result = _rollout.look_once(World(seen).see, Patience()).as_dict()
    assert result["ready"] is ready
    assert "failed" not in result


def test_a_module_that_did_not_run_is_told_of() -> None:
    result = World(BROKEN).wait().as_dict()
    assert (result["msg"], result["rc"], result["module_stderr"]) == ("No JSON", 127, "python: not found")
    assert "invocation" not in result


def test_one_look_fails_where_it_shows_nothing() -> None:
    assert _rollout.look_once(World(DENIED).see, Patience()).as_dict()["failed"] is True


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"timeout": -1}, "timeout must not be negative, but is -1"),
        ({"delay": -1}, "delay must not be negative"),
        ({"timeout": 2**63}, "timeout must be at most 31622400 seconds"),
        ({"delay": 10**5000}, "delay must be at most 31622400 seconds, but is an integer of 16610 bits"),
        ({"sleep": 2**63}, "sleep must be at most 31622400 seconds"),
        ({"sleep": 0}, "sleep must be at least 1 second, but is 0"),
        ({"failure_tolerance_count": -2}, "failure_tolerance_count must not be negative"),
        ({"failure_tolerance_percentage": 101}, "failure_tolerance_percentage must be at most 100, but is 101"),
    ],
    # pytest itself would write down each number.
    ids=itertools.count(),
)
def test_impossible_patience_is_one_sentence(options: dict[str, int], words: str) -> None:
    defaults = {name: option["default"] for name, option in _rollout.ARGUMENT_SPEC.items()}
    assert _rollout.patience_from_options(defaults) == Patience()
    with pytest.raises(SelectionError) as caught:
        _rollout.patience_from_options({**defaults, **options})
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (59.9, "59s"), (60, "1m0s"), (90, "1m30s"), (3600, "1h0m0s"), (7505, "2h5m5s")]
)
def test_durations_are_short(seconds: float, text: str) -> None:
    assert _rollout.duration(seconds) == text
