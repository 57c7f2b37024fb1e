# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import organizations
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.organizations import Account, Unit
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import (
    CallError,
    MalformedResponseError,
    ServiceCatalogError,
)
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

UNIT = "ou-a1b2-aaaaaaaa"
ONLY = "Only the management account of the organization and delegated administrators can call it"


@pytest.fixture
def client() -> t.Any:
    return connect().organizations


def listed(client: t.Any) -> list[Account]:
    found = organizations.accounts(client)
    assert found is not None
    return found


def test_all_pages_of_accounts_are_read_also_after_empty_ones(aws: Script, client: t.Any) -> None:
    pages = [accounts(token="a"), accounts(account(1, "one"), token="b"), accounts(token="c"), accounts(account(2))]
    aws.expect("ListAccounts", *pages)
    found = listed(client)
    assert [one.id for one in found] == ["000000000001", "000000000002"]
    assert found[0] == Account("000000000001", "one", "ACTIVE", ("r-a1b2",))
    assert [request.parameters.get("NextToken") for request in aws.requests] == [None, "a", "b", "c"]


def test_the_path_of_an_account_has_the_root_and_the_organizational_units(aws: Script, client: t.Any) -> None:
    aws.expect("ListAccounts", accounts(account(1, path=f"{UNIT}/ou-a1b2-bbbbbbbb")))
    assert listed(client)[0].path == ("r-a1b2", UNIT, "ou-a1b2-bbbbbbbb")


@pytest.mark.parametrize("paths", [[], None, ["o-a1b2c3d4e5"], ["ou-a1b2-aaaaaaaa/"]])
def test_no_more_pages_are_read_after_an_account_without_a_path(aws: Script, client: t.Any, paths: t.Any) -> None:
    aws.expect("ListAccounts", accounts(account(1), {**account(2), "Paths": paths}, token="a"))
    assert organizations.accounts(client) is None


@pytest.mark.parametrize(
    ("members", "state"),
    [
        ({"State": "SUSPENDED", "Status": "ACTIVE"}, "SUSPENDED"),
        ({"State": "NEW_STATE"}, "NEW_STATE"),
        ({"Status": "SUSPENDED"}, "SUSPENDED"),
        ({"State": "", "Status": "ACTIVE"}, "ACTIVE"),
    ],
)
def test_the_state_of_an_account_replaces_its_retired_status(
    aws: Script, client: t.Any, members: dict[str, str], state: str
) -> None:
    aws.expect("ListAccounts", accounts({**account(1, state=None), **members}))
    assert listed(client)[0].state == state


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (account(1, state=None), "contained account 000000000001 without a state"),
        ({"State": "ACTIVE"}, "contained an entry without Id"),
        ({**account(1), "State": 5}, "contained 5 as State"),
        ({**account(1), "Paths": [5]}, "contained [5] as Paths"),
    ],
)
def test_a_malformed_account_is_an_error(aws: Script, client: t.Any, member: dict[str, t.Any], message: str) -> None:
    aws.expect("ListAccounts", accounts(member))
    with pytest.raises(MalformedResponseError) as caught:
        organizations.accounts(client)
    assert str(caught.value).startswith("Failed to list the accounts of the organization: ")
    assert message in str(caught.value)


def test_a_botocore_that_returns_neither_state_nor_status_is_an_error(
    aws: Script, client: t.Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(organizations, "_returns", lambda _client, member: member != "State")
    aws.expect("ListAccounts", accounts(account(1, state=None)))
    with pytest.raises(ServiceCatalogError, match=r"version of botocore does not .* Update boto3 and botocore\.$"):
        organizations.accounts(client)


def test_a_response_without_a_list_is_an_error(aws: Script, client: t.Any) -> None:
    aws.expect("ListAccounts", json_response(NextToken="x"))
    with pytest.raises(MalformedResponseError, match="contained no list"):
        organizations.accounts(client)


def test_the_tree(aws: Script, client: t.Any) -> None:
    aws.expect("ListRoots", json_response(Roots=[{"Id": "r-a1b2", "Name": "Root"}]))
    aws.expect("ListOrganizationalUnitsForParent r-a1b2", units(aaaaaaaa="Workloads"))
    aws.expect(f"ListAccountsForParent {UNIT}", accounts(account(1, path=None)))
    aws.expect("DescribeOrganizationalUnit", unit("aaaaaaaa", "Workloads"))
    assert organizations.roots(client) == ["r-a1b2"]
    assert organizations.units_of(client, "r-a1b2") == [Unit(UNIT, "Workloads")]
    assert organizations.accounts_of(client, UNIT) == [Account("000000000001", "account 1", "ACTIVE")]
    assert organizations.unit_name(client, UNIT) == "Workloads"


def test_the_description_of_another_organizational_unit_is_an_error(aws: Script, client: t.Any) -> None:
    aws.expect("DescribeOrganizationalUnit", unit("bbbbbbbb", "Other"))
    with pytest.raises(MalformedResponseError, match="the response is about ou-a1b2-bbbbbbbb"):
        organizations.unit_name(client, UNIT)


@pytest.mark.parametrize(
    ("call", "action", "description"),
    [
        (organizations.accounts, "ListAccounts", "list the accounts of the organization"),
        (organizations.roots, "ListRoots", "list the roots of the organization"),
        (
            lambda client: organizations.accounts_of(client, UNIT),
            "ListAccountsForParent",
            f"list the accounts of {UNIT}",
        ),
        (
            lambda client: organizations.units_of(client, UNIT),
            "ListOrganizationalUnitsForParent",
            f"list the organizational units of {UNIT}",
        ),
        (
            lambda client: organizations.unit_name(client, UNIT),
            "DescribeOrganizationalUnit",
            f"describe organizational unit {UNIT}",
        ),
    ],
)
def test_a_refusal_names_the_action_and_who_can_call_it(
    aws: Script, client: t.Any, call: t.Callable[[t.Any], t.Any], action: str, description: str
) -> None:
    aws.expect(action, error("AccessDeniedException", "You don't have permissions to access this resource."))
    with pytest.raises(CallError) as caught:
        call(client)
    assert str(caught.value) == (
        f"Failed to {description}: You don't have permissions to access this resource (AccessDeniedException). {ONLY}."
        f" Grant organizations:{action} to the identity, or set organizations_role_arn to a role in one of these"
        " accounts."
    )


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (
            "AWSOrganizationsNotInUseException",
            f"{ONLY}: set organizations_role_arn to a role in one of these accounts.",
        ),
        (
            "ParentNotFoundException",
            "Verify organizational_unit_ids, and that they belong to the organization of these credentials.",
        ),
    ],
)
def test_other_errors_have_advice(aws: Script, client: t.Any, code: str, advice: str) -> None:
    aws.expect("ListAccountsForParent", error(code))
    with pytest.raises(CallError) as caught:
        organizations.accounts_of(client, UNIT)
    assert str(caught.value).endswith(f"({code}). {advice}")


def test_throttling_is_retried(aws: Script, client: t.Any) -> None:
    aws.expect("ListAccounts", error("TooManyRequestsException"), accounts(account(1)))
    assert len(listed(client)) == 1
