# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import stack_instance as _stack_instance
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Selection


def row(
    product: str = "pp-a", account: str = "1", region: str = "eu-west-1", status: str = "CURRENT"
) -> dict[str, object]:
    answer = {"Account": account, "Region": region, "StackInstanceStatus": status}
    return _stack_instance.from_answers([answer], product, None, {})[0]


ROWS = st.lists(
    st.builds(
        row,
        st.sampled_from(["pp-a", "pp-b"]),
        st.sampled_from(["1", "2", "10"]),
        st.sampled_from(["eu-west-1", "us-east-1"]),
        st.sampled_from(["CURRENT", "OUTDATED", "INOPERABLE", "PAUSED"]),
    )
)


def test_a_row_has_the_documented_keys() -> None:
    answer = {"Account": "123456789012", "Region": "eu-west-1", "StackInstanceStatus": "NEW"}
    assert _stack_instance.from_answers([answer], "pp-a", "guardrails", {})[0] == {
        "provisioned_product_id": "pp-a",
        "provisioned_product_name": "guardrails",
        "account": "123456789012",
        "region": "eu-west-1",
        "stack_instance_status": "NEW",
    }


def test_a_row_from_cloudformation_has_the_documented_keys_too() -> None:
    entry = {
        "StackSetId": "SC-1:id",
        "Region": "eu-west-1",
        "Account": "123456789012",
        "StackId": "arn:stack",
        "Status": "OUTDATED",
        "StatusReason": "No role.",
        "StackInstanceStatus": {"DetailedStatus": "FAILED"},
        "OrganizationalUnitId": "ou-abcd-1",
        "DriftStatus": "IN_SYNC",
        "LastDriftCheckTimestamp": datetime(2026, 1, 15, 10, 0, tzinfo=timezone(timedelta(hours=2))),
        "LastOperationId": "op-1",
    }
    bare = {name: entry[name] for name in ("Account", "Region", "Status")}
    both = {
        "provisioned_product_id": "pp-a",
        "provisioned_product_name": "guardrails",
        "account": "123456789012",
        "region": "eu-west-1",
        "stack_instance_status": "OUTDATED",
    }
    assert _stack_instance.from_summaries([entry], "pp-a", "guardrails", {})[0] == {
        **both,
        "stack_id": "arn:stack",
        "stack_set_id": "SC-1:id",
        "detailed_status": "FAILED",
        "status_reason": "No role.",
        "organizational_unit_id": "ou-abcd-1",
        "drift_status": "IN_SYNC",
        "last_drift_check_timestamp": "2026-01-15T08:00:00+00:00",
        "last_operation_id": "op-1",
    }
    left_out = _stack_instance.from_summaries([bare], "pp-a", "guardrails", {})[0]
    assert {name: value for name, value in left_out.items() if value is not None} == both
    assert len(left_out) == 13


def test_rows_share_their_texts() -> None:
    texts: dict[str, str] = {}
    rows = []
    for _page in range(2):
        answer = json.loads('[{"Account": "123456789012", "Region": "eu-west-1", "StackInstanceStatus": "CURRENT"}]')
        rows += _stack_instance.from_answers(answer, "pp-a", None, texts)
    assert rows[0] == rows[1]
    assert all(rows[0][name] is rows[1][name] for name in rows[0])


def test_order_is_by_product_account_and_region() -> None:
    rows = [row("pp-b"), row("pp-a", "2"), row("pp-a", "1", "us-east-1"), row("pp-a", "1", "eu-west-1")]
    assert _stack_instance.in_order(rows) == rows[::-1]


def test_of_two_rows_of_one_instance_the_later_is_kept() -> None:
    assert _stack_instance.in_order([row(status="CURRENT"), row(status="OUTDATED")]) == [row(status="OUTDATED")]


@given(ROWS)
def test_order_keeps_every_instance_once(rows: list[dict[str, object]]) -> None:
    def place(r: dict[str, object]) -> tuple[object, ...]:
        return r["provisioned_product_id"], r["account"], r["region"]

    ordered = _stack_instance.in_order(rows)
    assert [place(r) for r in ordered] == sorted({place(r) for r in rows})
    assert _stack_instance.in_order(ordered[::-1]) == ordered


@pytest.mark.parametrize(
    ("selection", "kept"),
    [
        (Selection(), [0, 1, 2, 3]),
        (Selection(accounts=frozenset({"1"})), [0, 1]),
        (Selection(regions=frozenset({"us-east-1"})), [1, 3]),
        (Selection(statuses=frozenset({"OUTDATED", "INOPERABLE"})), [1, 2]),
        (Selection(accounts=frozenset({"1"}), statuses=frozenset({"OUTDATED"})), [1]),
        (Selection(accounts=frozenset()), []),
    ],
)
def test_filters_combine(selection: Selection, kept: list[int]) -> None:
    rows = [
        row(account="1", region="eu-west-1", status="CURRENT"),
        row(account="1", region="us-east-1", status="OUTDATED"),
        row(account="2", region="eu-west-1", status="INOPERABLE"),
        row(account="2", region="us-east-1", status="PAUSED"),
    ]
    assert _stack_instance.selected(rows, selection) == [rows[index] for index in kept]


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], (0, 0, 0, 0, False)),
        (["CURRENT"], (1, 1, 0, 0, True)),
        (["CURRENT", "OUTDATED", "OUTDATED", "INOPERABLE"], (4, 1, 2, 1, False)),
        (["CURRENT", "PAUSED"], (2, 1, 0, 0, False)),
    ],
)
def test_a_summary_counts_by_status(statuses: list[str], expected: tuple[object, ...]) -> None:
    rows = [row(account=str(number), status=status) for number, status in enumerate(statuses)]
    names = ("total", "current", "outdated", "inoperable", "all_current")
    assert _stack_instance.summary(rows) == dict(zip(names, expected))


def test_places_hold_all_that_is_there_and_the_worst_of_it() -> None:
    rows = [
        row("pp-a", "2", status="OUTDATED"),
        row("pp-a", "1"),
        row("pp-b", "2", status="INOPERABLE"),
        row("pp-b", "1", status="PAUSED"),
        row("pp-c", "1", "us-east-1"),
        row("pp-c", "2"),
    ]
    assert _stack_instance.by_place(rows) == [
        {"account": "1", "region": "eu-west-1", "stack_instance_status": "PAUSED", "stack_instances": rows[1:4:2]},
        {"account": "1", "region": "us-east-1", "stack_instance_status": "CURRENT", "stack_instances": [rows[4]]},
        {
            "account": "2",
            "region": "eu-west-1",
            "stack_instance_status": "INOPERABLE",
            "stack_instances": [rows[0], rows[2], rows[5]],
        },
    ]


@given(ROWS)
def test_places_hold_every_row_once(rows: list[dict[str, object]]) -> None:
    places = _stack_instance.by_place(rows)
    assert sorted(map(repr, rows)) == sorted(repr(r) for place in places for r in place["stack_instances"])
    assert len({(place["account"], place["region"]) for place in places}) == len(places)
