# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Organizations as fleet files describe them."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from moto.organizations.models import organizations_backends

from mock_endpoint.organizations.models import Account, Backend, Organization, Unit

_UNIT = re.compile(r"ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}")
_ROOT = re.compile(r"r-[0-9a-z]{4,32}")
_ACCOUNT = re.compile(r"[0-9]{12}")
_OMITTABLE = {"Paths", "State"}
_TYPES: dict[str, type] = {"delegated_administrators": list, "omit": list, "empty_pages": bool}

Kind = t.TypeVar("Kind", Unit, Account)


class InvalidOrganization(ValueError):
    """An invalid description of an organization. The message describes the problem."""


def parse(description: t.Any) -> Organization:
    """Return the organization that a fleet describes.

    Args:
        description: Fields of Organization, and the lists ``organizational_units`` and ``accounts``; README.md
            describes them.

    Raises:
        InvalidOrganization: The description is invalid.
    """
    fields = {field.name for field in dataclasses.fields(Organization)} - {"units", "accounts"}
    known = fields | {"organizational_units", "accounts"}
    if not isinstance(description, dict) or not set(description) <= known:
        raise InvalidOrganization(f"An organization must be an object. It can have {', '.join(sorted(known))}.")
    given = {name: value for name, value in description.items() if name in fields}
    for name, value in given.items():
        if not isinstance(value, _TYPES.get(name, str)):
            raise InvalidOrganization(f"An organization has an invalid value for {name}: {value!r}.")
    organization = Organization(**given)
    if not set(organization.omit) <= _OMITTABLE or not _ROOT.fullmatch(organization.root_id):
        raise InvalidOrganization(f"root_id must be such as r-a1b2, and omit can have {', '.join(sorted(_OMITTABLE))}.")
    organization.units = _parts(Unit, description.get("organizational_units", []), organization.root_id, _UNIT)
    organization.accounts = _parts(Account, description.get("accounts", []), organization.root_id, _ACCOUNT)
    management = organization.management_account
    organization.accounts.setdefault(management, Account(management, "management", organization.root_id))
    _check_parents(organization)
    return organization


def add(organization: Organization) -> None:
    """Create or replace the organization of its management account."""
    backend = organizations_backends[organization.management_account]["aws"]
    t.cast(Backend, backend).organization = organization


def _parts(kind: type[Kind], described: t.Any, root_id: str, pattern: re.Pattern[str]) -> dict[str, Kind]:
    what = "organizational unit" if kind is Unit else "account"
    names = {field.name for field in dataclasses.fields(kind)}
    if not isinstance(described, list) or not all(isinstance(one, dict) for one in described):
        raise InvalidOrganization(f"The {what}s of an organization must be a list of objects.")
    found: dict[str, Kind] = {}
    for one in described:
        values = {"parent": root_id, **one}
        if not {"id", "name"} <= set(one) <= names or not all(isinstance(value, str) for value in one.values()):
            raise InvalidOrganization(
                f"An {what} requires id and name. It can have {', '.join(sorted(names))}, all of them strings."
            )
        if not pattern.fullmatch(one["id"]) or one["id"] in found:
            raise InvalidOrganization(f"The ID of an {what} is malformed, or used twice: {one['id']!r}.")
        found[one["id"]] = kind(**values)
    return found


def _check_parents(organization: Organization) -> None:
    """Raise InvalidOrganization unless each organizational unit and account is below the root."""
    for unit in organization.units.values():
        parents, parent = {unit.id}, unit.parent
        while parent != organization.root_id:
            if parent in parents or parent not in organization.units:
                raise InvalidOrganization(f"Organizational unit {unit.id} is not below the root.")
            parents.add(parent)
            parent = organization.units[parent].parent
    for account in organization.accounts.values():
        if not organization.has_parent(account.parent):
            raise InvalidOrganization(f"The parent of account {account.id} does not exist: {account.parent!r}.")
