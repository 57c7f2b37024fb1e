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
  - If you do not set O(keyed_groups), the groups are C(status_<status>), C(account_<id>), C(region_<region>) and
    C(product_<name>), or C(product_<id>) if the name was not requested. Group names are in lower case, and characters
    that are invalid in group names are replaced with underscores.
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
    O(secret_key), O(session_token), O(profile), O(region), O(endpoint_url), O(assume_role_arn),
    O(provisioned_product_ids), O(provisioned_product_names), O(accounts), O(regions) and O(stack_set_names).
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
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.plugin_utils.inventory import AWSInventoryBase

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client as _client
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import RaisesErrors, quote
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import options as _selection
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import stack_instance as _stack_instance
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import stack_instances as _listing
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils import _options
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import entry as _cache_entry
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import key as _cache_key
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._untrusted import untrusted

if t.TYPE_CHECKING:
    from ansible.inventory.data import InventoryData
    from ansible.parsing.dataloader import DataLoader


_HOST_NAME = re.compile(r"[\w.-]+")


class InventoryModule(RaisesErrors, AWSInventoryBase):
    NAME = f"{_client.NAME}.stack_instances"
    INVENTORY_FILE_SUFFIXES = ("stack_instances.yml", "stack_instances.yaml")

    class TemplatedOptions(AWSInventoryBase.TemplatedOptions):
        TEMPLATABLE_OPTIONS = (  # type: ignore[assignment]  # amazon.aws says which, not that there are nine
            *AWSInventoryBase.TemplatedOptions.TEMPLATABLE_OPTIONS,
            "provisioned_product_ids",
            "provisioned_product_names",
            "accounts",
            "stack_set_names",
        )

    def parse(  # noqa: PLR0913, PLR0917 - the signature is that of AWSInventoryBase
        self,
        inventory: InventoryData,
        loader: DataLoader,
        path: str,
        cache: bool = True,
        botocore_version: str | None = None,
        boto3_version: str | None = None,
    ) -> None:
        # Not what AWSInventoryBase adds: it takes assume_role_arn without a sentence for what can go wrong.
        super(AWSInventoryBase, self).parse(inventory, loader, path)
        try:
            self.require_aws_sdk(botocore_version=botocore_version, boto3_version=boto3_version)
            _options.refuse_unknown(self.NAME, self.option_definitions, self._read_config_data(path))
            instances = self._stack_instances(path, cache)
        except AnsibleAWSError as e:
            # The sentence is whole; Ansible would print each cause below it once more.
            raise AnsibleParserError(str(e)) from None
        if not instances:
            self.display.warning(f"No stack instance was found for {path}, which adds no host to the inventory")
        self._populate(inventory, _stack_instance.by_place(untrusted(instances)))

    def get_cache_key(self, path: str) -> str:
        """Ansible's key for the file, and a digest of what it asks for and as whom."""
        options = self.get_options()
        return f"{super().get_cache_key(path)}_{_cache_key.of(options, _selection.from_options(options))}"

    def _stack_instances(self, path: str, cache: bool) -> list[_stack_instance.StackInstance]:
        selection = _selection.from_options(self.get_options())
        instances = self._kept(path, cache)
        if instances is None:
            began = time.time()
            clients = _client.connect(
                self.client, concurrency=selection.concurrency, assume_role_arn=self.get_option("assume_role_arn")
            )
            listing = _listing.read(clients, selection)
            for sentence in listing.warnings:
                self.display.warning(sentence)
            instances = listing.stack_instances
            if self.get_option("cache"):
                key = self.get_cache_key(path)
                self._cache[key] = _cache_entry.encoded(_cache_entry.Answer(instances, []), key, began)
        return instances

    def update_cache_if_changed(self) -> None:
        """What Ansible calls when all hosts are there: what can't be kept does not take them back."""
        try:
            if self.get_option("cache"):
                super().update_cache_if_changed()
        except Exception as e:
            self.display.warning(quote(f"The stack instances can't be cached: {e}"))

    def _kept(self, path: str, cache: bool) -> list[_stack_instance.StackInstance] | None:
        """What the cache has of the file, if it can be used."""
        try:
            cached, entry = self.get_cached_result(path, cache)
            return _cache_entry.decoded(entry, self.get_cache_key(path))[0].stack_instances if cached else None
        # Every cache plugin has errors of its own, and none of them is a reason not to ask AWS.
        except Exception as e:
            self.display.warning(quote(f"The cached stack instances of {path} can't be used, and are listed anew: {e}"))
            return None

    def _populate(self, inventory: InventoryData, places: list[_stack_instance.Place]) -> None:
        before = set(inventory.hosts)
        try:
            for place in places:
                host = _host_name(place)
                self._populate_host_vars([host], place)
                self._add_to_groups(inventory, host, place)
        except Exception:
            # Ansible goes on with what was added before a failure, and half of a fleet is worse than none of it.
            for host in set(inventory.hosts) - before:
                inventory.remove_host(inventory.hosts[host])
            raise

    def _add_to_groups(self, inventory: InventoryData, host: str, place: _stack_instance.Place) -> None:
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), place, host, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), place, host, strict=strict)
        keyed_groups = self.get_option("keyed_groups")
        self._add_host_to_keyed_groups(keyed_groups, place, host, strict=strict)
        for name in () if keyed_groups else _own_groups(place):
            inventory.add_host(host, inventory.add_group(self._sanitize_group_name(name)))


def _host_name(place: _stack_instance.Place) -> str:
    """Raises AnsibleParserError where AWS' words make none: ansible-core 2.18 would take some names for templates."""
    name = f"{place['account']}.{place['region']}"
    if not _HOST_NAME.fullmatch(name):
        raise AnsibleParserError(
            f"AWS told of a stack instance in account {place['account']!r} and Region {place['region']!r}, which can't"
            " be the name of a host"
        )
    return name


def _own_groups(place: _stack_instance.Place) -> t.Iterator[str]:
    yield f"status_{place['stack_instance_status']}".lower()
    yield f"account_{place['account']}".lower()
    yield f"region_{place['region']}".lower()
    for instance in place["stack_instances"]:
        yield f"product_{instance['provisioned_product_name'] or instance['provisioned_product_id']}".lower()
