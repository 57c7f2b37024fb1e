# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import stack_instance
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Query
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.stack_instance import StackInstance


def row(
    product: str = "pp-a",
    account: str = "1",
    region: str = "eu-west-1",
    status: str = "CURRENT",
    detailed_status: str | None = None,
) -> StackInstance:
    """Return a stack instance, from CloudFormation if there is a detailed status."""
    entry = {"Account": account, "Region": region, "StackInstanceStatus": status}
    [made] = stack_instance.from_service_catalog([entry], product, None, {})
    return made if detailed_status is None else {**made, "detailed_status": detailed_status}


ROWS = st.lists(
    st.builds(
        row,
        st.sampled_from(["pp-a", "pp-b"]),
        st.sampled_from(["1", "2", "10"]),
        st.sampled_from(["eu-west-1", "us-east-1"]),
        st.sampled_from(["CURRENT", "OUTDATED", "INOPERABLE", "PAUSED"]),
        st.sampled_from([None, "SUCCEEDED", "PENDING", "FAILED", "NEW"]),
    )
)


def test_a_row_has_the_documented_keys() -> None:
    entry = {"Account": "123456789012", "Region": "eu-west-1", "StackInstanceStatus": "NEW"}
    assert stack_instance.from_service_catalog([entry], "pp-a", "guardrails", {})[0] == {
        "provisioned_product_id": "pp-a",
        "provisioned_product_name": "guardrails",
        "account": "123456789012",
        "region": "eu-west-1",
        "stack_instance_status": "NEW",
    }


def test_a_row_from_cloudformation_has_the_documented_keys() -> None:
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
    assert stack_instance.from_cloudformation([entry], "pp-a", "guardrails", {})[0] == {
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
    without_details = stack_instance.from_cloudformation([bare], "pp-a", "guardrails", {})[0]
    assert {name: value for name, value in without_details.items() if value is not None} == both
    assert len(without_details) == 13


def test_rows_share_their_strings() -> None:
    strings: dict[str, str] = {}
    rows = []
    for _page in range(2):
        entries = json.loads('[{"Account": "123456789012", "Region": "eu-west-1", "StackInstanceStatus": "CURRENT"}]')
        rows += stack_instance.from_service_catalog(entries, "pp-a", None, strings)
    assert rows[0] == rows[1]
    assert all(rows[0][name] is rows[1][name] for name in rows[0])


def test_rows_are_sorted_by_product_account_and_region() -> None:
    rows = [row("pp-b"), row("pp-a", "2"), row("pp-a", "1", "us-east-1"), row("pp-a", "1", "eu-west-1")]
    assert stack_instance.without_duplicates(rows) == rows[::-1]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (("CURRENT", None), ("OUTDATED", None)),
        (("CURRENT", None), ("PAUSED", None)),
        (("CURRENT", "FAILED"), ("OUTDATED", "SUCCEEDED")),
        (("PAUSED", None), ("OUTDATED", None)),
        (("OUTDATED", "PENDING"), ("OUTDATED", "FAILED")),
        (("OUTDATED", "SKIPPED_SUSPENDED_ACCOUNT"), ("OUTDATED", "RUNNING")),
        (("OUTDATED", "RUNNING"), ("OUTDATED", "PENDING")),
        (("OUTDATED", "PENDING"), ("OUTDATED", "NEW")),
        (("OUTDATED", "NEW"), ("OUTDATED", "CANCELLED")),
        (("OUTDATED", "FAILED"), ("INOPERABLE", None)),
        (("OUTDATED", "FAILED"), ("MISSING", None)),
        (("MISSING", None), ("INOPERABLE", "INOPERABLE")),
    ],
)
def test_the_worse_of_two_rows_is_kept(better: tuple[str, str | None], worse: tuple[str, str | None]) -> None:
    rows = [row(status=status, detailed_status=detailed) for status, detailed in (better, worse)]
    assert stack_instance.severity(rows[0]) < stack_instance.severity(rows[1])
    assert stack_instance.without_duplicates(rows) == [rows[1]]
    assert stack_instance.without_duplicates(rows[::-1]) == [rows[1]]


@pytest.mark.parametrize(
    ("status", "detailed_status", "expected"),
    [
        ("CURRENT", None, "CURRENT"),
        ("OUTDATED", "FAILED", "FAILED"),
        ("OUTDATED", "", "OUTDATED"),
        ("INOPERABLE", "FAILED", "INOPERABLE"),
        ("MISSING", None, "MISSING"),
        ("NEW", "NEWER", "NEWER"),
    ],
)
def test_the_status_as_precisely_as_known(status: str, detailed_status: str | None, expected: str) -> None:
    assert stack_instance.detail(row(status=status, detailed_status=detailed_status)) == expected


def identity(instance: StackInstance) -> tuple[str, str, str]:
    return instance["provisioned_product_id"], instance["account"], instance["region"]


@given(ROWS, st.randoms(use_true_random=False))
def test_each_stack_instance_is_kept_once_with_its_worst_row(rows: list[StackInstance], random: Random) -> None:
    kept = stack_instance.without_duplicates(rows)
    assert [identity(instance) for instance in kept] == sorted({identity(instance) for instance in rows})
    for instance in kept:
        same = [other for other in rows if identity(other) == identity(instance)]
        assert instance in same
        assert stack_instance.severity(instance) == max(map(stack_instance.severity, same))
    # The order in which AWS returns rows makes no difference to their statuses.
    random.shuffle(rows)
    assert list(map(stack_instance.severity, stack_instance.without_duplicates(rows))) == list(
        map(stack_instance.severity, kept)
    )
    assert stack_instance.without_duplicates(kept[::-1]) == kept


@given(ROWS)
def test_a_duplicate_never_makes_a_stack_instance_current(rows: list[StackInstance]) -> None:
    bad = {identity(instance) for instance in rows if instance["stack_instance_status"] != "CURRENT"}
    current = [one for one in stack_instance.without_duplicates(rows) if one["stack_instance_status"] == "CURRENT"]
    assert not bad & {identity(instance) for instance in current}


FOUR_ROWS = [
    row(account="1", region="eu-west-1", status="CURRENT", detailed_status="SUCCEEDED"),
    row(account="1", region="us-east-1", status="OUTDATED", detailed_status="FAILED"),
    row(account="2", region="eu-west-1", status="INOPERABLE"),
    row(account="2", region="us-east-1", status="PAUSED"),
]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        (Query(), [0, 1, 2, 3]),
        (Query(accounts=frozenset({"1"})), [0, 1]),
        (Query(accounts=frozenset()), []),
        (Query(exclude_accounts=frozenset({"1"})), [2, 3]),
        (Query(exclude_accounts=frozenset()), [0, 1, 2, 3]),
        (Query(accounts=frozenset({"1", "2"}), exclude_accounts=frozenset({"2", "3"})), [0, 1]),
        (Query(regions=frozenset({"us-east-1"})), [1, 3]),
        (Query(regions=frozenset()), []),
        (Query(accounts=frozenset({"1"}), regions=frozenset({"us-east-1"})), [1]),
        (Query(accounts=frozenset({"3"})), []),
    ],
)
def test_accounts_and_regions_limit_the_scope(query: Query, kept: list[int]) -> None:
    assert stack_instance.in_scope(FOUR_ROWS, query) == [FOUR_ROWS[index] for index in kept]
    assert stack_instance.with_status(FOUR_ROWS, query) == FOUR_ROWS


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        (Query(), [0, 1, 2, 3]),
        (Query(statuses=frozenset({"OUTDATED", "INOPERABLE"})), [1, 2]),
        (Query(statuses=frozenset()), []),
        (Query(not_current=True), [1, 2, 3]),
        (Query(not_current=True, statuses=frozenset({"CURRENT", "OUTDATED"})), [1]),
        (Query(detailed_statuses=frozenset({"FAILED"})), [1]),
        (Query(detailed_statuses=frozenset()), []),
        (Query(detailed_statuses=frozenset({"SUCCEEDED"}), statuses=frozenset({"OUTDATED"})), []),
    ],
)
def test_statuses_filter_rows(query: Query, kept: list[int]) -> None:
    assert stack_instance.with_status(FOUR_ROWS, query) == [FOUR_ROWS[index] for index in kept]
    assert stack_instance.in_scope(FOUR_ROWS, query) == FOUR_ROWS


def test_a_target_has_the_worst_status_of_its_stack_instances() -> None:
    rows = [
        row("pp-a", "2", status="OUTDATED"),
        row("pp-a", "1"),
        row("pp-b", "2", status="INOPERABLE"),
        row("pp-b", "1", status="PAUSED"),
        row("pp-c", "1", "us-east-1"),
        row("pp-c", "2"),
    ]
    assert stack_instance.group_by_target(rows) == [
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
def test_targets_contain_every_row_once(rows: list[StackInstance]) -> None:
    targets = stack_instance.group_by_target(rows)
    assert sorted(map(repr, rows)) == sorted(repr(one) for target in targets for one in target["stack_instances"])
    assert len({(target["account"], target["region"]) for target in targets}) == len(targets)
    for target in targets:
        severities = map(stack_instance.severity, target["stack_instances"])
        assert stack_instance.severity(row(status=target["stack_instance_status"]))[0] == max(severities)[0]
