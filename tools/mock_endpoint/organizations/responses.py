# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of Organizations that read an organization of a fleet. All others are moto's."""

from __future__ import annotations

import json
import typing as t

from moto.core.exceptions import ServiceException
from moto.organizations.models import organizations_backends
from moto.organizations.responses import OrganizationsResponse

from mock_endpoint import validation
from mock_endpoint.errors import Invalid
from mock_endpoint.organizations.models import Organization, of_fleets
from mock_endpoint.paging import page

PAGE_SIZE = 20

Item = t.TypeVar("Item")


class AccessDenied(ServiceException):
    """The account is neither the management account nor that of a delegated administrator."""

    code = "AccessDeniedException"


class NotInUse(ServiceException):
    """The account is in no organization."""

    code = "AWSOrganizationsNotInUseException"


class InvalidInput(ServiceException):
    """A parameter that violates the model of the service."""

    code = "InvalidInputException"


class ParentNotFound(ServiceException):
    """A root or an organizational unit that does not exist."""

    code = "ParentNotFoundException"


class UnitNotFound(ServiceException):
    """An organizational unit that does not exist."""

    code = "OrganizationalUnitNotFoundException"


class Responses(OrganizationsResponse):
    """moto's Organizations. An organization of a fleet has precedence over one that was created by API calls."""

    def describe_organization(self) -> str:
        """Return the organization. Each of its accounts can call this operation."""
        organization = self._of_account()
        if organization is None:
            return super().describe_organization()
        return _result({"Organization": organization.describe()})

    def list_roots(self) -> str:
        """Return the root."""
        organization = self._organization()
        if organization is None:
            return super().list_roots()
        return self._page(organization, "Roots", [organization], Organization.root)

    def list_accounts(self) -> str:
        """Return a page of all accounts."""
        organization = self._organization()
        if organization is None:
            return super().list_accounts()
        return self._page(organization, "Accounts", list(organization.accounts.values()), organization.account)

    def list_accounts_for_parent(self) -> str:
        """Return a page of the accounts directly in an organizational unit or the root."""
        organization = self._organization()
        if organization is None:
            return super().list_accounts_for_parent()
        parent = self._parent(organization)
        accounts = [account for account in organization.accounts.values() if account.parent == parent]
        return self._page(organization, "Accounts", accounts, organization.account)

    def list_organizational_units_for_parent(self) -> str:
        """Return a page of the organizational units directly below another one or the root."""
        organization = self._organization()
        if organization is None:
            return super().list_organizational_units_for_parent()
        parent = self._parent(organization)
        units = [unit for unit in organization.units.values() if unit.parent == parent]
        return self._page(organization, "OrganizationalUnits", units, organization.unit)

    def describe_organizational_unit(self) -> str:
        """Return one organizational unit."""
        organization = self._organization()
        if organization is None:
            return super().describe_organizational_unit()
        unit = organization.units.get(self._request()["OrganizationalUnitId"])
        if unit is None:
            raise UnitNotFound("You specified an organizational unit that doesn't exist.")
        return _result({"OrganizationalUnit": organization.unit(unit)})

    def _of_account(self) -> Organization | None:
        """Return the organization of a fleet that the calling account is in."""
        return next((one for one in of_fleets() if self.current_account in one.accounts), None)

    def _organization(self) -> Organization | None:
        """Return the same. Raises AccessDenied if the calling account may not read it, and NotInUse without any."""
        organization = self._of_account()
        members = organizations_backends.master_accounts
        if organization is None and self.organizations_backend.org is None and self.current_account not in members:
            # moto returns empty lists.
            raise NotInUse("Your account is not a member of an organization.")
        if organization is not None and self.current_account not in (
            organization.management_account,
            *organization.delegated_administrators,
        ):
            raise AccessDenied("You don't have permissions to access this resource.")
        return organization

    def _request(self) -> dict[str, t.Any]:
        request = json.loads(self.body or "{}")
        try:
            validation.check("organizations", self._get_action(), request)
        except Invalid as e:
            raise InvalidInput(e.message) from None
        return t.cast("dict[str, t.Any]", request)

    def _parent(self, organization: Organization) -> str:
        parent = str(self._request()["ParentId"])
        if not organization.has_parent(parent):
            raise ParentNotFound("You specified parent that doesn't exist.")
        return parent

    def _page(
        self, organization: Organization, name: str, items: list[Item], describe: t.Callable[[Item], dict[str, t.Any]]
    ) -> str:
        request = self._request()
        size = request.get("MaxResults") or PAGE_SIZE
        listing = f"{self._get_action()} {request.get('ParentId')} {size}"
        padded: list[Item | None] = list(items)
        if organization.empty_pages:
            padded = [one for start in range(0, len(items), size) for one in [*[None] * size, *items[start:][:size]]]
            padded += [None] * (-len(padded) % size + 1)
        try:
            found, token = page(padded, listing, request.get("NextToken"), size)
        except Invalid as e:
            raise InvalidInput(e.message) from None
        described = [describe(one) for one in found if one is not None]
        return _result({name: described, **({"NextToken": token} if token else {})})


def _result(result: dict[str, t.Any]) -> str:
    return json.dumps(result)
