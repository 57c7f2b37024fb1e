# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._rollout import coverage

PRODUCT: t.Any = {"id": "pp-a", "name": "guardrails"}
A, B, C = "111111111111", "222222222222", "333333333333"


def row(account: str, region: str) -> t.Any:
    """Return the part of a stack instance that coverage compares."""
    return {"account": account, "region": region}


@pytest.mark.parametrize(
    ("accounts", "regions", "missing"),
    [
        (None, None, []),
        ([A], None, []),
        ([A, B], None, []),
        ([A, C], None, [(C, "*")]),
        (None, ["eu-west-1"], []),
        (None, ["eu-west-1", "us-esat-1"], [("*", "us-esat-1")]),
        ([A, B], ["eu-west-1"], [(B, "eu-west-1")]),
        ([A, B], ["eu-west-1", "sa-east-1"], [(A, "sa-east-1"), (B, "eu-west-1")]),
        ([C], ["eu-west-1", "sa-east-1"], [(C, "eu-west-1"), (C, "sa-east-1")]),
        ([], None, []),
    ],
)
def test_missing_targets(accounts: list[str] | None, regions: list[str] | None, missing: list[tuple[str, str]]) -> None:
    rows = [row(A, "eu-west-1"), row(B, "sa-east-1")]
    found = coverage.missing_instances(
        PRODUCT,
        rows,
        None if accounts is None else frozenset(accounts),
        None if regions is None else frozenset(regions),
    )
    assert [(instance["account"], instance["region"]) for instance in found] == missing
    for instance in found:
        assert instance["stack_instance_status"] == "MISSING"
        assert instance["provisioned_product_id"] == "pp-a"
        assert instance["provisioned_product_name"] == "guardrails"


_ACCOUNTS = st.frozensets(st.sampled_from([A, B, C]))
_REGIONS = st.frozensets(st.sampled_from(["eu-west-1", "sa-east-1", "us-east-1"]))


@given(st.sets(st.tuples(st.sampled_from([A, B, C]), st.sampled_from(["eu-west-1", "sa-east-1"]))), _ACCOUNTS, _REGIONS)
def test_existing_and_missing_pairs_are_all_pairs(
    existing: set[tuple[str, str]], accounts: frozenset[str], regions: frozenset[str]
) -> None:
    found = coverage.missing_instances(PRODUCT, [row(*pair) for pair in existing], accounts, regions)
    missing = {(instance["account"], instance["region"]) for instance in found}
    pairs = set(itertools.product(accounts, regions))
    assert missing | (existing & pairs) == pairs
    assert not missing & existing
    assert len(missing) == len(found)


@given(
    st.sets(st.tuples(st.sampled_from([A, B, C]), st.sampled_from(["eu-west-1", "sa-east-1"]))),
    st.none() | _ACCOUNTS,
    st.none() | _REGIONS,
)
def test_what_was_named_exists_or_is_missing(
    existing: set[tuple[str, str]], accounts: frozenset[str] | None, regions: frozenset[str] | None
) -> None:
    missing = coverage.missing_instances(PRODUCT, [row(*pair) for pair in existing], accounts, regions)
    assert bool(missing) == (
        not set(itertools.product(accounts, regions)) <= existing
        if accounts is not None and regions is not None
        else not (accounts or frozenset()) <= {account for account, _region in existing}
        or not (regions or frozenset()) <= {region for _account, region in existing}
    )


def test_warnings_name_the_first_few_targets_of_each_product() -> None:
    accounts = frozenset(f"{number:012d}" for number in range(7))
    missing = coverage.missing_instances(PRODUCT, [], accounts, None)
    assert coverage.warnings(missing) == [
        "Provisioned product pp-a has no stack instance in 000000000000, 000000000001, 000000000002, 000000000003,"
        " 000000000004, and 2 more"
    ]
    assert coverage.warnings([]) == []


def test_each_product_has_a_warning() -> None:
    other: t.Any = {"id": "pp-b", "name": None}
    missing = [
        *coverage.missing_instances(PRODUCT, [], frozenset([A]), frozenset(["eu-west-1"])),
        *coverage.missing_instances(other, [], None, frozenset(["eu-west-1"])),
    ]
    assert coverage.warnings(missing) == [
        "Provisioned product pp-a has no stack instance in 111111111111 eu-west-1",
        "Provisioned product pp-b has no stack instance in eu-west-1",
    ]
