# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Attributes of modules: check mode, diff mode, action groups. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Whether the module supports check mode.
  diff_mode:
    description: Whether the module returns the differences that it makes, in diff mode.
  action_group:
    description:
      - Use C(group/stackfleet.servicecatalog.all) in C(module_defaults) to set defaults for all modules of this
        collection, for example for C(source).
      - Use C(group/stackfleet.servicecatalog.aws) to set the Region and credentials of these modules and of the
        modules of amazon.aws at the same time.
    support: full
    membership:
      - stackfleet.servicecatalog.all
      - stackfleet.servicecatalog.aws
"""

    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module does not modify state.
  diff_mode:
    support: N/A
    details:
      - This module does not modify state.
"""

    WAIT = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - In check mode, the module polls the status once. It does not wait, and it does not fail if the rollout is not
        ready.
  diff_mode:
    support: N/A
    details:
      - This module does not modify state.
  async:
    description: Whether the module supports the keyword C(async).
    support: full
    details:
      - With C(async), the module waits on the target host and displays no progress.
  action:
    description: Whether an action plugin of the same name runs parts of the task on the controller.
    support: full
"""
