# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: stack_instances
version_added: 1.0.0
short_description: The stack instances of provisioned products, inside expressions and templates
description:
  - Tells into which accounts and Regions provisioned products of AWS Service Catalog have been rolled out, and whether
    each stack instance there is C(CURRENT), C(OUTDATED) or C(INOPERABLE).
  - The same list as that of M(stackfleet.servicecatalog.stack_instance_info). It is whole, or the lookup fails.
author:
  - stackfleet contributors (@stackfleet)
options:
  _terms:
    description:
      - The provisioned products, by id, or by name with O(identify_by=name).
      - Without any, and without O(provisioned_product_ids) and O(provisioned_product_names), every product of type
        C(CFN_STACKSET) that O(access_level) shows.
      - An empty list as a term asks for no product, so that what another task found can be passed on as it is.
    type: list
    elements: str
  identify_by:
    description:
      - What the terms are.
    type: str
    choices:
      id: Ids of provisioned products.
      name: Names of provisioned products.
    default: id
extends_documentation_fragment:
  - stackfleet.servicecatalog._selection
  - stackfleet.servicecatalog._products
  - stackfleet.servicecatalog._cache
  - stackfleet.servicecatalog._connection
  - stackfleet.servicecatalog._connection.plugins
  - amazon.aws.common.plugins
  - amazon.aws.region.plugins
notes:
  - A lookup runs on the controller, and again for every host and task that needs its value. Where many do,
    O(cache=true) makes one listing serve all of them.
  - Use C(query), or C(lookup) with C(wantlist=true). Without it, C(lookup) makes something else of a list of one.
seealso:
  - module: stackfleet.servicecatalog.provisioned_product_info
    description: Find the products whose stack instances to look at.
  - module: stackfleet.servicecatalog.stack_instance_info
    description: The same list as a task, with counts and the products' own states.
"""

EXAMPLES = r"""
- name: Count the stack instances of two products that are not up to date
  ansible.builtin.debug:
    msg: "{{ query('stackfleet.servicecatalog.stack_instances', 'pp-a1b2c3d4e5f6g', 'pp-h7i8j9k0l1m2n',
      statuses=['OUTDATED', 'INOPERABLE'], region='eu-west-1') | length }} are behind"

- name: Name the accounts that a product, found by name, has reached in one Region
  ansible.builtin.debug:
    msg: "{{ query('stackfleet.servicecatalog.stack_instances', 'guardrails', identify_by='name', statuses=['CURRENT'],
      regions=['us-east-1'], region='eu-west-1') | map(attribute='account') }}"

- name: Work through all that is outdated, whatever product it belongs to
  ansible.builtin.debug:
    msg: "{{ item.provisioned_product_name }} is outdated in {{ item.account }}, {{ item.region }}"
  loop: "{{ query('stackfleet.servicecatalog.stack_instances', statuses=['OUTDATED'], region='eu-west-1') }}"

- name: Write a file on every host, with one listing for all of them
  ansible.builtin.copy:
    content: "{{ query('stackfleet.servicecatalog.stack_instances', 'pp-a1b2c3d4e5f6g', region='eu-west-1', cache=true,
      cache_timeout=300) | to_nice_json }}"
    dest: ~/guardrails.json
    mode: "0644"

- name: Name the accounts that are suspended, which only CloudFormation tells
  ansible.builtin.debug:
    msg: "{{ query('stackfleet.servicecatalog.stack_instances', 'pp-a1b2c3d4e5f6g', source='cloudformation',
      region='eu-west-1') | selectattr('detailed_status', 'eq', 'SKIPPED_SUSPENDED_ACCOUNT')
      | map(attribute='account') | unique }}"
"""

RETURN = r"""
_list:
  description:
    - The stack instances, sorted by product, account and Region, each once; empty where there are none.
  type: list
  elements: dict
  contains:
    provisioned_product_id:
      description: The id of the provisioned product.
      type: str
      sample: pp-a1b2c3d4e5f6g
    provisioned_product_name:
      description: The name of the provisioned product; V(null) where the product was named by id.
      type: str
      sample: guardrails
    account:
      description: The AWS account, 12 digits.
      type: str
      sample: "210987654321"
    region:
      description: The AWS Region.
      type: str
      sample: eu-west-1
    stack_instance_status:
      description: C(CURRENT), C(OUTDATED), C(INOPERABLE), or what AWS adds later.
      type: str
      sample: CURRENT
    stack_id:
      description: The ARN of the stack; V(null) where there is none, as in an account that is suspended.
      returned: with O(source=cloudformation)
      type: str
      sample: >-
        arn:aws:cloudformation:eu-west-1:210987654321:stack/StackSet-SC-123456789012-pp-a1b2c3d4e5f6g/6a1b2c3d
    stack_set_id:
      description: The id of the stack set; V(null) where none is told.
      returned: with O(source=cloudformation)
      type: str
      sample: SC-123456789012-pp-a1b2c3d4e5f6g:0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f
    detailed_status:
      description:
        - C(PENDING), C(RUNNING), C(SUCCEEDED), C(FAILED), C(CANCELLED), C(INOPERABLE), C(SKIPPED_SUSPENDED_ACCOUNT) or
          C(FAILED_IMPORT), which tells one C(OUTDATED) from another; or what AWS adds later, or V(null).
      returned: with O(source=cloudformation)
      type: str
      sample: FAILED
    status_reason:
      description: Why it has that status, in AWS' words; V(null) where there are none.
      returned: with O(source=cloudformation)
      type: str
      sample: "Account 210987654321 should have 'AWSCloudFormationStackSetExecutionRole' role."
    organizational_unit_id:
      description: The organizational unit that the account was reached by; V(null) where it was reached by its number.
      returned: with O(source=cloudformation)
      type: str
      sample: ou-abcd-1a2b3c4d
    drift_status:
      description: C(DRIFTED), C(IN_SYNC), C(NOT_CHECKED), C(UNKNOWN) or V(null).
      returned: with O(source=cloudformation)
      type: str
      sample: NOT_CHECKED
    last_drift_check_timestamp:
      description: When drift was looked for, in UTC, by ISO 8601; V(null) where it was not.
      returned: with O(source=cloudformation)
      type: str
      sample: "2026-01-15T08:00:00+00:00"
    last_operation_id:
      description: The id of the last operation of the stack set on it; V(null) where none is known.
      returned: with O(source=cloudformation)
      type: str
      sample: 5e1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f
"""

import functools
import typing as t

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import options as _selection
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.stack_instance import StackInstance
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils import _options
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import cache as _cache
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import entry as _cache_entry


class LookupModule(LookupBase):
    def run(
        self, terms: list[t.Any], variables: dict[str, t.Any] | None = None, **kwargs: t.Any
    ) -> list[StackInstance]:
        try:
            self.set_options(var_options=variables, direct=kwargs)
            _options.refuse_unknown(str(self.ansible_name), self.option_definitions, kwargs)
            answer = self._answer(terms)
        except AnsibleAWSError as e:
            # The sentence is whole; Ansible would print each cause below it once more.
            raise AnsibleLookupError(str(e)) from None
        for sentence in answer.warnings:
            self._display.warning(sentence)
        return answer.stack_instances

    def _answer(self, terms: list[t.Any]) -> _cache_entry.Answer:
        options = self.get_options()
        named = f"provisioned_product_{options['identify_by']}s"
        selection = _selection.from_options({**options, named: self._flatten(terms) + (options[named] or [])})
        if terms and selection.is_discovery:
            # Somebody's list of products was empty: that asks for none of them, not for all.
            return _cache_entry.Answer([], [])
        ask = functools.partial(self._ask, options)
        if not options["cache"]:
            return ask(selection)
        return _cache.answer(options, selection, ask, self._display.warning)

    def _ask(self, options: dict[str, t.Any], selection: _selection.Selection) -> _cache_entry.Answer:
        from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils import _connection

        listing = _connection.read(str(self.ansible_name), options, selection)
        return _cache_entry.Answer(listing.stack_instances, listing.warnings)
