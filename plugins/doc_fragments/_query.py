# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that select provisioned products and their stack instances. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  provisioned_product_ids:
    description:
      - IDs of provisioned products, such as V(pp-a1b2c3d4e5f6g).
      - You can combine this option with O(provisioned_product_names).
      - An empty list selects no product.
    type: list
    elements: str
  provisioned_product_names:
    description:
      - Names of provisioned products. Names are unique in an account and Region.
      - Each name requires one additional request, C(DescribeProvisionedProduct).
      - Quote names that look like numbers, such as V("2024.10"), in YAML. Numbers are rejected.
      - An empty list selects no product.
    type: list
    elements: str
  tags:
    description:
      - Tags of provisioned products. Products of type C(CFN_STACKSET) that have all of these tags are selected.
      - Quote values that YAML reads as numbers or booleans.
      - An empty dictionary selects no product.
      - Mutually exclusive with O(provisioned_product_ids), O(provisioned_product_names) and O(all_products).
    type: dict
  describe_accounts:
    description:
      - Whether to add the name, the state and the organizational units of its account to each stack instance.
      - This calls C(ListAccounts) and, for each organizational unit in the result, C(DescribeOrganizationalUnit) of AWS
        Organizations. If the response contains no paths, for example with an old version of botocore, it calls
        C(ListRoots), C(ListAccountsForParent) and C(ListOrganizationalUnitsForParent).
      - Names are data from AWS. They can contain any characters.
    type: bool
    default: false
  organizations_role_arn:
    description:
      - ARN of an IAM role to assume for the calls to AWS Organizations, which only the management account of the
        organization and delegated administrators can make.
      - If you also set O(assume_role_arn), that role must be allowed to assume this one.
    type: str
  page_size:
    description:
      - Number of stack instances in each response of Service Catalog, from 1 to 20, which is the maximum of the API.
      - The result does not depend on it. Reduce it if your network truncates long responses.
    type: int
    default: 20
  source:
    description:
      - Service to read stack instances from.
    type: str
    choices:
      servicecatalog: Use C(ListStackInstancesForProvisionedProduct) of Service Catalog, with up to 20 stack instances
        on each page.
      cloudformation: Use C(DescribeStackSet) and C(ListStackInstances) of CloudFormation on the stack set of each
        product, with up to 100 stack instances on each page and concurrent requests for its Regions. This adds the
        detailed status and its reason to each stack instance. Products that you select by ID require an additional
        request, C(DescribeProvisionedProduct), unless O(stack_set_names) contains them.
      auto: Use CloudFormation for each product whose stack set can be found and read, and Service Catalog for the
        others, with a warning.
    default: servicecatalog
  stack_set_names:
    description:
      - Stack sets of provisioned products, for O(source=cloudformation) and O(source=auto). Each key is the ID of a
        provisioned product, each value is the name, ID or ARN of its stack set.
      - Set this option if the stack set of a product can't be found. By default, the stack set is the physical ID of
        the product if a search has returned one. Otherwise, its name is assumed to be
        C(SC-<account>-<ID of the provisioned product>), which is how Service Catalog usually names stack sets.
      - A name of this form with the ID of another provisioned product is an error.
    type: dict
"""

    LISTING = r"""
options:
  all_products:
    description:
      - Whether to list all provisioned products of type C(CFN_STACKSET) that O(access_level) includes.
      - This is also the default if you do not set O(provisioned_product_ids) and O(provisioned_product_names).
      - Mutually exclusive with O(provisioned_product_ids) and O(provisioned_product_names).
    type: bool
    default: false
  accounts:
    description:
      - Return only stack instances in these AWS accounts. An empty list returns no stack instances.
      - If you also specify O(organizational_unit_ids), the result contains the accounts of both options.
      - Quote the account numbers in YAML, as in V("012345678901").
    type: list
    elements: str
  exclude_accounts:
    description:
      - Do not return stack instances in these AWS accounts.
      - Quote the account numbers in YAML, as in V("012345678901").
    type: list
    elements: str
  regions:
    description:
      - Return only stack instances in these AWS Regions. An empty list returns no stack instances.
      - Do not confuse this option with O(region), the Region of the hub account that holds the provisioned product.
    type: list
    elements: str
  organizational_unit_ids:
    description:
      - Return only stack instances in accounts that are in these organizational units, or in those below them, and that
        have the state C(ACTIVE) in AWS Organizations. An empty list returns no stack instances.
      - Each item is the ID of an organizational unit, such as V(ou-a1b2-c3d4e5f6), or of a root, such as V(r-a1b2).
      - If you also specify O(accounts), the result contains the accounts of both options.
      - This calls C(ListAccounts) of AWS Organizations. If the response contains no paths, for example with an old
        version of botocore, it calls C(ListAccountsForParent) and C(ListOrganizationalUnitsForParent) for each
        organizational unit.
    type: list
    elements: str
  statuses:
    description:
      - Return only stack instances with one of these statuses. An empty list returns no stack instances.
      - To return all stack instances that are not C(CURRENT), use O(not_current).
    type: list
    elements: str
    choices:
      - CURRENT
      - OUTDATED
      - INOPERABLE
  detailed_statuses:
    description:
      - Return only stack instances with one of these detailed statuses of CloudFormation. An empty list returns no
        stack instances.
      - Requires O(source=cloudformation).
    type: list
    elements: str
    choices:
      - PENDING
      - RUNNING
      - SUCCEEDED
      - FAILED
      - CANCELLED
      - INOPERABLE
      - SKIPPED_SUSPENDED_ACCOUNT
      - FAILED_IMPORT
  not_current:
    description:
      - Whether to return only stack instances whose status is not C(CURRENT).
      - This includes statuses that AWS may add in the future.
    type: bool
    default: false
"""
