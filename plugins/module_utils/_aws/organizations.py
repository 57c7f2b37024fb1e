# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API calls to AWS Organizations. Private to this collection."""

from __future__ import annotations

import typing as t
from contextlib import contextmanager
from dataclasses import dataclass

from .._errors import CallError, MalformedResponseError, ServiceCatalogError, quote
from . import paging

if t.TYPE_CHECKING:
    from .client import Client

ACTIVE = "ACTIVE"
ROOT_PREFIX = "r-"
UNIT_PREFIX = "ou-"

_ACCOUNTS = paging.Operation("list_accounts", "Accounts", ("Id",), "NextToken", "NextToken")
_ACCOUNTS_OF_PARENT = _ACCOUNTS._replace(name="list_accounts_for_parent")
_UNITS_OF_PARENT = paging.Operation(
    "list_organizational_units_for_parent", "OrganizationalUnits", ("Id", "Name"), "NextToken", "NextToken"
)
_ROOTS = paging.Operation("list_roots", "Roots", ("Id",), "NextToken", "NextToken")


class UnitNotFoundError(CallError):
    """The root or organizational unit does not exist."""


@dataclass(frozen=True)
class Account:
    """An account of the organization."""

    id: str
    name: str | None
    state: str
    path: tuple[str, ...] | None = None
    """The IDs of the root and of the organizational units above it, the root first; None if AWS did not return them."""


@dataclass(frozen=True)
class Unit:
    """An organizational unit."""

    id: str
    name: str


def has_paths(client: Client) -> bool:
    """Return whether this version of botocore passes on the paths of accounts."""
    return _returns(client, "Paths")


def accounts(client: Client) -> list[Account] | None:
    """Return all accounts of the organization, or None as soon as one of them has no path.

    Raises:
        CallError: A call failed.
        MalformedResponseError: The listing is incomplete.
    """
    description = "list the accounts of the organization"
    found: list[Account] = []
    with _refusals("ListAccounts"):
        for page in paging.pages(client, _ACCOUNTS, description):
            found += [_account(client, entry, description) for entry in page.entries]
            if not all(account.path for account in found):
                return None
    return found


def accounts_of(client: Client, parent: str) -> list[Account]:
    """Return the accounts directly in a root or organizational unit.

    Raises:
        UnitNotFoundError, CallError: A call failed.
        MalformedResponseError: The listing is incomplete.
    """
    description = f"list the accounts of {quote(parent)}"
    with _refusals("ListAccountsForParent"):
        return [
            _account(client, entry, description)
            for page in paging.pages(client, _ACCOUNTS_OF_PARENT, description, ParentId=parent)
            for entry in page.entries
        ]


def units_of(client: Client, parent: str) -> list[Unit]:
    """Return the organizational units directly below a root or organizational unit.

    Raises:
        UnitNotFoundError, CallError: A call failed.
        MalformedResponseError: The listing is incomplete.
    """
    description = f"list the organizational units of {quote(parent)}"
    with _refusals("ListOrganizationalUnitsForParent"):
        return [
            Unit(entry["Id"], entry["Name"])
            for page in paging.pages(client, _UNITS_OF_PARENT, description, ParentId=parent)
            for entry in page.entries
        ]


def roots(client: Client) -> list[str]:
    """Return the IDs of the roots of the organization. Raises CallError and MalformedResponseError."""
    with _refusals("ListRoots"):
        pages = paging.pages(client, _ROOTS, "list the roots of the organization")
        return [entry["Id"] for page in pages for entry in page.entries]


def unit_name(client: Client, unit_id: str) -> str:
    """Return the name of an organizational unit.

    Raises:
        UnitNotFoundError, CallError: The call failed.
        MalformedResponseError: The response is incomplete, or about another organizational unit.
    """
    description = f"describe organizational unit {quote(unit_id)}"
    with _refusals("DescribeOrganizationalUnit"):
        response = client.call("describe_organizational_unit", description, OrganizationalUnitId=unit_id)
    [detail] = paging.entries([response.get("OrganizationalUnit")], ("Id", "Name"), description)
    if detail["Id"] != unit_id:
        raise MalformedResponseError(f"Failed to {description}: the response is about {quote(detail['Id'])}")
    return str(detail["Name"])


def _account(client: Client, entry: paging.Entry, description: str) -> Account:
    paging.require_model(client, "Account", [entry], description)
    # AWS retires Status on 2026-09-09 (botocore's model, Account). An endpoint without State may still have it.
    state = entry.get("State") or entry.get("Status")
    if not state and not _returns(client, "State"):
        raise ServiceCatalogError(
            f"Failed to {description}: this version of botocore does not return the state of accounts. Update boto3 and"
            " botocore."
        )
    if not state:
        raise MalformedResponseError(
            f"Failed to {description}: the response from AWS contained account {quote(entry['Id'])} without a state"
        )
    return Account(entry["Id"], entry.get("Name") or None, state, _path(entry))


def _returns(client: Client, member: str) -> bool:
    """Return whether this version of botocore passes on a member of accounts."""
    return member in client.model.shape_for("Account").members


def _path(entry: paging.Entry) -> tuple[str, ...] | None:
    """Return the IDs in the first path, such as ``o-a1b2c3d4e5/r-a1b2/ou-a1b2-c3d4e5f6/123456789012/``."""
    for path in entry.get("Paths") or ():
        found = tuple(part for part in path.split("/") if part.startswith((ROOT_PREFIX, UNIT_PREFIX)))
        if found and found[0].startswith(ROOT_PREFIX):
            return found
    return None


@contextmanager
def _refusals(action: str) -> t.Iterator[None]:
    """Add advice to the errors that only Organizations has."""
    try:
        yield
    except CallError as e:
        where = "Only the management account of the organization and delegated administrators can call it"
        role = "set organizations_role_arn to a role in one of these accounts"
        if e.code in ("AccessDeniedException", "AccessDenied"):
            advice = f"{where}. Grant organizations:{action} to the identity, or {role}"
            raise CallError(e.message, e.exception, advice) from e
        if e.code == "AWSOrganizationsNotInUseException":
            raise CallError(e.message, e.exception, f"{where}: {role}") from e
        if e.code in ("OrganizationalUnitNotFoundException", "ParentNotFoundException"):
            advice = "Verify organizational_unit_ids, and that they belong to the organization of these credentials"
            raise UnitNotFoundError(e.message, e.exception, advice) from e
        raise
