# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that look up provisioned products. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  on_missing:
    description:
      - Action to take if a provisioned product that you select does not exist.
    type: str
    choices:
      error: Fail.
      warn: Continue without the provisioned product and issue a warning.
      skip: Continue without the provisioned product.
    default: error
  access_level:
    description:
      - Access level of the search for provisioned products, which applies if you select no product by ID or by name.
      - IAM policies can restrict the access levels that you can use.
    type: str
    choices:
      account: All provisioned products of the account.
      role: The provisioned products of the role whose credentials you use.
      user: The provisioned products of the user whose credentials you use.
    default: account
  accept_language:
    description:
      - Language of the messages from AWS. If not set, AWS uses English.
    type: str
    choices:
      en: English.
      jp: Japanese.
      zh: Chinese.
  concurrency:
    description:
      - Maximum number of concurrent requests, from 1 to 32.
      - The pages of one list are requested one after another. Concurrency therefore speeds up queries of several
        provisioned products, and with CloudFormation those of several Regions of a stack set.
    type: int
    default: 8
"""
