# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: stack_instances
version_added: 1.0.0
short_description: Stack instances inventory source
description:
  - Create a host for each AWS account and Region that Service Catalog provisioned products are deployed to. Use it to
    run a play in each account and Region of a rollout.
  - A host is named C(<account>.<region>). Its variables are C(account), C(region), C(stack_instances), the list of the
    stack instances in this account and Region as returned by M(stackfleet.servicecatalog.stack_instance_info), and
    C(stack_instance_status), the worst status in this list.
  - By default, the groups are C(status_<status>), C(account_<id>), C(region_<region>) and C(product_<name>), or
    C(product_<id>) if the name was not requested. Group names are in lower case, and characters that are invalid in
    group names are replaced with underscores.
  - With O(describe_accounts=true), a host also has the variables C(account_name), C(account_state) and
    C(organizational_unit_path). It is also in C(account_name_<name>) and, for each organizational unit in the path, in
    C(ou_<name>). Organizational units that have the same name, or whose names differ only in case or in characters that
    are replaced, share a group.
  - The inventory is complete, or the plugin fails. If it fails, Ansible issues a warning and continues with the other
    inventory sources. To make Ansible fail, enable C(any_unparsed_is_failed) in the C(inventory) section of its
    configuration.
  - The name of the inventory file must end with C(stack_instances.yml) or C(stack_instances.yaml).
author:
  - stackfleet contributors (@stackfleet)
options:
  plugin:
    description:
      - Name of this plugin.
    type: str
    required: true
    choices:
      - stackfleet.servicecatalog.stack_instances
  default_groups:
    description:
      - Whether to create the groups of this plugin, such as C(status_<status>).
      - If not set, the plugin creates them unless you set O(keyed_groups).
    type: bool
extends_documentation_fragment:
  - stackfleet.servicecatalog._query
  - stackfleet.servicecatalog._query.listing
  - stackfleet.servicecatalog._products
  - stackfleet.servicecatalog._connection
  - stackfleet.servicecatalog._connection.plugins
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
notes:
  - Hosts have no address. Run plays on the controller with C(ansible_connection=local), and set the Region and the role
    of each host in the options of your tasks.
  - You can use templates such as V({{ lookup('ansible.builtin.env', 'ROLE'\) }}) in the options O(access_key),
    O(secret_key), O(session_token), O(profile), O(region), O(endpoint_url) and O(assume_role_arn), and in all options
    that select products and stack instances. A template of a list can result in a list or in a string with commas.
  - Values from AWS are never evaluated as templates.
  - If this plugin fails, Ansible tries its other inventory plugins on the file and reports an error for each of them.
    To avoid these errors, remove the other plugins from C(enable_plugins) in the C(inventory) section of the
    configuration of Ansible.
  - The cache key depends on the options and on the credentials. If you edit the file or use a different profile, cached
    results from before are not used.
seealso:
  - module: stackfleet.servicecatalog.stack_instance_info
    description: List stack instances in a task, with counts and the status of the products.
  - plugin: stackfleet.servicecatalog.stack_instances
    plugin_type: lookup
    description: Use the list of stack instances in expressions and templates.
  - module: amazon.aws.sts_assume_role
    description: Assume a role in the account of a host, for tasks that run there.
"""

EXAMPLES = r"""
# guardrails.stack_instances.yml: each account and Region that one product is deployed to
plugin: stackfleet.servicecatalog.stack_instances
provisioned_product_names:
  - guardrails
region: eu-west-1
---
# not_current.stack_instances.yml: each account and Region where a product is not current. The plugin assumes a role in
# the hub account and creates custom groups.
plugin: stackfleet.servicecatalog.stack_instances
all_products: true
region: eu-west-1
assume_role_arn: arn:aws:iam::123456789012:role/service-catalog-reader
not_current: true
keyed_groups:
  - key: region
    separator: ""
groups:
  europe: region.startswith('eu-')
---
# workloads.stack_instances.yml: the accounts of an organizational unit and of those below it, with groups by name
plugin: stackfleet.servicecatalog.stack_instances
provisioned_product_names:
  - guardrails
region: eu-west-1
organizational_unit_ids:
  - ou-a1b2-workload
describe_accounts: true
keyed_groups:
  - key: account_state | lower
    prefix: account
default_groups: true
---
# landing_zone.stack_instances.yml: hosts with connection variables, cached for ten minutes
plugin: stackfleet.servicecatalog.stack_instances
provisioned_product_names:
  - guardrails
region: eu-west-1
compose:
  ansible_connection: "'local'"
  member_role_arn: "'arn:aws:iam::' ~ account ~ ':role/rollout-worker'"
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/stack_instances
cache_timeout: 600
"""

import re
import time
import typing as t

from ansible.errors import AnsibleParserError
from ansible_collections.amazon.aws.plugins.plugin_utils.inventory import AWSInventoryBase

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.settings import NAME
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import ServiceCatalogError, quote
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import (
    Query,
    argument_spec,
    parse,
)
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.stack_instance import (
    StackInstance,
    Target,
)
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils import _options
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._connection import Connecting
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._hosts import add_hosts
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import entry
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache.key import cache_key
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._untrusted import untrusted

if t.TYPE_CHECKING:
    from ansible.inventory.data import InventoryData
    from ansible.parsing.dataloader import DataLoader


_INVALID = re.compile(r"\W", re.ASCII)


class InventoryModule(Connecting, AWSInventoryBase):
    NAME = f"{NAME}.stack_instances"
    INVENTORY_FILE_SUFFIXES = ("stack_instances.yml", "stack_instances.yaml")

    class TemplatedOptions(AWSInventoryBase.TemplatedOptions):
        # set_options templates the options of the query, once.
        TEMPLATABLE_OPTIONS = tuple(  # type: ignore[assignment]  # amazon.aws names nine of them
            set(AWSInventoryBase.TemplatedOptions.TEMPLATABLE_OPTIONS) - {"regions"}
        )

        def get(self, *args: t.Any) -> t.Any:
            """Return an option. Some versions of amazon.aws use a parameter that ansible-core deprecates."""
            value = self.original_options.get(*args)
            return _options.template(self.templar, value) if value and args[0] in self.TEMPLATABLE_OPTIONS else value

    def set_options(
        self, task_keys: t.Any = None, var_options: t.Any = None, direct: t.Mapping[str, t.Any] | None = None
    ) -> None:
        """Set the options; template those of the query before Ansible splits strings at their commas."""
        query = argument_spec(Query)
        given = {name: _options.template(self.templar, v) if name in query else v for name, v in (direct or {}).items()}
        super().set_options(task_keys=task_keys, var_options=var_options, direct=_options.converted(given, Query))

    def parse(  # noqa: PLR0913, PLR0917 - the signature is that of AWSInventoryBase
        self,
        inventory: InventoryData,
        loader: DataLoader,
        path: str,
        cache: bool = True,
        botocore_version: str | None = None,  # noqa: ARG002
        boto3_version: str | None = None,  # noqa: ARG002
    ) -> None:
        # AWSInventoryBase would assume the role by itself, without a message for each failure.
        super(AWSInventoryBase, self).parse(inventory, loader, path)
        try:
            _options.refuse_unknown(self.NAME, self.option_definitions, self._read_config_data(path))
            instances = self._stack_instances(path, cache)
        except ServiceCatalogError as e:
            self.display.vvv(e.traceback)
            # The message is complete; Ansible would append each cause to it.
            raise AnsibleParserError(str(e)) from None
        if not instances:
            self.display.warning(f"No stack instance was found for {path}, so it adds no host to the inventory")
        self._names_of_groups: dict[str, set[str]] = {}
        add_hosts(inventory, untrusted(instances), self._construct)
        self._warn_of_shared_groups()

    def get_cache_key(self, path: str) -> str:
        """Return Ansible's key for the file, and a digest of identity, endpoint and query."""
        options = self.get_options()
        return f"{super().get_cache_key(path)}_{cache_key(options, parse(Query, options), self.identify)}"

    def _stack_instances(self, path: str, cache: bool) -> list[StackInstance]:
        query = parse(Query, self.get_options())
        key = self._key(path) if self.get_option("cache") else None
        instances = self._cached(path, cache, key) if key else None
        if instances is None:
            began = time.time()
            listing = self.list_stack_instances(query)
            for warning in listing.warnings:
                self.display.warning(warning)
            instances = listing.stack_instances
            if key:
                self._cache[key] = entry.encode(entry.CachedListing(instances, []), key, began)
        return instances

    def update_cache_if_changed(self) -> None:
        """Store the listing, after all hosts have been added; a failure does not remove them."""
        try:
            if self.get_option("cache"):
                super().update_cache_if_changed()
        except Exception as e:
            self.display.warning(quote(f"The stack instances cannot be cached: {e}"))

    def _key(self, path: str) -> str | None:
        """Return the key of the file, or None if it cannot be found out whose listing this is."""
        try:
            return self.get_cache_key(path)
        except ServiceCatalogError as e:
            self.display.warning(quote(f"The stack instances of {path} are listed without a cache: {e}"))
            return None

    def _cached(self, path: str, cache: bool, key: str) -> list[StackInstance] | None:
        """Return the listing of the file from the cache, if there is a usable one."""
        try:
            is_cached, stored = self.get_cached_result(path, cache)
            return entry.decode(stored, key)[0].stack_instances if is_cached else None
        # Each cache plugin has errors of its own, and AWS can be called after any of them.
        except Exception as e:
            warning = f"The cached stack instances of {path} cannot be used, and are listed again: {e}"
            self.display.warning(quote(warning))
            return None

    def _construct(self, inventory: InventoryData, host: str, target: Target) -> None:
        """Add the variables and groups that the options of this file define for a host."""
        self.inventory = inventory
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), target, host, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), target, host, strict=strict)
        keyed_groups, default_groups = self.get_option("keyed_groups"), self.get_option("default_groups")
        self._add_host_to_keyed_groups(keyed_groups, target, host, strict=strict)
        if default_groups or (default_groups is None and not keyed_groups):
            for kind, name in _default_groups(target):
                # The configuration of Ansible may let other characters pass, which only some names can contain.
                safe = _INVALID.sub("_", name) if kind in ("account_name", "ou") else name
                group = inventory.add_group(self._sanitize_group_name(f"{kind}_{safe}".lower()))
                inventory.add_host(host, group)
                self._names_of_groups.setdefault(group, set()).add(name)

    def _warn_of_shared_groups(self) -> None:
        for group, names in sorted(self._names_of_groups.items()):
            if len(names) > 1:
                shared = quote(", ".join(sorted(names)))
                self.display.warning(f"The group {group} contains the hosts of different names: {shared}")


def _default_groups(target: Target) -> t.Iterator[tuple[str, str]]:
    """Yield the kind and the name of each group. Names of accounts and of organizational units can be any text."""
    yield "status", target["stack_instance_status"]
    yield "account", target["account"]
    yield "region", target["region"]
    for instance in target["stack_instances"]:
        yield "product", instance["provisioned_product_name"] or instance["provisioned_product_id"]
    if target.get("account_name"):
        yield "account_name", str(target["account_name"])
    for unit in (target.get("organizational_unit_path") or "").split("/"):
        if unit:
            yield "ou", unit
