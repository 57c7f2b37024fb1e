# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts of one or several inventory files in one inventory. Private to this collection."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.stack_instance import (
    StackInstance,
    Target,
    group_by_target,
    without_duplicates,
)

Construct = t.Callable[[InventoryData, str, Target], None]
"""Adds the variables and groups of a file's ``compose``, ``groups`` and ``keyed_groups`` to a host."""

_HOST_NAME = re.compile(r"[\w.-]+")
_OF_ANSIBLE = frozenset(["all", "ungrouped"])


@dataclass
class _Host:
    """What the files added to a host so far."""

    instances: list[StackInstance] = field(default_factory=list)
    constructs: list[Construct] = field(default_factory=list)
    variables: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)


# Ansible creates an instance of the plugin for each file. An inventory that is refreshed is a new object.
_KNOWN: WeakKeyDictionary[InventoryData, dict[str, _Host]] = WeakKeyDictionary()


def add_hosts(inventory: InventoryData, instances: list[StackInstance], construct: Construct) -> None:
    """Add a host for each account and Region to an inventory, or nothing if an error occurs.

    A host that an earlier file added has the stack instances of both files, and the status and groups that result from
    all of them.

    Raises:
        AnsibleError: A host name is invalid, or a variable or group cannot be constructed.
    """
    # ansible-core 2.19 and later pass a proxy.
    known = _KNOWN.setdefault(getattr(inventory, "__wrapped__", inventory), {})
    draft = _Draft(inventory, known)
    for target in group_by_target(instances):
        draft.construct(target, construct)
    draft.add_groups()
    for name in draft.hosts:
        draft.add_host(name)
    known.update(draft.hosts)


class _Draft:
    """The hosts of one file, constructed apart from the inventory, so that a failure changes nothing in it."""

    def __init__(self, inventory: InventoryData, known: dict[str, _Host]) -> None:
        self.hosts: dict[str, _Host] = {}
        self._inventory = inventory
        self._known = known
        self._data = InventoryData()
        self._data.current_source = inventory.current_source

    def construct(self, target: Target, construct: Construct) -> None:
        """Add a host: variables of other inventory files, the stack instances of all files, and what follows."""
        name = _host_name(target)
        before = self._before(name)
        instances = without_duplicates([*before.instances, *target["stack_instances"]])
        [merged] = group_by_target(instances)
        self._data.add_host(name)
        others = self._inventory.hosts[name].vars if name in self._inventory.hosts else {}
        given = {variable: value for variable, value in others.items() if variable not in before.variables}
        for variable, value in {**given, **merged}.items():
            self._data.set_variable(name, variable, value)
        drafted = self._data.hosts[name]
        known = set(drafted.vars)
        host = self.hosts[name] = _Host(instances, [*before.constructs, construct])
        for one in host.constructs:
            one(self._data, name, merged)
        host.variables = set(drafted.vars) - known
        host.groups = {group.name for group in drafted.get_groups() if drafted in group.hosts} - _OF_ANSIBLE

    def add_groups(self) -> None:
        """Add the groups to the inventory, before their hosts, as groups can contradict those of other files."""
        groups = [group for name, group in self._data.groups.items() if name not in _OF_ANSIBLE]
        for group in groups:
            self._inventory.add_group(group.name)
        for group in groups:
            for child in group.child_groups:
                self._inventory.add_child(group.name, child.name)

    def add_host(self, name: str) -> None:
        """Add a host to the inventory, and remove what an earlier file added to it and no longer follows."""
        before, host = self._before(name), self.hosts[name]
        self._inventory.add_host(name)
        added = self._inventory.hosts[name]
        for variable in before.variables - host.variables:
            added.vars.pop(variable, None)
        for variable, value in self._data.hosts[name].vars.items():
            self._inventory.set_variable(name, variable, value)
        groups = self._inventory.groups
        for group in before.groups - host.groups:
            groups[group].remove_host(added)
        # A group that another inventory has put the host into is not removed later.
        own = {group for group in host.groups if group in before.groups or added not in groups[group].hosts}
        for group in sorted(host.groups):
            self._inventory.add_child(group, name)
        host.groups = own

    def _before(self, name: str) -> _Host:
        return self._known.get(name) or _Host()


def _host_name(target: Target) -> str:
    """Return the host's name. Raises AnsibleParserError for what ansible-core 2.18 would take for a template."""
    name = f"{target['account']}.{target['region']}"
    if not _HOST_NAME.fullmatch(name):
        raise AnsibleParserError(
            f"The account {target['account']!r} and Region {target['region']!r} of a stack instance do not make a"
            " host name"
        )
    return name
