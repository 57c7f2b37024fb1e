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
  - List the accounts and Regions that Service Catalog provisioned products of type C(CFN_STACKSET) are deployed to, and
    the status of each stack instance.
  - Select products by ID or by name. If you specify neither, the module lists all products of type C(CFN_STACKSET).
  - A stack instance must match all filters to be returned. If a product has no stack instance in an account or Region
    that you specify in O(accounts) or O(regions), the module issues a warning.
  - The list is complete, or the module fails. It reads all pages of C(ListStackInstancesForProvisionedProduct) and
    verifies each response.
  - Set O(source=cloudformation) to see why a stack instance is not current, and to list large fleets faster.
author:
  - stackfleet contributors (@stackfleet)
options:
  summary_only:
    description:
      - Whether to return only counts instead of the list of stack instances. This reduces the output for large fleets.
    type: bool
    default: false
  describe_products:
    description:
      - Whether to return the name, type, status and status message of each provisioned product.
      - Products that you select by O(provisioned_product_ids) require an additional request,
        C(DescribeProvisionedProduct). For other products, these fields are always returned.
    type: bool
    default: false
  describe_operations:
    description:
      - Whether to return the last stack set operation of the stack instances as RV(operations).
      - This requires O(source=cloudformation), and one request, C(DescribeStackSetOperation), for each operation.
    type: bool
    default: false
extends_documentation_fragment:
  - stackfleet.servicecatalog._attributes
  - stackfleet.servicecatalog._attributes.info
  - stackfleet.servicecatalog._query
  - stackfleet.servicecatalog._query.listing
  - stackfleet.servicecatalog._products
  - stackfleet.servicecatalog._connection
  - stackfleet.servicecatalog._connection.modules
seealso:
  - module: stackfleet.servicecatalog.provisioned_product_info
    description: Find provisioned products by status, type or tag.
  - module: stackfleet.servicecatalog.wait_for_rollout
    description: Verify that a rollout has reached the accounts and Regions that you require.
  - plugin: stackfleet.servicecatalog.stack_instances
    plugin_type: lookup
    description: Use the same list in expressions and templates.
"""

EXAMPLES = r"""
# These examples do not set authentication details. See the options for the environment variables that you can use.

- name: List the stack instances of a provisioned product
  stackfleet.servicecatalog.stack_instance_info:
    provisioned_product_ids: pp-a1b2c3d4e5f6g
    region: eu-west-1
  register: guardrails

- name: Show the status of each stack instance
  ansible.builtin.debug:
    msg: "{{ item.account }} {{ item.region }}: {{ item.stack_instance_status }}"
  loop: "{{ guardrails.stack_instances }}"
  loop_control:
    label: "{{ item.account }}.{{ item.region }}"

- name: List the stack instances of two products in two Regions
  stackfleet.servicecatalog.stack_instance_info:
    provisioned_product_names:
      - guardrails
      - audit-trail
    regions:
      - eu-west-1
      - us-east-1
    region: eu-west-1
  register: products

- name: Count the stack instances of all products
  stackfleet.servicecatalog.stack_instance_info:
    all_products: true
    summary_only: true
    region: eu-west-1
  register: fleet

- name: List the stack instances that are not current, with the reasons from CloudFormation
  stackfleet.servicecatalog.stack_instance_info:
    provisioned_product_names: guardrails
    not_current: true
    source: cloudformation
    region: eu-west-1
  register: not_current

- name: Show the reasons
  ansible.builtin.debug:
    msg: "{{ item.detailed_status }}: {{ item.status_reason }}"
  loop: "{{ not_current.stack_instances }}"
  loop_control:
    label: "{{ item.account }}.{{ item.region }}"

- name: List the stack instances in an organizational unit, with the names of their accounts
  stackfleet.servicecatalog.stack_instance_info:
    provisioned_product_names: guardrails
    organizational_unit_ids:
      - ou-a1b2-workload
    describe_accounts: true
    region: eu-west-1
  register: workloads

- name: Count the stack instances that are not current in all products of a team, and show since when
  stackfleet.servicecatalog.stack_instance_info:
    tags:
      team: platform
    not_current: true
    summary_only: true
    describe_operations: true
    source: cloudformation
    region: eu-west-1
  register: of_team

- name: Show the last operations
  ansible.builtin.debug:
    msg: >-
      {{ item.stack_instance_count }} since {{ item.creation_timestamp }}: {{ item.action }} {{ item.status }}
  loop: "{{ of_team.operations }}"
  loop_control:
    label: "{{ item.operation_id }}"

- name: Specify the name of the stack set
  stackfleet.servicecatalog.stack_instance_info:
    provisioned_product_ids: pp-a1b2c3d4e5f6g
    source: cloudformation
    stack_set_names:
      pp-a1b2c3d4e5f6g: SC-123456789012-pp-a1b2c3d4e5f6g
    region: eu-west-1

- name: Assume a role in the hub account
  stackfleet.servicecatalog.stack_instance_info:
    provisioned_product_names: guardrails
    assume_role_arn: arn:aws:iam::123456789012:role/service-catalog-reader
    region: eu-west-1
"""

RETURN = r"""
stack_instances:
  description:
    - The stack instances, sorted by provisioned product, account and Region. The list contains each of them once.
    - Empty if there are no stack instances, or if filters exclude all of them.
  returned: success and O(summary_only=false)
  type: list
  elements: dict
  contains:
    # Part: stack_instance
    provisioned_product_id:
      description: ID of the provisioned product.
      returned: always
      type: str
      sample: pp-a1b2c3d4e5f6g
    provisioned_product_name:
      description: Name of the provisioned product. V(null) if you selected it by ID and its name was not requested.
      returned: always
      type: str
      sample: guardrails
    account:
      description: AWS account of the stack instance.
      returned: always
      type: str
      sample: "210987654321"
    region:
      description: AWS Region of the stack instance.
      returned: always
      type: str
      sample: eu-west-1
    stack_instance_status:
      description:
        - Status of the stack instance in Service Catalog.
        - C(CURRENT) means that the stack instance is up to date.
        - C(OUTDATED) means that the last operation failed, was stopped, is pending or skipped the stack instance. The
          detailed status distinguishes these cases.
        - C(INOPERABLE) means that a deletion failed and left the stack in an unstable state. Delete the stack instance
          with C(RetainStacks), and then delete the stack manually.
        - AWS can add other statuses in the future, which are returned unchanged.
      returned: always
      type: str
      sample: CURRENT
    stack_id:
      description: ARN of the stack. V(null) if the stack instance has no stack, for example in a suspended account.
      returned: when read from CloudFormation
      type: str
      sample: >-
        arn:aws:cloudformation:eu-west-1:210987654321:stack/StackSet-SC-123456789012-pp-a1b2c3d4e5f6g/6a1b2c3d
    stack_set_id:
      description: ID of the stack set. V(null) if CloudFormation does not report it.
      returned: when read from CloudFormation
      type: str
      sample: SC-123456789012-pp-a1b2c3d4e5f6g:0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f
    detailed_status:
      description:
        - Detailed status of the stack instance, C(PENDING), C(RUNNING), C(SUCCEEDED), C(FAILED), C(CANCELLED),
          C(INOPERABLE), C(SKIPPED_SUSPENDED_ACCOUNT) or C(FAILED_IMPORT).
        - V(null) if CloudFormation does not report it. AWS can add other statuses in the future.
      returned: when read from CloudFormation
      type: str
      sample: FAILED
    status_reason:
      description: Explanation of the status from CloudFormation. V(null) if there is no explanation.
      returned: when read from CloudFormation
      type: str
      sample: "Account 210987654321 should have 'AWSCloudFormationStackSetExecutionRole' role."
    organizational_unit_id:
      description: ID of the organizational unit that was targeted. V(null) if the account was targeted directly.
      returned: when read from CloudFormation
      type: str
      sample: ou-abcd-1a2b3c4d
    drift_status:
      description: Drift status, C(DRIFTED), C(IN_SYNC), C(NOT_CHECKED), C(UNKNOWN) or V(null).
      returned: when read from CloudFormation
      type: str
      sample: NOT_CHECKED
    last_drift_check_timestamp:
      description: Time of the last drift detection in UTC, in ISO 8601 format. V(null) if drift was not detected yet.
      returned: when read from CloudFormation
      type: str
      sample: "2026-01-15T08:00:00+00:00"
    last_operation_id:
      description: ID of the last stack set operation. V(null) if CloudFormation does not report it.
      returned: when read from CloudFormation
      type: str
      sample: 5e1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f
    account_name:
      description: Name of the account in AWS Organizations. V(null) if the organization does not contain the account.
      returned: with O(describe_accounts=true)
      type: str
      sample: payments-prod
    account_state:
      description:
        - State of the account in AWS Organizations, such as C(ACTIVE), C(SUSPENDED), C(PENDING_CLOSURE) or C(CLOSED).
          V(null) if the organization does not contain the account.
      returned: with O(describe_accounts=true)
      type: str
      sample: ACTIVE
    organizational_unit_path:
      description:
        - Names of the organizational units of the account, from the top down and separated by slashes. A slash in a
          name is replaced with an underscore.
        - Empty if the account is directly in the root. V(null) if the organization does not contain the account.
      returned: with O(describe_accounts=true)
      type: str
      sample: Workloads/Payments
    # End of part: stack_instance
provisioned_products:
  description:
    - The provisioned products that you selected, sorted by ID.
    - Fields that were not requested from AWS are V(null). To request them, set O(describe_products=true).
  returned: success
  type: list
  elements: dict
  contains:
    # Part: provisioned_product
    id:
      description: ID of the provisioned product.
      returned: always
      type: str
      sample: pp-a1b2c3d4e5f6g
    name:
      description: Name of the provisioned product.
      returned: always
      type: str
      sample: guardrails
    type:
      description: Type of the provisioned product.
      returned: always
      type: str
      sample: CFN_STACKSET
    status:
      description:
        - Status of the provisioned product, such as C(AVAILABLE), C(UNDER_CHANGE), C(TAINTED), C(ERROR) or
          C(PLAN_IN_PROGRESS).
      returned: always
      type: str
      sample: AVAILABLE
    status_message:
      description: Message about the status from Service Catalog. V(null) if there is no message.
      returned: always
      type: str
      sample: The stack set operation failed in 2 accounts.
    arn:
      description: ARN of the provisioned product.
      returned: always
      type: str
      sample: arn:aws:servicecatalog:eu-west-1:123456789012:stack/guardrails/pp-a1b2c3d4e5f6g
    product_id:
      description: ID of the product in the catalog.
      returned: always
      type: str
      sample: prod-a1b2c3d4e5f6g
    provisioning_artifact_id:
      description: ID of the version of the product (provisioning artifact).
      returned: always
      type: str
      sample: pa-a1b2c3d4e5f6g
    provisioning_artifact_name:
      description: Name of the version. V(null) if you selected the product by ID or by name.
      returned: always
      type: str
      sample: v12
    # End of part: provisioned_product
    summary:
      description: Counts of the stack instances of this provisioned product, after filters.
      returned: always
      type: dict
      contains:
        # Part: summary
        total:
          description: Number of stack instances.
          returned: always
          type: int
          sample: 47
        current:
          description: Number of stack instances with the status C(CURRENT).
          returned: always
          type: int
          sample: 44
        outdated:
          description: Number of stack instances with the status C(OUTDATED).
          returned: always
          type: int
          sample: 2
        inoperable:
          description: Number of stack instances with the status C(INOPERABLE).
          returned: always
          type: int
          sample: 1
        other:
          description: Number of stack instances with any other status.
          returned: always
          type: int
          sample: 0
        all_current:
          description:
            - Whether all stack instances are C(CURRENT), and each provisioned product has at least one stack instance.
            - It is V(false) if a provisioned product that you select by ID or by name was not found.
          returned: always
          type: bool
          sample: false
        by_detailed_status:
          description:
            - Number of stack instances with each detailed status of CloudFormation.
            - The key C(UNKNOWN) counts stack instances without a detailed status.
          returned: when read from CloudFormation
          type: dict
          sample: {"SUCCEEDED": 44, "FAILED": 2, "INOPERABLE": 1}
        # End of part: summary
summary:
  description:
    - Counts of the stack instances of all provisioned products, after filters.
    - RV(summary.all_current) does not depend on filters by status. It is V(false) if a stack instance that these
      filters exclude is not C(CURRENT), or if an account or Region that you specify has no stack instance.
  returned: success
  type: dict
  contains:
    # Part: summary
    total:
      description: Number of stack instances.
      returned: always
      type: int
      sample: 47
    current:
      description: Number of stack instances with the status C(CURRENT).
      returned: always
      type: int
      sample: 44
    outdated:
      description: Number of stack instances with the status C(OUTDATED).
      returned: always
      type: int
      sample: 2
    inoperable:
      description: Number of stack instances with the status C(INOPERABLE).
      returned: always
      type: int
      sample: 1
    other:
      description: Number of stack instances with any other status.
      returned: always
      type: int
      sample: 0
    all_current:
      description:
        - Whether all stack instances are C(CURRENT), and each provisioned product has at least one stack instance.
        - It is V(false) if a provisioned product that you select by ID or by name was not found.
      returned: always
      type: bool
      sample: false
    by_detailed_status:
      description:
        - Number of stack instances with each detailed status of CloudFormation.
        - The key C(UNKNOWN) counts stack instances without a detailed status.
      returned: when read from CloudFormation
      type: dict
      sample: {"SUCCEEDED": 44, "FAILED": 2, "INOPERABLE": 1}
    # End of part: summary
operations:
  description:
    - The last stack set operation of the stack instances in RV(stack_instances), each of them once. They are sorted by
      provisioned product, and the newest is first.
    - If CloudFormation no longer has an operation, its details are V(null).
  returned: success and O(describe_operations=true)
  type: list
  elements: dict
  contains:
    operation_id:
      description: ID of the operation, the same as RV(stack_instances[].last_operation_id).
      returned: always
      type: str
      sample: 5e1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f
    stack_set_id:
      description: ID of the stack set.
      returned: always
      type: str
      sample: SC-123456789012-pp-a1b2c3d4e5f6g:0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f
    provisioned_product_id:
      description: ID of the provisioned product.
      returned: always
      type: str
      sample: pp-a1b2c3d4e5f6g
    stack_instance_count:
      description: Number of stack instances, after filters, whose last operation this is.
      returned: always
      type: int
      sample: 3
    action:
      description: Action, such as C(CREATE), C(UPDATE), C(DELETE) or C(DETECT_DRIFT).
      returned: always
      type: str
      sample: UPDATE
    status:
      description: Status, such as C(RUNNING), C(SUCCEEDED), C(FAILED), C(STOPPING), C(STOPPED) or C(QUEUED).
      returned: always
      type: str
      sample: FAILED
    status_reason:
      description: Explanation of the status. V(null) if there is no explanation.
      returned: always
      type: str
      sample: The failure tolerance was exceeded.
    creation_timestamp:
      description: Time at which the operation started in UTC, in ISO 8601 format.
      returned: always
      type: str
      sample: "2026-01-15T08:00:00+00:00"
    end_timestamp:
      description: Time at which the operation ended in UTC, in ISO 8601 format. V(null) if it has not ended.
      returned: always
      type: str
      sample: "2026-01-15T08:30:00+00:00"
    failed_stack_instances_count:
      description:
        - Number of stack instances in which the operation failed. V(null) if CloudFormation does not report it.
      returned: always
      type: int
      sample: 3
    total_stack_instances_count:
      description:
        - Number of stack instances of the operation. V(null) if CloudFormation or your version of botocore does not
          report it.
      returned: always
      type: int
      sample: 47
# Part: failure
# Part: error
error:
  description: Error that AWS returned.
  returned: on failure, if AWS returned an error
  type: dict
  contains:
    code:
      description: Error code.
      returned: always
      type: str
      sample: ResourceNotFoundException
    message:
      description: Error message.
      returned: always
      type: str
      sample: Provisioned product not found.
    request_id:
      description: ID of the request, for AWS Support. V(null) if the response contains none.
      returned: always
      type: str
      sample: 6a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f
# End of part: error
retryable:
  description: Whether retrying the task may succeed, for example after throttling or a lost connection.
  returned: on failure, except for options that Ansible or amazon.aws rejects
  type: bool
  sample: false
boto3_version:
  description: Version of boto3 that the module used.
  returned: on failure, except for invalid options
  type: str
  sample: 1.40.0
botocore_version:
  description: Version of botocore that the module used.
  returned: on failure, except for invalid options
  type: str
  sample: 1.40.0
# Part: diagnostics
request_retries:
  description: Retries of API calls, each with the reason.
  returned: with a verbosity of at least 2 (C(-vv)), if requests were retried
  type: list
  elements: str
  sample: ["Retry 1 to describe provisioned product guardrails: Rate exceeded"]
traceback:
  description: Lines of the traceback.
  returned: with a verbosity of at least 3 (C(-vvv)), if an API call failed or an option is invalid
  type: list
  elements: str
  sample: ["Traceback (most recent call last):"]
# End of part: diagnostics
# End of part: failure
"""

import typing as t
from dataclasses import dataclass, field

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import OptionError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import options
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._module import Module
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import operations, stack_instances
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._rollout import coverage

if t.TYPE_CHECKING:
    from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.client import Clients
    from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.operation import Operation


@dataclass(frozen=True)
class Output(options.Options):
    """What to return."""

    summary_only: bool = field(default=False, metadata=options.option(options.boolean, type="bool"))
    describe_products: bool = field(default=False, metadata=options.option(options.boolean, type="bool"))
    describe_operations: bool = field(default=False, metadata=options.option(options.boolean, type="bool"))

    def require_source(self, query: options.Query) -> None:
        """Refuse to describe operations that the source does not return. Raises OptionError."""
        if self.describe_operations and query.source != "cloudformation":
            raise OptionError(
                "describe_operations requires source=cloudformation, as Service Catalog returns no operations"
            )


def main() -> None:
    module = Module(options.Query, Output)

    def read() -> dict[str, t.Any]:
        query, output = options.parse(options.Query, module.params), options.parse(Output, module.params)
        output.require_source(query)

        def listed(clients: Clients) -> tuple[stack_instances.Listing, list[Operation]]:
            found = stack_instances.read(clients, query, describe_products=output.describe_products)
            described = found.stack_instances if output.describe_operations else ()
            return found, operations.read(clients, described, query.concurrency)

        listing, last_operations = module.supervise(listed, query.concurrency)
        for warning in [*listing.warnings, *coverage.warnings(listing.missing)]:
            module.warn(warning)
        result: dict[str, t.Any] = {
            "changed": False,
            "provisioned_products": listing.provisioned_products,
            "summary": listing.summary,
        }
        if not output.summary_only:
            result["stack_instances"] = listing.stack_instances
        if output.describe_operations:
            result["operations"] = last_operations
        return result

    module.run(read)


if __name__ == "__main__":
    main()
