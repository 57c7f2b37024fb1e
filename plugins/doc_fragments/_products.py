# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How provisioned products are looked up, the same for every module and plugin. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  on_missing:
    description:
      - What to do when a provisioned product does not exist.
    type: str
    choices:
      error: Fail.
      warn: Go on without it, and say so in a warning.
      skip: Go on without it.
    default: error
  access_level:
    description:
      - Whose provisioned products are listed where none are named.
      - The identity's IAM policies may allow only some of these levels.
    type: str
    choices:
      account: All of the account.
      role: Those of the role that asks.
      user: Those of the user that asks.
    default: account
  accept_language:
    description:
      - The language of AWS' messages.
    type: str
    choices:
      en: English, which is AWS' default.
      jp: Japanese.
      zh: Chinese.
  concurrency:
    description:
      - How many requests run side by side, from 1 to 32. The pages of one list come one after another, so this counts
        where there are several lists, those of products or of the Regions of a stack set.
    type: int
    default: 8
"""
