# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.summary import summarize
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._rollout import messages


def row(account: int, reason: str | None, status: str = "OUTDATED", detailed_status: str | None = "FAILED") -> t.Any:
    """Return a stack instance from CloudFormation."""
    return {
        "provisioned_product_id": "pp-a",
        "provisioned_product_name": "guardrails",
        "account": f"{account:012d}",
        "region": "eu-west-1",
        "stack_instance_status": status,
        "detailed_status": detailed_status,
        "status_reason": reason,
    }


@pytest.mark.parametrize(
    ("reasons", "grouped"),
    [
        (["No role.", "No role."], [("No role.", 2)]),
        (["Account 000000000001 is closed", "Account 000000000001 is closed"], [("Account 000000000001 is closed", 2)]),
        (["Account 000000000001 is closed", "Account 000000000002 is closed"], [("Account <account> is closed", 2)]),
        (["exists in eu-west-1", "exists in ap-southeast-2"], [("exists in <region>", 2)]),
        (
            [
                f"Rate exceeded (Request ID: 0a1b2c3d-1111-2222-3333-44445555666{number}, attempt 1)"
                for number in range(2)
            ],
            [("Rate exceeded (Request ID: <id>, attempt 1)", 2)],
        ),
        ([None, None, ""], [(None, 3)]),
        (["1234567890123 items", "1234567890124 items"], [("1234567890123 items", 1), ("1234567890124 items", 1)]),
        (["b", "a", "b"], [("b", 2), ("a", 1)]),
    ],
)
def test_reasons_that_differ_by_account_or_region_are_one(
    reasons: list[str | None], grouped: list[tuple[str | None, int]]
) -> None:
    found = messages.group_by_reason([row(number, reason) for number, reason in enumerate(reasons)], 100)
    assert [(reason["status_reason"], reason["count"]) for reason in found] == grouped


def test_the_worst_and_largest_group_is_first() -> None:
    rows = [
        row(1, "slow", detailed_status="PENDING"),
        *[row(number, "common") for number in range(2, 6)],
        row(7, "rare"),
        row(8, "stuck", "INOPERABLE", "INOPERABLE"),
        row(9, None, "MISSING", None),
    ]
    found = messages.group_by_reason(rows, 3)
    assert [(reason["status"], reason["detailed_status"], reason["count"]) for reason in found] == [
        ("INOPERABLE", "INOPERABLE", 1),
        ("MISSING", None, 1),
        ("OUTDATED", "FAILED", 4),
        ("OUTDATED", "FAILED", 1),
        ("OUTDATED", "PENDING", 1),
    ]
    assert found[2]["targets"] == ["000000000002 eu-west-1", "000000000003 eu-west-1", "000000000004 eu-west-1"]


def test_targets_name_the_product_if_there_are_several() -> None:
    other = {**row(2, "x"), "provisioned_product_id": "pp-b", "provisioned_product_name": None}
    [reason] = messages.group_by_reason([row(1, "x"), other], 5, with_product=True)
    assert reason["targets"] == ["guardrails 000000000001 eu-west-1", "pp-b 000000000002 eu-west-1"]


def test_many_reasons_are_combined_by_status_so_that_a_result_stays_small() -> None:
    reasons = messages.group_by_reason([row(number, f"reason of stack {number}") for number in range(8000)], 100)
    assert len(reasons) == messages.MOST_REASONS + 1
    assert reasons[-1]["status_reason"] is None
    assert sum(reason["count"] for reason in reasons) == 8000


def test_a_message_names_the_first_few_groups_and_counts_the_rest() -> None:
    reasons = messages.group_by_reason([row(number, f"reason {chr(97 + number)}") for number in range(8)], 100)
    assert messages.reasons_text(reasons) == (
        "; ".join(f"1 FAILED: reason {chr(97 + n)} ({n:012d} eu-west-1)" for n in range(5))
        + "; and 3 more for other reasons"
    )


@pytest.mark.parametrize("most_targets", [0, 1, 3, 100])
def test_a_message_counts_the_targets_that_it_does_not_name(most_targets: int) -> None:
    reasons = messages.group_by_reason([row(number, "No role") for number in range(5)], most_targets)
    named = ", ".join(f"{number:012d} eu-west-1" for number in range(min(most_targets, 3)))
    more = 5 - min(most_targets, 3)
    expected = f"No role ({named}, and {more} more)" if named else "No role (5)"
    assert messages.reasons_text(reasons) == expected


@given(st.lists(st.builds(row, st.integers(0, 10**12 - 1), st.text(max_size=600)), min_size=1, max_size=30))
def test_messages_are_bounded_and_groups_complete(rows: list[t.Any]) -> None:
    reasons = messages.group_by_reason(rows, 2)
    assert sum(reason["count"] for reason in reasons) == len(rows)
    text = messages.not_current_text(reasons, len(rows), len(rows), 0)
    assert text.isprintable()
    assert len(text) < 2500


def product(rows: list[t.Any], status: str = "AVAILABLE", **summary: int) -> t.Any:
    """Return a product with the counts of these rows."""
    return {"id": "pp-a", "name": "guardrails", "status": status, "summary": {**summarize(rows), **summary}}


PLAIN = [{"stack_instance_status": status} for status in ("CURRENT", "OUTDATED", "OUTDATED", "INOPERABLE", "PAUSED")]


@pytest.mark.parametrize(
    ("described", "line"),
    [
        (product(PLAIN[:1]), "guardrails (pp-a): 1 of 1 CURRENT"),
        (product([]), "guardrails (pp-a): 0 of 0 CURRENT"),
        (
            product(PLAIN, "UNDER_CHANGE"),
            "guardrails (pp-a): 1 of 5 CURRENT, 1 INOPERABLE, 2 OUTDATED, 1 in another status; product UNDER_CHANGE",
        ),
        (
            product([*PLAIN[:1], {"stack_instance_status": "MISSING"}]),
            "guardrails (pp-a): 1 of 2 CURRENT, 1 MISSING",
        ),
        (
            product(
                [
                    row(1, None, "CURRENT", "SUCCEEDED"),
                    row(2, None, detailed_status="PENDING"),
                    row(3, None),
                    row(4, None, detailed_status="RUNNING"),
                ]
            ),
            "guardrails (pp-a): 1 of 4 CURRENT, 1 FAILED, 1 PENDING, 1 RUNNING",
        ),
        (
            product([row(1, None, detailed_status="SUCCEEDED")]),
            "guardrails (pp-a): 0 of 1 CURRENT, 1 OUTDATED",
        ),
    ],
)
def test_progress(described: t.Any, line: str) -> None:
    assert messages.progress(described) == line


def test_progress_names_a_few_accounts() -> None:
    rows = [{**row(number, None), "account_name": f"team {number}"} for number in range(5)]
    line = messages.progress(product(rows[:1]), rows[:1])
    assert line == "guardrails (pp-a): 0 of 1 CURRENT, 1 FAILED; not current in team 0 (000000000000)"
    line = messages.progress(product(rows), rows)
    assert line.endswith("team 0 (000000000000), team 1 (000000000001), team 2 (000000000002), and others")


def test_targets_have_the_names_of_accounts_on_one_line() -> None:
    named = {**row(1, None), "account_name": "{{ 1/0 }}\n<b>\x1b[31m" * 20}
    [reason] = messages.group_by_reason([named], 1)
    assert reason["targets"][0].startswith("{{ 1/0 }} <b> [31m{{")
    assert reason["targets"][0].endswith("... (000000000001) eu-west-1")
    assert reason["targets"][0].isprintable()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (59.9, "59s"), (60, "1m0s"), (90, "1m30s"), (3600, "1h0m0s"), (7500, "2h5m0s")]
)
def test_duration(seconds: float, text: str) -> None:
    assert messages.duration(seconds) == text


@given(st.lists(st.text(max_size=400), max_size=30))
def test_progress_is_bounded(statuses: list[str]) -> None:
    rows = [row(number, None, detailed_status=status) for number, status in enumerate(statuses)]
    line = messages.progress(product(rows, "{{ 1/0 }}\n\x1b[31m" * 500))
    assert line.isprintable()
    assert len(line) < 2000


def test_many_statuses_are_counted_together_in_progress() -> None:
    rows = [row(number, None, detailed_status=f"NEW_{number:02d}") for number in range(30)]
    counts = ", ".join(f"1 NEW_{number:02d}" for number in range(10))
    assert messages.progress(product(rows)) == f"guardrails (pp-a): 0 of 30 CURRENT, {counts}, 20 in another status"


def test_many_statuses_are_named_together_in_messages() -> None:
    rows = [row(number, None, detailed_status=f"NEW_{number:02d}") for number in range(30)]
    text = messages.not_current_text(messages.group_by_reason(rows, 1), 30, 30, 0)
    assert text.startswith(
        "30 of 30 stack instances NEW_00, NEW_01, NEW_02, NEW_03, NEW_04 or in another status (0 tolerated): 1 NEW_00 ("
    )
    assert text.endswith("; and 25 more for other reasons")


@pytest.mark.parametrize(("count", "text"), [(0, ""), (1, "0"), (5, "0; 1; 2; 3; 4"), (6, "0; 1; 2; 3; 4; and 1 more")])
def test_the_first_few_parts_are_named(count: int, text: str) -> None:
    assert messages.first_few([str(number) for number in range(count)]) == text
