# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import itertools
import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import organizations
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import ServiceCatalogError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import options
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Query
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import accounts as core
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Script,
    account,
    accounts,
    connect,
    error,
    json_response,
    unit,
    units,
)

A, B, C = "ou-a1b2-aaaaaaaa", "ou-a1b2-bbbbbbbb", "ou-a1b2-cccccccc"
LIST, CHILDREN, UNITS, DESCRIBE = (
    "ListAccounts",
    "ListAccountsForParent",
    "ListOrganizationalUnitsForParent",
    "DescribeOrganizationalUnit",
)
# A contains B, and C is empty.
MEMBERS = (
    account(1, "one", path=A),
    account(2, "two", path=f"{A}/{B}"),
    account(3, "three", "SUSPENDED", f"{A}/{B}"),
    account(4, "four"),
)


def number(value: int) -> str:
    return f"{value:012d}"


def organization(**given: t.Any) -> core.Organization:
    query = options.parse(Query, given)
    return core.Organization(connect(concurrency=query.concurrency), query)


def scope(are_required: bool = False, **given: t.Any) -> tuple[list[int] | None, list[int] | None]:
    """Return the numbers of the accounts that are read, and of those that are required."""
    selected = organization(**given).selected_accounts(are_required=are_required)
    query = dataclasses.replace(options.parse(options.Query, given), accounts=selected)
    read, required = (None if one is None else sorted(map(int, one)) for one in (selected, query.required_accounts))
    return read, required


def row(value: int, **more: t.Any) -> t.Any:
    return {"provisioned_product_id": "pp-a", "account": number(value), "region": "eu-west-1", **more}


def expect_tree(aws: Script, *parents: str) -> None:
    """Script the same organization without paths, below these parents."""
    children = {"r-a1b2": MEMBERS[3:], A: MEMBERS[:1], B: MEMBERS[1:3], C: ()}
    below = {"r-a1b2": {"aaaaaaaa": "Workloads", "cccccccc": "Empty"}, A: {"bbbbbbbb": "Shops"}}
    for parent in parents:
        without_paths = [{name: one[name] for name in ("Id", "Name", "State")} for one in children[parent]]
        aws.expect(f"{CHILDREN} {parent}", accounts(*without_paths))
        aws.expect(f"{UNITS} {parent}", units(**below.get(parent, {})))


@pytest.fixture
def without_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behave as with a version of botocore that does not have paths in its model."""
    monkeypatch.setattr(organizations, "has_paths", lambda _client: False)


@pytest.mark.parametrize(
    "given_options", [{}, {"accounts": [number(1)], "exclude_accounts": [number(2)]}, {"organizational_unit_ids": []}]
)
def test_organizations_is_not_called_without_need(aws: Script, given_options: dict[str, t.Any]) -> None:
    found = organization(**given_options).selected_accounts(are_required=False)
    assert found == {"accounts": frozenset({number(1)}), "organizational_unit_ids": frozenset()}.get(
        next(iter(given_options), "")
    )
    assert aws.operations == []


def test_no_stack_instance_needs_no_description(aws: Script) -> None:
    organization(describe_accounts=True).describe([], [row(1, account="*")])
    assert aws.operations == []


@pytest.mark.parametrize(
    ("unit_ids", "selected"), [([A], [1, 2]), ([B], [2]), (["r-a1b2"], [1, 2, 4]), ([A, B], [1, 2]), ([B, A], [1, 2])]
)
def test_active_accounts_of_organizational_units_by_path(aws: Script, unit_ids: list[str], selected: list[int]) -> None:
    aws.expect(LIST, accounts(*MEMBERS[:2], token="x"), accounts(*MEMBERS[2:]))
    assert scope(organizational_unit_ids=unit_ids) == (selected, selected)
    assert aws.operations == [LIST, LIST]


@pytest.mark.parametrize(
    ("unit_ids", "parents", "selected"),
    [([A], [A, B], [1, 2]), ([B], [B], [2]), ([A, B], [A, B], [1, 2]), (["r-a1b2"], ["r-a1b2", A, B, C], [1, 2, 4])],
)
@pytest.mark.usefixtures("without_paths")
def test_active_accounts_of_organizational_units_by_tree(
    aws: Script, unit_ids: list[str], parents: list[str], selected: list[int]
) -> None:
    expect_tree(aws, *parents)
    assert scope(are_required=True, organizational_unit_ids=unit_ids) == (selected, selected)


def test_responses_without_paths_are_followed_by_the_tree(aws: Script) -> None:
    aws.expect(LIST, accounts(*({**one, "Paths": []} for one in MEMBERS)))
    expect_tree(aws, A, B)
    assert scope(organizational_unit_ids=[A]) == ([1, 2], [1, 2])


def test_one_account_without_a_path_is_not_lost(aws: Script) -> None:
    aws.expect(LIST, accounts(*MEMBERS[:1], {**MEMBERS[1], "Paths": []}))
    expect_tree(aws, A, B)
    assert scope(organizational_unit_ids=[A]) == ([1, 2], [1, 2])


@pytest.mark.parametrize("are_required", [False, True])
def test_accounts_are_selected_by_id_and_by_organizational_unit(aws: Script, are_required: bool) -> None:
    aws.expect(LIST, accounts(*MEMBERS))
    selected = scope(are_required, organizational_unit_ids=[A], accounts=[number(1), number(4), number(9)])
    assert selected == ([1, 2, 4, 9], [1, 2, 4, 9])


def test_excluded_accounts_are_not_required(aws: Script) -> None:
    aws.expect(LIST, accounts(*MEMBERS))
    assert scope(True, organizational_unit_ids=[A], exclude_accounts=[number(1)]) == ([1, 2], [2])


def test_an_organizational_unit_without_accounts_must_exist(aws: Script) -> None:
    aws.expect(LIST, accounts(*MEMBERS))
    aws.expect(f"{DESCRIBE} {C}", unit("cccccccc", "Empty"))
    assert scope(organizational_unit_ids=[C]) == ([], [])


@pytest.mark.parametrize("are_required", [False, True])
def test_an_organizational_unit_that_does_not_exist_is_an_error(aws: Script, are_required: bool) -> None:
    aws.expect(LIST, accounts(*MEMBERS))
    aws.expect(f"{DESCRIBE} {C}", error("OrganizationalUnitNotFoundException"))
    with pytest.raises(organizations.UnitNotFoundError, match=f"Failed to describe organizational unit {C}: No"):
        scope(are_required, organizational_unit_ids=[A, C])


@pytest.mark.usefixtures("without_paths")
def test_a_parent_that_does_not_exist_is_an_error(aws: Script) -> None:
    aws.expect(CHILDREN, error("ParentNotFoundException"))
    with pytest.raises(organizations.UnitNotFoundError, match="Verify organizational_unit_ids"):
        scope(organizational_unit_ids=[C])


def test_the_root_of_another_organization_is_an_error(aws: Script) -> None:
    aws.expect(LIST, accounts(*MEMBERS))
    with pytest.raises(ServiceCatalogError, match="contains r-zzzz, which is not a root of the organization"):
        scope(organizational_unit_ids=["r-zzzz"])


@pytest.mark.usefixtures("without_paths")
def test_an_organizational_unit_without_active_accounts_cannot_be_required(aws: Script) -> None:
    expect_tree(aws, C)
    with pytest.raises(ServiceCatalogError, match=f"{C}, which has no ACTIVE account"):
        scope(True, organizational_unit_ids=[C])


def described(rows: t.Iterable[t.Any]) -> list[tuple[t.Any, ...]]:
    return [(one["account_name"], one["account_state"], one["organizational_unit_path"]) for one in rows]


def test_rows_are_described_with_the_fewest_requests(aws: Script) -> None:
    aws.expect(LIST, accounts(*MEMBERS, account(5, path=C)))
    aws.expect(f"{DESCRIBE} {A}", unit("aaaaaaaa", "Work/loads"))
    aws.expect(f"{DESCRIBE} {B}", unit("bbbbbbbb", "Shops"))
    rows = [row(3), row(4), row(9)]
    organization(describe_accounts=True).describe(rows[:2], rows[2:])
    assert described(rows) == [
        ("three", "SUSPENDED", "Work_loads/Shops"),
        ("four", "ACTIVE", ""),
        (None, None, None),
    ]


@pytest.mark.usefixtures("without_paths")
def test_the_tree_is_read_once_for_names_and_organizational_units(aws: Script) -> None:
    aws.expect("ListRoots", json_response(Roots=[{"Id": "r-a1b2"}]))
    expect_tree(aws, "r-a1b2", A, B, C)
    found = organization(describe_accounts=True, organizational_unit_ids=[B])
    assert found.selected_accounts(are_required=True) == frozenset({number(2)})
    rows = [row(2)]
    found.describe(rows)
    assert described(rows) == [("two", "ACTIVE", "Workloads/Shops")]


@pytest.mark.usefixtures("without_paths")
def test_organizational_units_below_each_other_end(aws: Script) -> None:
    aws.expect(f"{CHILDREN} {A}", accounts())
    aws.expect(f"{UNITS} {A}", units(bbbbbbbb="B"))
    aws.expect(f"{CHILDREN} {B}", accounts(account(1, path=None)))
    aws.expect(f"{UNITS} {B}", units(aaaaaaaa="A"))
    assert scope(organizational_unit_ids=[A]) == ([1], [1])


def test_two_thousand_accounts(aws: Script) -> None:
    parts = [f"{part:08d}" for part in range(60)]
    members = [account(value, path=f"ou-a1b2-{parts[value % 60]}") for value in range(2000)]
    pages = [accounts(*members[start : start + 20], token=f"{start}") for start in range(0, 1980, 20)]
    aws.expect(LIST, *pages, accounts(*members[1980:]))
    for part in parts:
        aws.expect(f"{DESCRIBE} ou-a1b2-{part}", unit(part, f"unit {part}"))
    rows = [row(value) for value in range(2000)]
    organization(describe_accounts=True, concurrency=8).describe(rows)
    assert len(set(itertools.starmap(lambda _name, _state, path: path, described(rows)))) == 60
    assert len(aws.requests) == 160
