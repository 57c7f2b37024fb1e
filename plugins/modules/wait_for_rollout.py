#!/usr/bin/python

# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wait_for_rollout
version_added: 1.0.0
short_description: Wait until a rollout to all accounts and Regions has settled
description:
  - Waits until provisioned products of AWS Service Catalog have reached every account and Region, and shows a line
    whenever something has changed.
  - Looks at the products' own status first. While a product is C(UNDER_CHANGE) or C(PLAN_IN_PROGRESS) the wait goes on;
    C(TAINTED) and C(ERROR) end it at once, with AWS' message. Then it looks at the stack instances.
  - Succeeds when no more of the stack instances than tolerated are other than C(CURRENT). Fails at once when more of
    them than tolerated are C(INOPERABLE), which waiting does not mend, and when a product has no stack instance at all.
  - With O(source=cloudformation) it knows why a stack instance is C(OUTDATED), says so, and fails at once for more of
    them than tolerated that do not become C(CURRENT) by waiting, once the product is C(AVAILABLE). These are C(FAILED),
    C(CANCELLED), C(FAILED_IMPORT) and C(SKIPPED_SUSPENDED_ACCOUNT). Of suspended accounts that are to be put up with
    tell the tolerance, or leave them out with O(accounts).
  - In check mode it looks once, does not wait, and does not fail for what it sees; RV(ready) tells.
author:
  - stackfleet contributors (@stackfleet)
options:
  timeout:
    description:
      - How long to wait in all, in seconds.
    type: int
    default: 1800
  delay:
    description:
      - How long to wait before the first look, in seconds.
    type: int
    default: 0
  sleep:
    description:
      - How long to wait between two looks, in seconds. Up to a quarter of it is left out, by chance, so that jobs that
        began together do not ask AWS together.
    type: int
    default: 15
  failure_tolerance_count:
    description:
      - How many stack instances may be other than C(CURRENT).
      - Of this and O(failure_tolerance_percentage) the one counts that tolerates more.
    type: int
    default: 0
  failure_tolerance_percentage:
    description:
      - What share of the stack instances may be other than C(CURRENT), in percent, rounded down to whole instances.
    type: int
    default: 0
extends_documentation_fragment:
  - stackfleet.servicecatalog._attributes
  - stackfleet.servicecatalog._attributes.wait
  - stackfleet.servicecatalog._selection
  - stackfleet.servicecatalog._products
  - stackfleet.servicecatalog._connection
  - amazon.aws.common.modules
  - amazon.aws.region.modules
notes:
  - Each look is a run of M(stackfleet.servicecatalog.stack_instance_info) on the target host, so C(delegate_to), the
    credentials and C(module_defaults) work as for modules. It needs C(servicecatalog:DescribeProvisionedProduct) too.
  - A look that AWS throttles, or whose connection is lost after an earlier one went well, is tried again until the time
    is up.
  - With C(async) the wait runs on the target host and shows no lines.
seealso:
  - module: stackfleet.servicecatalog.stack_instance_info
    description: The same stack instances, once.
"""

EXAMPLES = r"""
- name: Wait for the guardrails, half an hour at the most
  stackfleet.servicecatalog.wait_for_rollout:
    provisioned_product_names: guardrails
    region: eu-west-1

- name: Wait for two products in the Regions that matter, and put up with some accounts that are suspended
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

- name: Stop as soon as a stack instance has failed, and say why
  stackfleet.servicecatalog.wait_for_rollout:
    provisioned_product_names: guardrails
    source: cloudformation
    region: eu-west-1

- name: Ask whether it is ready, without waiting
  stackfleet.servicecatalog.wait_for_rollout:
    provisioned_product_names: guardrails
    region: eu-west-1
  check_mode: true
  register: guardrails
"""

RETURN = r"""
ready:
  description: Whether the rollout has settled with no more than the tolerated stack instances other than C(CURRENT).
  returned: always, but for options that make no sense
  type: bool
  sample: true
elapsed:
  description: How long it took, in seconds.
  returned: always, but for options that make no sense
  type: int
  sample: 90
polls:
  description: How many looks there were.
  returned: always, but for options that make no sense
  type: int
  sample: 7
summary:
  description: The counts of the last look, as M(stackfleet.servicecatalog.stack_instance_info) returns them.
  returned: always, but for options that make no sense
  type: dict
  sample: {"total": 40, "current": 40, "outdated": 0, "inoperable": 0, "all_current": true}
provisioned_products:
  description:
    - The provisioned products at the last look, as M(stackfleet.servicecatalog.stack_instance_info) returns them.
  returned: always, but for options that make no sense
  type: list
  elements: dict
  sample:
    - id: pp-a1b2c3d4e5f6g
      name: guardrails
      type: CFN_STACKSET
      status: AVAILABLE
      status_message: null
      arn: arn:aws:servicecatalog:eu-west-1:123456789012:stack/guardrails/pp-a1b2c3d4e5f6g
      summary: {"total": 40, "current": 40, "outdated": 0, "inoperable": 0, "all_current": true}
not_current:
  description:
    - The stack instances that were other than C(CURRENT) at the last look, as
      M(stackfleet.servicecatalog.stack_instance_info) returns them; empty where there are none.
    - With O(source=cloudformation) each has its C(detailed_status), C(status_reason) and all else that CloudFormation
      tells.
  returned: always, but for options that make no sense
  type: list
  elements: dict
  sample:
    - provisioned_product_id: pp-a1b2c3d4e5f6g
      provisioned_product_name: guardrails
      account: "210987654321"
      region: eu-west-1
      stack_instance_status: OUTDATED
error:
  description: AWS' error code and message, where AWS refused a call.
  returned: failure, where AWS answered
  type: dict
  sample: {"code": "ResourceNotFoundException", "message": "Provisioned product not found."}
"""

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client as _client
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import ServiceCatalogError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import options as _selection
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._module import Module
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import stack_instances as _listing
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._rollout import wait as _rollout


def main() -> None:
    # Without async the action plugin of the same name does this on the controller, where it can show lines.
    module = Module(argument_spec={**_selection.ARGUMENT_SPEC, **_rollout.ARGUMENT_SPEC}, supports_check_mode=True)
    try:
        patience = _rollout.patience_from_options(module.params)
        selection = _selection.from_options(module.params)
    except ServiceCatalogError as e:
        module.fail_json(msg=str(e))

    def see() -> _rollout.Look:
        try:
            clients = _client.connect(
                module.client, concurrency=selection.concurrency, assume_role_arn=module.params["assume_role_arn"]
            )
            listing = _listing.read(clients, selection, describe_products=True)
        except ServiceCatalogError as e:
            raise _rollout.LookFailedError(e.as_result()) from e
        return _rollout.Look(listing.provisioned_products, listing.stack_instances, listing.warnings)

    if module.check_mode:
        outcome = _rollout.look_once(see, patience)
    else:
        outcome = _rollout.wait(see, patience, lambda _line: None)
    for sentence in outcome.look.warnings:
        module.warn(sentence)
    if outcome.verdict.failure is None:
        module.exit_json(**outcome.as_dict())
    module.fail_json(**outcome.as_dict())


if __name__ == "__main__":
    main()
