# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The organization of a fleet, in addition to those that moto creates by API calls."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from moto.organizations.models import OrganizationsBackend, organizations_backends

ROOT_NAME = "Root"


@dataclass
class Unit:
    """An organizational unit."""

    id: str
    name: str
    parent: str


@dataclass
class Account:
    """An account of an organization."""

    id: str
    name: str
    parent: str
    state: str = "ACTIVE"
    email: str = ""


@dataclass
class Organization:
    """An organization, and what its responses lack."""

    id: str = "o-a1b2c3d4e5"
    root_id: str = "r-a1b2"
    management_account: str = "123456789012"
    delegated_administrators: list[str] = field(default_factory=list)
    omit: list[str] = field(default_factory=list)
    """``Paths``, ``State`` or both."""
    empty_pages: bool = False
    """Whether an empty page precedes each page of a list."""
    units: dict[str, Unit] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)

    def arn(self, kind: str, number: str) -> str:
        """Return the ARN of a root, an organizational unit or an account."""
        return f"arn:aws:organizations::{self.management_account}:{kind}/{self.id}/{number}"

    def has_parent(self, parent: str) -> bool:
        """Return whether this is the ID of the root or of an organizational unit."""
        return parent == self.root_id or parent in self.units

    def path(self, parent: str) -> str:
        """Return the path of the root or of an organizational unit, which ends in a slash."""
        if parent == self.root_id:
            return f"{self.id}/{self.root_id}/"
        return f"{self.path(self.units[parent].parent)}{parent}/"

    def describe(self) -> dict[str, t.Any]:
        """Return the members of ``Organization``."""
        return {
            "Id": self.id,
            "Arn": f"arn:aws:organizations::{self.management_account}:organization/{self.id}",
            "FeatureSet": "ALL",
            "MasterAccountId": self.management_account,
            "MasterAccountArn": self.arn("account", self.management_account),
            "MasterAccountEmail": "management@example.com",
        }

    def root(self) -> dict[str, t.Any]:
        """Return the members of ``Root``."""
        return {"Id": self.root_id, "Arn": self.arn("root", self.root_id), "Name": ROOT_NAME, "PolicyTypes": []}

    def unit(self, unit: Unit) -> dict[str, t.Any]:
        """Return the members of ``OrganizationalUnit``."""
        described = {"Id": unit.id, "Arn": self.arn("ou", unit.id), "Name": unit.name, "Path": self.path(unit.id)}
        return {name: value for name, value in described.items() if name != "Path" or "Paths" not in self.omit}

    def account(self, account: Account) -> dict[str, t.Any]:
        """Return the members of ``Account``. ``Status``, which AWS has retired, is in place of an omitted ``State``."""
        described: dict[str, t.Any] = {
            "Id": account.id,
            "Arn": self.arn("account", account.id),
            "Name": account.name,
            "Email": account.email or f"{account.id}@example.com",
            "JoinedMethod": "CREATED",
            "JoinedTimestamp": 1768464000,
            "State": account.state,
            "Paths": [f"{self.path(account.parent)}{account.id}/"],
        }
        if "State" in self.omit:
            described["Status"] = account.state
        return {name: value for name, value in described.items() if name not in self.omit}


class Backend(OrganizationsBackend):
    """moto's backend of an account, and the organization of a fleet that the account manages."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.organization: Organization | None = None


def of_fleets() -> t.Iterator[Organization]:
    """Yield the organizations that fleets describe."""
    for partitions in list(organizations_backends.values()):
        for backend in list(partitions.values()):
            organization = t.cast(Backend, backend).organization
            if organization is not None:
                yield organization
