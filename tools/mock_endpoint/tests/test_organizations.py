# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWS Organizations: accounts, organizational units, pages, switches and who may read them."""

from __future__ import annotations

import json
import typing as t

import pytest

from mock_endpoint.process import TOOLS, MockEndpoint
from mock_endpoint.tests.clients import Botocore, Json, Outcome
from mock_endpoint.tests.test_iam import allow, user

ORGANIZATION: Json = {
    "organizational_units": [
        {"id": "ou-a1b2-workload", "name": "Workloads"},
        {"id": "ou-a1b2-production", "name": "Production", "parent": "ou-a1b2-workload"},
    ],
    "accounts": [
        {"id": "111122223333", "name": "payments", "parent": "ou-a1b2-production"},
        {"id": "444455556666", "name": "legacy", "state": "SUSPENDED"},
    ],
}
PATH = "o-a1b2c3d4e5/r-a1b2/ou-a1b2-workload/ou-a1b2-production/"


def call(aws: Botocore, operation: str, **parameters: t.Any) -> Json:
    """Return the response of an operation."""
    response = aws.call("organizations", operation, parameters).response
    assert response is not None
    return response


def accounts(aws: Botocore, **parameters: t.Any) -> dict[str, Json]:
    """Return all accounts by ID."""
    pages = aws.of("organizations").get_paginator("list_accounts").paginate(**parameters)
    return {account["Id"]: account for page in pages for account in page["Accounts"]}


def test_accounts_have_states_and_paths(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.set_organization(ORGANIZATION)
    found = accounts(aws)
    assert {number: (one["Name"], one["State"], one["Paths"]) for number, one in found.items()} == {
        "111122223333": ("payments", "ACTIVE", [f"{PATH}111122223333/"]),
        "444455556666": ("legacy", "SUSPENDED", ["o-a1b2c3d4e5/r-a1b2/444455556666/"]),
        "123456789012": ("management", "ACTIVE", ["o-a1b2c3d4e5/r-a1b2/123456789012/"]),
    }
    assert not any("Status" in one for one in found.values())


def test_tree(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.set_organization(ORGANIZATION)
    assert call(aws, "DescribeOrganization")["Organization"]["Id"] == "o-a1b2c3d4e5"
    [root] = call(aws, "ListRoots")["Roots"]
    [workloads] = call(aws, "ListOrganizationalUnitsForParent", ParentId=root["Id"])["OrganizationalUnits"]
    [production] = call(aws, "ListOrganizationalUnitsForParent", ParentId=workloads["Id"])["OrganizationalUnits"]
    assert (workloads["Name"], production["Name"], production["Path"]) == ("Workloads", "Production", PATH)
    [payments] = call(aws, "ListAccountsForParent", ParentId=production["Id"])["Accounts"]
    assert payments["Name"] == "payments"
    described = call(aws, "DescribeOrganizationalUnit", OrganizationalUnitId=production["Id"])
    assert described["OrganizationalUnit"] == production


@pytest.mark.parametrize(
    ("omitted", "present"),
    [
        (["Paths"], {"State"}),
        (["State"], {"Status", "Paths"}),
        (["Paths", "State"], {"Status"}),
    ],
)
def test_omitted_members(endpoint: MockEndpoint, aws: Botocore, omitted: list[str], present: set[str]) -> None:
    endpoint.set_organization({**ORGANIZATION, "omit": omitted})
    for account in accounts(aws).values():
        assert set(account) & {"State", "Status", "Paths"} == present


@pytest.mark.parametrize("empty_pages", [False, True])
def test_pages(endpoint: MockEndpoint, aws: Botocore, empty_pages: bool) -> None:
    many = [{"id": f"{number:012}", "name": "x"} for number in range(1, 45)]
    endpoint.set_organization({"accounts": many, "empty_pages": empty_pages})
    sizes = []
    token: Json | None = {}
    while token is not None:
        page = call(aws, "ListAccounts", **token)
        sizes.append(len(page["Accounts"]))
        token = {"NextToken": page["NextToken"]} if "NextToken" in page else None
    assert sizes == ([0, 20, 0, 20, 0, 5, 0] if empty_pages else [20, 20, 5])


def test_unknown_parents_and_units(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.set_organization(ORGANIZATION)
    other = "ou-a1b2-otherunit"
    for operation, parameters, code in (
        ("ListAccountsForParent", {"ParentId": other}, "ParentNotFoundException"),
        ("ListOrganizationalUnitsForParent", {"ParentId": other}, "ParentNotFoundException"),
        ("DescribeOrganizationalUnit", {"OrganizationalUnitId": other}, "OrganizationalUnitNotFoundException"),
        ("ListAccounts", {"MaxResults": 21}, "InvalidInputException"),
        ("ListAccounts", {"NextToken": "x"}, "InvalidInputException"),
    ):
        assert aws.call("organizations", operation, parameters).code == code


@pytest.mark.parametrize(("delegated", "is_allowed"), [([], False), (["123456789012"], True)])
def test_only_certain_accounts_can_list(
    endpoint: MockEndpoint, aws: Botocore, delegated: list[str], is_allowed: bool
) -> None:
    members = [*ORGANIZATION["accounts"], {"id": "123456789012", "name": "hub"}]
    other = {"accounts": members, "management_account": "999999999999", "delegated_administrators": delegated}
    endpoint.set_organization({**ORGANIZATION, **other})
    listed = aws.call("organizations", "ListAccounts", {})
    denied = Outcome(code="AccessDeniedException", message="You don't have permissions to access this resource.")
    assert listed.response if is_allowed else listed == denied
    assert call(aws, "DescribeOrganization")["Organization"]["MasterAccountId"] == "999999999999"


def test_without_an_organization(aws: Botocore) -> None:
    assert aws.call("organizations", "ListAccounts", {}).code == "AWSOrganizationsNotInUseException"


def test_reset_removes_the_organization(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.set_organization(ORGANIZATION)
    endpoint.reset()
    assert aws.call("organizations", "ListAccounts", {}).code == "AWSOrganizationsNotInUseException"


def test_iam(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.set_organization(ORGANIZATION)
    keys = user(aws, allow("organizations:ListAccounts"))
    endpoint.enforce_iam(True)
    client = Botocore(endpoint.url, keys)
    assert len(call(client, "ListAccounts")["Accounts"]) == 3
    denied = client.call("organizations", "ListRoots", {})
    assert denied.code == "AccessDeniedException"
    assert "organizations:ListRoots" in str(denied.message)


@pytest.mark.parametrize(
    "invalid",
    [
        [],
        {"unknown": 1},
        {"omit": ["Name"]},
        {"root_id": "x"},
        {"empty_pages": "yes"},
        {"accounts": {}},
        {"accounts": [{"id": "1", "name": "x"}]},
        {"accounts": [{"id": "111122223333"}]},
        {"accounts": [{"id": "111122223333", "name": "x", "parent": "ou-a1b2-otherunit"}]},
        {"accounts": [{"id": "111122223333", "name": "x"}, {"id": "111122223333", "name": "y"}]},
        {"organizational_units": [{"id": "ou-a1b2-workload", "name": "x", "parent": "ou-a1b2-workload"}]},
    ],
)
def test_invalid_organizations(endpoint: MockEndpoint, aws: Botocore, invalid: t.Any) -> None:
    with pytest.raises(ValueError, match=r"[Oo]rganization|account|root"):
        endpoint.set_organization(invalid)
    assert aws.call("organizations", "ListAccounts", {}).code == "AWSOrganizationsNotInUseException"


def test_example(endpoint: MockEndpoint, aws: Botocore) -> None:
    fleet = json.loads((TOOLS.parent / "demo/guides.json").read_text(encoding="utf-8"))
    endpoint.set_organization(fleet["organization"])
    assert len(accounts(aws)) == 5
