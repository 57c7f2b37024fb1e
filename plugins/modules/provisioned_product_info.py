#!/usr/bin/python

# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: provisioned_product_info
version_added: 1.0.0
short_description: Gather information about provisioned products
description:
  - Gather information about Service Catalog provisioned products, for example their status, version and tags.
  - Select products by ID, by name or with a search query. If you specify none of these, the module returns all products
    that O(access_level) includes.
  - The list is complete, or the module fails. It reads all pages of C(SearchProvisionedProducts) in a stable order.
author:
  - stackfleet contributors (@stackfleet)
options:
  provisioned_product_ids:
    description:
      - IDs of provisioned products, such as V(pp-a1b2c3d4e5f6g).
      - You can combine this option with O(provisioned_product_names).
      - Each product requires one request, C(DescribeProvisionedProduct), which does not return tags.
      - An empty list selects no product.
      - Mutually exclusive with O(search_query) and O(tags).
    type: list
    elements: str
    aliases: [ids]
  provisioned_product_names:
    description:
      - Names of provisioned products. Names are unique in an account and Region.
      - Each product requires one request, C(DescribeProvisionedProduct), which does not return tags.
      - Quote names that look like numbers, such as V("2024.10"), in YAML. Numbers are rejected.
      - An empty list selects no product.
      - Mutually exclusive with O(search_query) and O(tags).
    type: list
    elements: str
    aliases: [names]
  types:
    description:
      - Return only provisioned products of these types, such as V(CFN_STACKSET) or V(CFN_STACK).
      - An empty list returns no products.
    type: list
    elements: str
  statuses:
    description:
      - Return only provisioned products with one of these statuses.
      - An empty list returns no products.
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
      - Terms to search for. Each term consists of a field, a colon and a value, such as V(productName:guardrails).
      - Service Catalog decides which products match a term. For exact matches, use O(types) and O(statuses), which you
        can combine with this option.
      - Mutually exclusive with O(provisioned_product_ids) and O(provisioned_product_names).
    type: list
    elements: str
  tags:
    description:
      - Return only provisioned products that have all of these tags.
      - Quote values that YAML reads as numbers or booleans.
      - An empty dictionary returns no products.
      - Mutually exclusive with O(provisioned_product_ids) and O(provisioned_product_names).
    type: dict
extends_documentation_fragment:
  - stackfleet.servicecatalog._attributes
  - stackfleet.servicecatalog._attributes.info
  - stackfleet.servicecatalog._products
  - stackfleet.servicecatalog._connection
  - stackfleet.servicecatalog._connection.modules
seealso:
  - module: stackfleet.servicecatalog.stack_instance_info
    description: List the accounts and Regions that these products are deployed to.
"""

EXAMPLES = r"""
# These examples do not set authentication details. See the options for the environment variables that you can use.

- name: Find all products that are stack sets
  stackfleet.servicecatalog.provisioned_product_info:
    types: CFN_STACKSET
    region: eu-west-1
  register: stack_sets

- name: Describe a product by its name
  stackfleet.servicecatalog.provisioned_product_info:
    names: guardrails
    region: eu-west-1
  register: guardrails

- name: Find tainted stack sets
  stackfleet.servicecatalog.provisioned_product_info:
    types: CFN_STACKSET
    statuses: TAINTED
    region: eu-west-1
  register: tainted

- name: Show the stack instances of one team's tainted products that are not current
  ansible.builtin.debug:
    msg: "{{ item.stack_instance_status }} in {{ item.account }}, {{ item.region }}"
  loop: "{{ query('stackfleet.servicecatalog.stack_instances', ids, not_current=true, region='eu-west-1') }}"
  vars:
    ids: "{{ tainted.provisioned_products | selectattr('tags.team', 'defined')
      | selectattr('tags.team', 'eq', 'platform') | map(attribute='id') }}"
"""

RETURN = r"""
provisioned_products:
  description:
    - The provisioned products, sorted by ID. The list contains each of them once, and is empty if none match.
    - Some fields are only returned by a search, others only for products that you select by ID or by name. Fields that
      AWS did not return are V(null). Fields that AWS adds in the future are returned as well.
  returned: success
  type: list
  elements: dict
  contains:
    arn:
      description: ARN of the provisioned product.
      returned: always
      type: str
      sample: arn:aws:servicecatalog:eu-west-1:123456789012:stack/guardrails/pp-a1b2c3d4e5f6g
    created_time:
      description: Time of the creation in UTC, in ISO 8601 format.
      returned: always
      type: str
      sample: "2026-01-15T08:00:00+00:00"
    id:
      description: ID of the provisioned product.
      returned: always
      type: str
      sample: pp-a1b2c3d4e5f6g
    idempotency_token:
      description: Idempotency token of the request that created the provisioned product.
      returned: always
      type: str
      sample: 0b3ee6d2-1c0c-4a34-9a6b-9f7f3f1b6c1e
    last_provisioning_record_id:
      description: ID of the record of the last request that provisioned, updated or terminated the product.
      returned: always
      type: str
      sample: rec-a1b2c3d4e5f6g
    last_record_id:
      description: ID of the record of the last request.
      returned: always
      type: str
      sample: rec-a1b2c3d4e5f6g
    last_successful_provisioning_record_id:
      description: ID of the record of the last successful request that provisioned, updated or terminated the product.
      returned: always
      type: str
      sample: rec-a1b2c3d4e5f6g
    launch_role_arn:
      description: ARN of the launch role. V(null) in the results of a search.
      returned: always
      type: str
      sample: arn:aws:iam::123456789012:role/launch
    name:
      description: Name of the provisioned product.
      returned: always
      type: str
      sample: guardrails
    physical_id:
      description: ID of the underlying resource, such as a stack set. Only returned by a search.
      returned: always
      type: str
      sample: SC-123456789012-pp-a1b2c3d4e5f6g
    product_id:
      description: ID of the product in the catalog.
      returned: always
      type: str
      sample: prod-a1b2c3d4e5f6g
    product_name:
      description: Name of the product in the catalog. Only returned by a search.
      returned: always
      type: str
      sample: Guardrails for all accounts
    provisioning_artifact_id:
      description: ID of the version of the product (provisioning artifact).
      returned: always
      type: str
      sample: pa-a1b2c3d4e5f6g
    provisioning_artifact_name:
      description: Name of the version of the product (provisioning artifact). Only returned by a search.
      returned: always
      type: str
      sample: v12
    status:
      description:
        - Status of the provisioned product, C(AVAILABLE), C(UNDER_CHANGE), C(TAINTED), C(ERROR) or C(PLAN_IN_PROGRESS).
          AWS can add other statuses in the future.
      returned: always
      type: str
      sample: AVAILABLE
    status_message:
      description: Message about the status from Service Catalog. V(null) if there is no message.
      returned: always
      type: str
      sample: The stack set operation failed in 2 accounts.
    tags:
      description: Tags of the provisioned product. Only returned by a search.
      returned: always
      type: dict
      sample: {"team": "platform"}
    type:
      description: Type of the provisioned product, such as C(CFN_STACKSET) or C(CFN_STACK).
      returned: always
      type: str
      sample: CFN_STACKSET
    user_arn:
      description: ARN of the IAM user or role that provisioned the product. Only returned by a search.
      returned: always
      type: str
      sample: arn:aws:iam::123456789012:role/platform
    user_arn_session:
      description: ARN of the session that provisioned the product. Only returned by a search.
      returned: always
      type: str
      sample: arn:aws:sts::123456789012:assumed-role/platform/alice
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

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import options
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._module import Module
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import provisioned_products


def main() -> None:
    module = Module(options.ProductSearch)

    def find() -> dict[str, t.Any]:
        search = options.parse(options.ProductSearch, module.params)
        found = module.supervise(
            lambda clients: provisioned_products.find(clients.service_catalog, search), search.concurrency
        )
        for warning in found.warnings:
            module.warn(warning)
        return {"changed": False, "provisioned_products": found.provisioned_products}

    module.run(find)


if __name__ == "__main__":
    main()
