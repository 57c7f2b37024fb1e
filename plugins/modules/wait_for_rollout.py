#!/usr/bin/python

# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wait_for_rollout
version_added: 1.0.0
short_description: Wait for a rollout to all accounts and Regions
description:
  - Wait until provisioned products are C(AVAILABLE) and their stack instances are C(CURRENT), and display the progress.
    Use this module as a gate in pipelines and workflows.
  - You must select the products by ID or by name, or set O(all_products=true). An empty selection is an error.
  - While a product is C(UNDER_CHANGE) or C(PLAN_IN_PROGRESS), the module waits. If it is C(TAINTED) or C(ERROR), the
    module fails immediately with the status message.
  - The module succeeds if each product has stack instances and the number of those that are not C(CURRENT) does not
    exceed the failure tolerance.
  - The module fails without waiting any longer if too many stack instances can't become C(CURRENT) on their own. These
    are C(INOPERABLE) stack instances and, once the product is C(AVAILABLE), with O(source=cloudformation) those with a
    detailed status of C(FAILED), C(CANCELLED), C(FAILED_IMPORT) or C(SKIPPED_SUSPENDED_ACCOUNT).
  - Specify O(accounts), O(organizational_unit_ids) and O(regions) to require stack instances in these accounts and
    Regions, and O(provisioning_artifact_name) to require a version.
author:
  - stackfleet contributors (@stackfleet)
options:
  all_products:
    description:
      - Whether to wait for all provisioned products of type C(CFN_STACKSET) that O(access_level) includes.
      - Required if you do not set O(provisioned_product_ids), O(provisioned_product_names) or O(tags), and mutually
        exclusive with them.
    type: bool
    default: false
  accounts:
    description:
      - AWS accounts in which each selected product must have a stack instance. Stack instances in other accounts are
        ignored, unless you specify O(organizational_unit_ids).
      - If you also specify O(regions), each account must have a stack instance in each Region.
      - A stack instance that does not exist has the status C(MISSING), which the failure tolerance does not cover. If
        it is missing in 3 consecutive polls of an C(AVAILABLE) product, the module fails.
      - Quote the account numbers in YAML, as in V("012345678901").
    type: list
    elements: str
  organizational_unit_ids:
    description:
      - Organizational units or roots of AWS Organizations, such as V(ou-a1b2-c3d4e5f6) or V(r-a1b2). Each selected
        product must have a stack instance in each account that is in one of them, or below, and that has the state
        C(ACTIVE). Stack instances in other accounts are ignored.
      - If a stack instance does not exist, the same applies as for O(accounts).
      - If you also specify O(accounts), the accounts of both options are required.
      - Accounts in O(exclude_accounts) are not required. Accounts that are not C(ACTIVE) are ignored.
      - The accounts are listed for each poll. If an organizational unit has no C(ACTIVE) account, the module fails.
    type: list
    elements: str
  exclude_accounts:
    description:
      - AWS accounts whose stack instances are ignored.
      - Quote the account numbers in YAML, as in V("012345678901").
    type: list
    elements: str
  regions:
    description:
      - AWS Regions in which each selected product must have a stack instance. Stack instances in other Regions are
        ignored.
      - If a stack instance does not exist, the same applies as for O(accounts).
      - Do not confuse this option with O(region), the Region of the hub account that holds the provisioned product.
    type: list
    elements: str
  provisioning_artifact_id:
    description:
      - ID of the version (provisioning artifact) that the selected products must have, such as V(pa-a1b2c3d4e5f6g).
      - If an C(AVAILABLE) product has a different version, the module fails.
    type: str
  provisioning_artifact_name:
    description:
      - Name of the version (provisioning artifact) that the selected products must have, such as V(v12).
      - If an C(AVAILABLE) product has a different version, the module fails.
      - For products that you select by ID or by name, this option requires the permission
        C(servicecatalog:DescribeProvisioningArtifact), because the details of a product only contain the ID of its
        version.
    type: str
  record_id:
    description:
      - ID of the record of the request to wait for, such as V(rec-a1b2c3d4e5f6g). Select exactly one product, by ID or
        by name.
      - If the request fails, the module fails with the errors of the record.
      - Requires the permission C(servicecatalog:DescribeRecord).
    type: str
  tolerate_suspended:
    description:
      - Whether to ignore stack instances in suspended accounts. These have the detailed status
        C(SKIPPED_SUSPENDED_ACCOUNT).
      - Requires O(source=cloudformation) or O(source=auto), because Service Catalog does not report suspended accounts.
    type: bool
    default: false
  failure_tolerance_count:
    description:
      - Number of stack instances that can have a status other than C(CURRENT).
      - If you also specify O(failure_tolerance_percentage), the higher tolerance applies.
    type: int
    default: 0
  failure_tolerance_percentage:
    description:
      - Percentage of the stack instances that can have a status other than C(CURRENT), rounded down to a whole number
        of stack instances.
    type: int
    default: 0
  timeout:
    description:
      - Maximum time to wait, in seconds. A poll that is in progress at that time can take up to O(sleep) more seconds.
      - With V(0), the module checks the status once, now, and fails if the rollout is not ready.
    type: int
    default: 1800
  delay:
    description:
      - Time to wait before the first poll, in seconds.
    type: int
    default: 0
  sleep:
    description:
      - Time to wait between polls, in seconds. The module randomly shortens it by up to a quarter, so that jobs that
        start at the same time do not poll at the same time.
    type: int
    default: 15
  report_every:
    description:
      - Interval, in seconds, at which the module displays the progress even if it does not change.
      - With V(0), the module only displays changes.
    type: int
    default: 300
  max_not_current:
    description:
      - Maximum number of stack instances to return as RV(not_current).
      - RV(not_current_total) and RV(reasons) always cover all of them.
    type: int
    default: 100
extends_documentation_fragment:
  - stackfleet.servicecatalog._attributes
  - stackfleet.servicecatalog._attributes.wait
  - stackfleet.servicecatalog._query
  - stackfleet.servicecatalog._products
  - stackfleet.servicecatalog._connection
  - stackfleet.servicecatalog._connection.modules
notes:
  - To also write a report and set statistics for a workflow, use the role
    P(stackfleet.servicecatalog.rollout_gate#role).
  - Requires the permission C(servicecatalog:DescribeProvisionedProduct), in addition to those of
    M(stackfleet.servicecatalog.stack_instance_info).
  - Each poll runs this module on the target host. You can use C(delegate_to), C(module_defaults) and credentials as
    with any module.
  - If a poll fails with a retryable error, such as throttling, the module polls again until the timeout. After the
    first successful poll, this also applies to other failures without a response from AWS, for example of a credential
    service.
  - With O(on_missing=warn) or O(on_missing=skip), the module waits for products that do not exist yet. It does not
    succeed without them.
seealso:
  - module: stackfleet.servicecatalog.stack_instance_info
    description: List the stack instances once.
"""

EXAMPLES = r"""
# These examples do not set authentication details. See the options for the environment variables that you can use.

- name: Wait up to half an hour for a rollout
  stackfleet.servicecatalog.wait_for_rollout:
    provisioned_product_names: guardrails
    region: eu-west-1

- name: Require two products in two Regions, and tolerate up to 5 percent of failures
  stackfleet.servicecatalog.wait_for_rollout:
    provisioned_product_ids:
      - pp-a1b2c3d4e5f6g
      - pp-h7i8j9k0l1m2n
    regions:
      - eu-west-1
      - us-east-1
    timeout: 3600
    sleep: 30
    failure_tolerance_percentage: 5
    region: eu-west-1
  register: rollout

- name: Require a version, and fail as soon as a stack instance has failed
  stackfleet.servicecatalog.wait_for_rollout:
    provisioned_product_names: guardrails
    provisioning_artifact_name: v12
    source: cloudformation
    region: eu-west-1

- name: Fail unless all products are up to date now
  stackfleet.servicecatalog.wait_for_rollout:
    all_products: true
    timeout: 0
    region: eu-west-1

- name: Check whether a rollout is ready, without waiting and without failing
  stackfleet.servicecatalog.wait_for_rollout:
    provisioned_product_names: guardrails
    region: eu-west-1
  check_mode: true
  register: guardrails
"""

RETURN = r"""
outcome:
  description:
    - Outcome of the wait.
    - C(ready) means that the rollout is complete, within the failure tolerance.
    - C(not_ready) means that the rollout is not complete. Only returned in check mode.
    - C(timed_out) means that the rollout was not complete at the timeout.
    - C(product_failed) means that a provisioned product is C(TAINTED) or C(ERROR).
    - C(instances_failed) means that more stack instances failed than the failure tolerance allows.
    - C(missing) means that a product has no stack instance in an account or Region that you require.
    - C(wrong_version) means that a product has a different version than you require.
    - C(record_failed) means that the request that O(record_id) specifies failed.
    - C(no_instances) means that a product has no stack instances in the accounts and Regions that you select, or that
      there are no products.
    - C(call_failed) means that polls failed, so that there is no other outcome.
  returned: always, except for invalid options
  type: str
  sample: ready
ready:
  description: Whether the rollout is complete, within the failure tolerance.
  returned: always, except for invalid options
  type: bool
  sample: true
elapsed:
  description: Time that the module waited, in seconds.
  returned: always, except for invalid options
  type: int
  sample: 90
polls:
  description: Number of times the status was polled.
  returned: always, except for invalid options
  type: int
  sample: 7
summary:
  description: Counts of the stack instances of all provisioned products, at the last successful poll.
  returned: always, except for invalid options
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
    missing:
      description: Number of stack instances with the status C(MISSING).
      returned: if a required stack instance does not exist
      type: int
      sample: 1
provisioned_products:
  description: The provisioned products at the last successful poll, sorted by ID.
  returned: always, except for invalid options
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
      description: Counts of the stack instances of this provisioned product.
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
        missing:
          description: Number of stack instances with the status C(MISSING).
          returned: if a required stack instance does not exist
          type: int
          sample: 1
not_current:
  description:
    - Stack instances that were not C(CURRENT) at the last successful poll, worst first. The list contains at most
      O(max_not_current) stack instances.
    - Stack instances that you require and that do not exist have the status C(MISSING). If you only specify
      O(accounts), their Region is C(*), and if you only specify O(regions), their account is C(*).
  returned: always, except for invalid options
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
not_current_total:
  description: Number of stack instances that were not C(CURRENT) at the last successful poll.
  returned: always, except for invalid options
  type: int
  sample: 3
reasons:
  description:
    - Reasons why stack instances are not C(CURRENT), worst and most frequent first. The counts cover all stack
      instances that are not C(CURRENT).
    - Reasons that only differ in the account, Region or an ID are combined. They contain C(<account>), C(<region>) or
      C(<id>) instead.
    - After the first 50 reasons, the others are combined by status and detailed status.
  returned: always, except for invalid options
  type: list
  elements: dict
  contains:
    status:
      description: Status of the stack instances, such as C(OUTDATED) or C(MISSING).
      returned: always
      type: str
      sample: OUTDATED
    detailed_status:
      description: Detailed status from CloudFormation. V(null) if it was not requested.
      returned: always
      type: str
      sample: FAILED
    status_reason:
      description: Explanation from CloudFormation. V(null) if there is no explanation or if it was not requested.
      returned: always
      type: str
      sample: "Account 210987654321 should have 'AWSCloudFormationStackSetExecutionRole' role."
    count:
      description: Number of stack instances with this reason.
      returned: always
      type: int
      sample: 3
    targets:
      description:
        - Accounts and Regions with this reason, at most O(max_not_current). They start with the provisioned product if
          several products are not current.
      returned: always
      type: list
      elements: str
      sample: ["210987654321 eu-west-1", "444455556666 eu-west-1"]
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
  returned: on failure, if the last poll failed or an option is invalid
  type: bool
  sample: false
boto3_version:
  description: Version of boto3 that the module used.
  returned: on failure, if the last poll failed
  type: str
  sample: 1.40.0
botocore_version:
  description: Version of botocore that the module used.
  returned: on failure, if the last poll failed
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
"""

import typing as t

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import ServiceCatalogError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import wait_options
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Selection
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._module import Module
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import rollout
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._rollout.judge import Observation, Verdict
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._rollout.wait import (
    PollFailedError,
    poll_once,
    wait,
)


def main() -> None:
    # The action plugin of the same name waits on the controller, where it can show progress. It runs this module for
    # each poll, and for the complete wait with async.
    module = Module(Selection, wait_options.WaitOptions)

    def run() -> dict[str, t.Any]:
        query, options = wait_options.parse(module.params)

        def poll(seconds: float) -> tuple[Observation, Verdict, list[str]]:
            try:
                return module.supervise(
                    lambda clients: rollout.read(clients, query, options), query.concurrency, seconds
                )
            except ServiceCatalogError as e:
                raise PollFailedError(module.failure(e)) from e

        result = poll_once(poll, options) if module.check_mode else wait(poll, options, lambda _line: None)
        for warning in result.warnings:
            module.warn(warning)
        return result.as_dict()

    module.run(run)


if __name__ == "__main__":
    main()
