# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that say what is asked, the same for every module and plugin. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  provisioned_product_ids:
    description:
      - Ids of provisioned products, such as V(pp-a1b2c3d4e5f6g). Can be mixed with O(provisioned_product_names).
      - With neither of them, every provisioned product of type C(CFN_STACKSET) that O(access_level) shows is listed.
    type: list
    elements: str
    default: []
  provisioned_product_names:
    description:
      - Names of provisioned products, which are unique in an account and Region.
      - Each costs one more request, C(DescribeProvisionedProduct).
    type: list
    elements: str
    default: []
  accounts:
    description:
      - Keep only the stack instances in these AWS accounts. An empty list keeps none.
      - Quote the numbers in YAML, as in V("012345678901").
    type: list
    elements: str
  regions:
    description:
      - Keep only the stack instances in these AWS Regions. An empty list keeps none.
      - O(region) is another thing, the Region that holds the provisioned product and is asked.
    type: list
    elements: str
  statuses:
    description:
      - Keep only the stack instances with one of these statuses. An empty list keeps none.
    type: list
    elements: str
    choices:
      - CURRENT
      - OUTDATED
      - INOPERABLE
  page_size:
    description:
      - How many stack instances a request to Service Catalog asks for, from 1 to 20, which is the most that it gives.
      - The answer is the same with any; it is for tests and for networks that cut long answers.
    type: int
    default: 20
  source:
    description:
      - Where stack instances are read.
    type: str
    choices:
      servicecatalog: From AWS Service Catalog, with C(ListStackInstancesForProvisionedProduct), 20 on a page.
      cloudformation: From the stack set behind each product, with C(DescribeStackSet) and C(ListStackInstances) of AWS
        CloudFormation, 100 on a page and its Regions side by side, and with the reason of what is not current. It also
        needs C(DescribeProvisionedProduct) for a product that is named by its id, unless O(stack_set_names) names its
        stack set.
      auto: As V(cloudformation) for each product whose stack set can be found and read; for the others as
        V(servicecatalog), with one warning. Their stack instances then have no reasons.
    default: servicecatalog
  stack_set_names:
    description:
      - The stack sets behind provisioned products, for O(source=cloudformation) and O(source=auto). A key is the id of
        a provisioned product; a value is the name, the id or the ARN of its stack set.
      - Where a product is not in it, its stack set is the product's physical id, if that is known and is the name or
        ARN of one, or it is C(SC-<account>-<id of the provisioned product>), as Service Catalog is seen to name it.
      - Only a search tells the physical id, which is done where no products are named.
    type: dict
    default: {}
"""
