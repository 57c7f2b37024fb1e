#!/usr/bin/python

# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: provisioned_product_info
version_added: 1.0.0
short_description: Find provisioned products
description:
  - Finds provisioned products of AWS Service Catalog by id, by name, by type, by status or by a search, and tells what
    AWS knows of each.
  - Reads every page of AWS' C(SearchProvisionedProducts), in a fixed order. The answer is whole, or the task fails.
  - Unlike the AWS CLI it looks at the products of the whole account, not only at those of the role that asks; see
    O(access_level).
author:
  - stackfleet contributors (@stackfleet)
options:
  ids:
    description:
      - Ids of provisioned products, such as V(pp-a1b2c3d4e5f6g). Can be mixed with O(names).
      - Ids and names are asked for with C(DescribeProvisionedProduct), one request each, which does not tell the tags.
    type: list
    elements: str
    default: []
  names:
    description:
      - Names of provisioned products, which are unique in an account and Region.
    type: list
    elements: str
    default: []
  types:
    description:
      - Keep only the provisioned products of these types, such as V(CFN_STACKSET) or V(CFN_STACK). An empty list keeps
        none.
    type: list
    elements: str
  statuses:
    description:
      - Keep only the provisioned products with one of these statuses. An empty list keeps none.
    type: list
    elements: str
    choices:
      - AVAILABLE
      - UNDER_CHANGE
      - TAINTED
      - ERROR
      - PLAN_IN_PROGRESS
  search_query:
    description:
      - Terms that AWS searches with, each a field, a colon and a value, such as V(productName:guardrails).
      - AWS decides what a term finds. O(types) and O(statuses) are exact, and go together with it.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - stackfleet.servicecatalog._attributes
  - stackfleet.servicecatalog._attributes.info
  - stackfleet.servicecatalog._products
  - stackfleet.servicecatalog._connection
  - amazon.aws.common.modules
  - amazon.aws.region.modules
seealso:
  - module: stackfleet.servicecatalog.stack_instance_info
    description: Into which accounts and Regions these products have been rolled out.
"""

EXAMPLES = r"""
- name: Find every product that is a stack set
  stackfleet.servicecatalog.provisioned_product_info:
    types: CFN_STACKSET
    region: eu-west-1
  register: stack_sets

- name: Look one up by its name
  stackfleet.servicecatalog.provisioned_product_info:
    names: guardrails
    region: eu-west-1
  register: guardrails

# Which places do the tainted products of one team still miss?
- name: Find the tainted stack sets
  stackfleet.servicecatalog.provisioned_product_info:
    types: CFN_STACKSET
    statuses: TAINTED
    region: eu-west-1
  register: tainted

- name: Go through their stack instances that are not current
  ansible.builtin.debug:
    msg: "{{ item.stack_instance_status }} in {{ item.account }}, {{ item.region }}"
  loop: "{{ query('stackfleet.servicecatalog.stack_instances', ids, statuses=['OUTDATED', 'INOPERABLE'],
    region='eu-west-1') }}"
  vars:
    ids: "{{ tainted.provisioned_products | selectattr('tags.team', 'defined')
      | selectattr('tags.team', 'eq', 'platform') | map(attribute='id') }}"
"""

RETURN = r"""
provisioned_products:
  description:
    - The provisioned products, sorted by id, each once; empty where there are none.
    - AWS tells other fields in a search than of an id or name. Those that the call in use does not tell are V(null);
      fields that AWS adds later are passed on.
  returned: success
  type: list
  elements: dict
  contains:
    arn:
      description: The ARN.
      returned: always
      type: str
      sample: arn:aws:servicecatalog:eu-west-1:123456789012:stack/guardrails/pp-a1b2c3d4e5f6g
    created_time:
      description: When it was created, as ISO 8601 in UTC.
      returned: always
      type: str
      sample: "2026-01-15T08:00:00+00:00"
    id:
      description: The id.
      returned: always
      type: str
      sample: pp-a1b2c3d4e5f6g
    idempotency_token:
      description: What told repeated requests for its creation apart.
      returned: always
      type: str
      sample: 0b3ee6d2-1c0c-4a34-9a6b-9f7f3f1b6c1e
    last_provisioning_record_id:
      description: The record of the last operation that provisioned, updated or terminated it.
      returned: always
      type: str
      sample: rec-a1b2c3d4e5f6g
    last_record_id:
      description: The record of the last operation on it.
      returned: always
      type: str
      sample: rec-a1b2c3d4e5f6g
    last_successful_provisioning_record_id:
      description: The record of the last such operation that succeeded.
      returned: always
      type: str
      sample: rec-a1b2c3d4e5f6g
    launch_role_arn:
      description: The ARN of the launch role. Not told by a search.
      returned: always
      type: str
      sample: arn:aws:iam::123456789012:role/launch
    name:
      description: The name.
      returned: always
      type: str
      sample: guardrails
    physical_id:
      description: The resource behind it. Only told by a search.
      returned: always
      type: str
      sample: SC-123456789012-pp-a1b2c3d4e5f6g
    product_id:
      description: The product in the catalog that it was made of.
      returned: always
      type: str
      sample: prod-a1b2c3d4e5f6g
    product_name:
      description: The name of that product. Only told by a search.
      returned: always
      type: str
      sample: Guardrails for all accounts
    provisioning_artifact_id:
      description: The version of that product.
      returned: always
      type: str
      sample: pa-a1b2c3d4e5f6g
    provisioning_artifact_name:
      description: The name of that version. Only told by a search.
      returned: always
      type: str
      sample: v12
    status:
      description: C(AVAILABLE), C(UNDER_CHANGE), C(TAINTED), C(ERROR), C(PLAN_IN_PROGRESS), or what AWS adds later.
      returned: always
      type: str
      sample: AVAILABLE
    status_message:
      description: What AWS says about the status; V(null) where it says nothing.
      returned: always
      type: str
      sample: The stack set operation failed in 2 accounts.
    tags:
      description: The tags. Only told by a search.
      returned: always
      type: dict
      sample: {"team": "platform"}
    type:
      description: The type, such as C(CFN_STACKSET) or C(CFN_STACK).
      returned: always
      type: str
      sample: CFN_STACKSET
    user_arn:
      description: The identity that provisioned it. Only told by a search.
      returned: always
      type: str
      sample: arn:aws:iam::123456789012:role/platform
    user_arn_session:
      description: The session of that identity. Only told by a search.
      returned: always
      type: str
      sample: arn:aws:sts::123456789012:assumed-role/platform/alice
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
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import provisioned_products as _products


def main() -> None:
    module = Module(
        argument_spec=_selection.PRODUCT_ARGUMENT_SPEC,
        mutually_exclusive=[("ids", "search_query"), ("names", "search_query")],
        supports_check_mode=True,
    )
    try:
        search = _selection.product_search_from_options(module.params)
        clients = _client.connect(
            module.client, concurrency=search.concurrency, assume_role_arn=module.params["assume_role_arn"]
        )
        found = _products.find(clients.service_catalog, search)
    except ServiceCatalogError as e:
        module.fail_json(**e.as_result())
    for sentence in found.warnings:
        module.warn(sentence)
    module.exit_json(changed=False, provisioned_products=found.provisioned_products)


if __name__ == "__main__":
    main()
