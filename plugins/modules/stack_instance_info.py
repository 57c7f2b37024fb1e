#!/usr/bin/python

# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: stack_instance_info
version_added: 1.0.0
short_description: List the stack instances of provisioned products
description:
  - Tells into which accounts and Regions provisioned products of AWS Service Catalog have been rolled out, and whether
    each stack instance there is C(CURRENT), C(OUTDATED) or C(INOPERABLE).
  - Reads every page of AWS' C(ListStackInstancesForProvisionedProduct). The answer is whole, or the task fails.
  - Products are named by their ids, by their names, or not at all, which lists all of type C(CFN_STACKSET).
  - With O(source=cloudformation) it also tells why a stack instance is not current, and is faster for large fleets.
author:
  - stackfleet contributors (@stackfleet)
options:
  summary_only:
    description:
      - Return the counts without the list of stack instances, which keeps the output small for large fleets.
    type: bool
    default: false
  describe_products:
    description:
      - Also return each product's name, type, status and status message.
      - Products that are named by O(provisioned_product_ids) are asked for these with C(DescribeProvisionedProduct),
        one more request each. Where products were found by name or without either, they are known already.
    type: bool
    default: false
extends_documentation_fragment:
  - stackfleet.servicecatalog._attributes
  - stackfleet.servicecatalog._attributes.info
  - stackfleet.servicecatalog._selection
  - stackfleet.servicecatalog._products
  - stackfleet.servicecatalog._connection
  - amazon.aws.common.modules
  - amazon.aws.region.modules
seealso:
  - module: stackfleet.servicecatalog.provisioned_product_info
    description: Find the products themselves, by status, type or tag.
  - plugin: stackfleet.servicecatalog.stack_instances
    plugin_type: lookup
    description: The same list inside expressions and templates.
"""

EXAMPLES = r"""
- name: List the stack instances of a product
  stackfleet.servicecatalog.stack_instance_info:
    provisioned_product_ids: pp-a1b2c3d4e5f6g
    region: eu-west-1
  register: guardrails

- name: Show what is not current
  ansible.builtin.debug:
    msg: "{{ item.account }} {{ item.region }}: {{ item.stack_instance_status }}"
  loop: "{{ guardrails.stack_instances | rejectattr('stack_instance_status', 'eq', 'CURRENT') }}"
  loop_control:
    label: "{{ item.account }}.{{ item.region }}"

- name: Look at two Regions of two products, found by name
  stackfleet.servicecatalog.stack_instance_info:
    provisioned_product_names:
      - guardrails
      - audit-trail
    regions:
      - eu-west-1
      - us-east-1
    region: eu-west-1
  register: products

- name: Stop unless every stack instance of every product is current
  stackfleet.servicecatalog.stack_instance_info:
    summary_only: true
    region: eu-west-1
  register: fleet
  failed_when: not fleet.summary.all_current

- name: Ask CloudFormation why stack instances are outdated
  stackfleet.servicecatalog.stack_instance_info:
    provisioned_product_names: guardrails
    statuses: OUTDATED
    source: cloudformation
    region: eu-west-1
  register: outdated

- name: Show the reasons
  ansible.builtin.debug:
    msg: "{{ item.detailed_status }}: {{ item.status_reason }}"
  loop: "{{ outdated.stack_instances }}"
  loop_control:
    label: "{{ item.account }}.{{ item.region }}"

- name: Read a stack set that has a name of its own
  stackfleet.servicecatalog.stack_instance_info:
    provisioned_product_ids: pp-a1b2c3d4e5f6g
    source: cloudformation
    stack_set_names:
      pp-a1b2c3d4e5f6g: SC-123456789012-pp-a1b2c3d4e5f6g
    region: eu-west-1

- name: Ask from another account
  stackfleet.servicecatalog.stack_instance_info:
    provisioned_product_names: guardrails
    assume_role_arn: arn:aws:iam::123456789012:role/service-catalog-reader
    region: eu-west-1
"""

RETURN = r"""
stack_instances:
  description:
    - The stack instances, sorted by product, account and Region, each once.
    - Empty where there are none. Missing with O(summary_only=true).
  returned: success and O(summary_only=false)
  type: list
  elements: dict
  contains:
    provisioned_product_id:
      description: The id of the provisioned product.
      returned: always
      type: str
      sample: pp-a1b2c3d4e5f6g
    provisioned_product_name:
      description: Its name; V(null) where the product was named by id and nothing else was asked.
      returned: always
      type: str
      sample: guardrails
    account:
      description: The AWS account, 12 digits.
      returned: always
      type: str
      sample: "210987654321"
    region:
      description: The AWS Region.
      returned: always
      type: str
      sample: eu-west-1
    stack_instance_status:
      description:
        - C(CURRENT), the stack is up to date; C(OUTDATED), an operation failed, was stopped, is pending or was skipped;
          C(INOPERABLE), a deletion failed, and a person must look after it.
        - A status that AWS adds later is passed on.
      returned: always
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
provisioned_products:
  description:
    - The provisioned products that were listed, sorted by id. What was not asked of AWS is V(null).
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The id of the provisioned product.
      returned: always
      type: str
      sample: pp-a1b2c3d4e5f6g
    name:
      description: Its name.
      returned: always
      type: str
      sample: guardrails
    type:
      description: Its type.
      returned: always
      type: str
      sample: CFN_STACKSET
    status:
      description: Its status, such as C(AVAILABLE), C(UNDER_CHANGE), C(TAINTED), C(ERROR) or C(PLAN_IN_PROGRESS).
      returned: always
      type: str
      sample: AVAILABLE
    status_message:
      description: What AWS says about the status; V(null) where it says nothing.
      returned: always
      type: str
      sample: The stack set operation failed in 2 accounts.
    arn:
      description: Its ARN.
      returned: always
      type: str
      sample: arn:aws:servicecatalog:eu-west-1:123456789012:stack/guardrails/pp-a1b2c3d4e5f6g
    summary:
      description: The counts of this product's stack instances, as in RV(summary).
      returned: always
      type: dict
      sample: {"total": 47, "current": 44, "outdated": 2, "inoperable": 1, "all_current": false}
summary:
  description: The counts of the stack instances of all products, after the filters.
  returned: success
  type: dict
  contains:
    total:
      description: How many stack instances there are.
      returned: always
      type: int
      sample: 47
    current:
      description: How many are C(CURRENT).
      returned: always
      type: int
      sample: 44
    outdated:
      description: How many are C(OUTDATED).
      returned: always
      type: int
      sample: 2
    inoperable:
      description: How many are C(INOPERABLE).
      returned: always
      type: int
      sample: 1
    all_current:
      description: Whether there are stack instances, and all of them are C(CURRENT).
      returned: always
      type: bool
      sample: false
error:
  description: AWS' error code and message, where AWS refused a call.
  returned: failure, where AWS answered
  type: dict
  sample: {"code": "ResourceNotFoundException", "message": "Provisioned product not found."}
retryable:
  description: Whether the same task may go well a little later, as after throttling or a lost connection.
  returned: failure, but for options that Ansible or amazon.aws refuses
  type: bool
  sample: false
"""

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client as _client
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import ServiceCatalogError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import options as _selection
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._module import Module
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import stack_instances as _listing


def main() -> None:
    module = Module(
        argument_spec={
            **_selection.ARGUMENT_SPEC,
            "summary_only": {"type": "bool", "default": False},
            "describe_products": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    try:
        selection = _selection.from_options(module.params)
        clients = _client.connect(
            module.client, concurrency=selection.concurrency, assume_role_arn=module.params["assume_role_arn"]
        )
        listing = _listing.read(clients, selection, describe_products=module.params["describe_products"])
    except ServiceCatalogError as e:
        module.fail_json(**e.as_result())
    for sentence in listing.warnings:
        module.warn(sentence)
    result = {} if module.params["summary_only"] else {"stack_instances": listing.stack_instances}
    module.exit_json(
        changed=False, provisioned_products=listing.provisioned_products, summary=listing.summary, **result
    )


if __name__ == "__main__":
    main()
