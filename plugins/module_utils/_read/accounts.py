# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts of AWS Organizations: those in organizational units, and their names. Private to this collection."""

from __future__ import annotations

import itertools
import typing as t
from dataclasses import dataclass, field, replace

from .._aws import organizations
from .._errors import ServiceCatalogError
from .._model.stack_instance import ANY
from .concurrency import run_concurrently

if t.TYPE_CHECKING:
    from .._aws.client import Client, Clients
    from .._aws.organizations import Account, Unit
    from .._model.options import Selection
    from .._model.stack_instance import StackInstance
    from .concurrency import Check


@dataclass
class _Tree:
    """Accounts with their paths, and what is known of organizational units."""

    accounts: dict[str, Account] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    visited: set[str] = field(default_factory=set)
    """The roots and organizational units that were read; empty if accounts came with their paths."""


class Organization:
    """The organization of one query, which is read when it is first needed."""

    def __init__(self, clients: Clients, selection: Selection) -> None:
        self._clients = clients
        self._selection = selection
        self._concurrency = selection.concurrency
        self._tree: _Tree | None = None

    def selected_accounts(self, *, are_required: bool) -> frozenset[str] | None:
        """Return the accounts that ``accounts`` and ``organizational_unit_ids`` select, None for all.

        These are the named accounts and those in the organizational units, in the same way as products can be named by
        IDs and by names.

        Args:
            are_required: Whether to refuse an organizational unit that has no active account, as nothing could be
                required of it.

        Raises:
            CallError, MalformedResponseError: The organization cannot be read.
            ServiceCatalogError: An organizational unit does not exist, or is refused.
        """
        accounts = self._selection.accounts
        if self._selection.organizational_unit_ids is not None:
            accounts = (accounts or frozenset()) | self._accounts_in_units(are_required)
        return accounts

    def describe(self, *listings: t.Sequence[StackInstance]) -> None:
        """Add the name, state and organizational units of its account to each stack instance.

        Organizational units are described only if a stack instance is in them. Accounts that are not in the
        organization have None.

        Raises:
            CallError, MalformedResponseError: The organization cannot be read.
        """
        accounts = sorted({row["account"] for rows in listings for row in rows} - {ANY})
        if not accounts:
            return
        tree = self._read()
        known = [tree.accounts[account] for account in accounts if account in tree.accounts]
        self._add_names(tree, known)
        described = {account.id: _described(account, tree.names) for account in known}
        for row in itertools.chain(*listings):
            name, state, path = described.get(row["account"], (None, None, None))
            row["account_name"], row["account_state"], row["organizational_unit_path"] = name, state, path

    @property
    def _client(self) -> Client:
        return self._clients.organizations

    def _accounts_in_units(self, are_required: bool) -> frozenset[str]:
        """Return the active accounts in the selected organizational units and below."""
        units = sorted(self._selection.organizational_unit_ids or ())
        if not units:
            return frozenset()
        # Without names to look up, only the selected part of the organization is read.
        tree = self._read(None if self._selection.describe_accounts else units)
        members: dict[str, set[str]] = {unit: set() for unit in units}
        empty = set(units) - tree.visited
        for account in tree.accounts.values():
            empty.difference_update(account.path or ())
            if account.state == organizations.ACTIVE:
                for unit in members.keys() & set(account.path or ()):
                    members[unit].add(account.id)
        for unit in sorted(empty):
            self._require_unit(unit)
        for unit in units:
            if are_required and not members[unit]:
                raise ServiceCatalogError(
                    f"organizational_unit_ids contains {unit}, which has no ACTIVE account. No stack instance can be"
                    " required of it. Remove it from organizational_unit_ids."
                )
        return frozenset().union(*members.values())

    def _require_unit(self, unit: str) -> None:
        """Raise ServiceCatalogError if a root or organizational unit without any account does not exist."""
        # A root has at least the management account.
        if unit.startswith(organizations.ROOT_PREFIX):
            raise ServiceCatalogError(
                f"organizational_unit_ids contains {unit}, which is not a root of the organization of these credentials"
            )
        organizations.unit_name(self._client, unit)

    def _read(self, parents: t.Sequence[str] | None = None) -> _Tree:
        """Read the accounts with their paths: all of them, or at least those below some parents.

        Older versions of botocore return no paths. Each root and organizational unit then requires a request for its
        accounts, and one for the organizational units below it.
        """
        if self._tree is None:
            listed = organizations.accounts(self._client) if organizations.has_paths(self._client) else None
            if listed:
                self._tree = _Tree({account.id: account for account in listed})
            else:
                self._tree = self._walk(organizations.roots(self._client) if parents is None else parents)
        return self._tree

    def _walk(self, parents: t.Sequence[str]) -> _Tree:
        """Read organizational units level by level, and derive the paths."""
        tree = _Tree()
        found: list[tuple[Account, str]] = []
        parent_of: dict[str, str] = {}
        level = list(parents)
        while level:
            tree.visited.update(level)
            following: dict[str, None] = {}
            for parent, (accounts, units) in zip(level, run_concurrently(self._children, level, self._concurrency)):
                found += [(account, parent) for account in accounts]
                tree.names.update({unit.id: unit.name for unit in units})
                parent_of.update({unit.id: parent for unit in units})
                following.update(dict.fromkeys(unit.id for unit in units))
            level = [unit for unit in following if unit not in tree.visited]
        for account, parent in found:
            tree.accounts[account.id] = replace(account, path=_path(parent, parent_of))
        return tree

    def _children(self, parent: str, check: Check) -> tuple[list[Account], list[Unit]]:
        check()
        accounts = organizations.accounts_of(self._client, parent)
        check()
        return accounts, organizations.units_of(self._client, parent)

    def _add_names(self, tree: _Tree, accounts: t.Iterable[Account]) -> None:
        """Look up the names of the organizational units above these accounts."""
        above = {unit for account in accounts for unit in account.path or ()}
        unknown = sorted(unit for unit in above - tree.names.keys() if unit.startswith(organizations.UNIT_PREFIX))

        def name(unit: str, check: Check) -> str:
            check()
            return organizations.unit_name(self._client, unit)

        tree.names.update(zip(unknown, run_concurrently(name, unknown, self._concurrency)))


def _path(parent: str, parent_of: t.Mapping[str, str]) -> tuple[str, ...]:
    """Return the IDs of a parent and of what is above it, the root first."""
    path = [parent]
    while path[-1] in parent_of and parent_of[path[-1]] not in path:
        path.append(parent_of[path[-1]])
    return tuple(reversed(path))


def _described(account: Account, names: t.Mapping[str, str]) -> tuple[str | None, str | None, str | None]:
    units = [unit for unit in account.path or () if unit.startswith(organizations.UNIT_PREFIX)]
    # A slash in a name would look like another organizational unit.
    return account.name, account.state, "/".join(names[unit].replace("/", "_") for unit in units)
