# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What modules do in check mode and where they run. Private to this collection."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Whether the module can run in check mode, and what it does there.
  diff_mode:
    description: Whether the module tells the difference that it makes, in diff mode.
  action_group:
    description: Whether C(group/stackfleet.servicecatalog.all) in C(module_defaults) reaches the module.
    support: full
    membership:
      - stackfleet.servicecatalog.all
"""

    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - The module only reads, and does the same in check mode.
  diff_mode:
    support: N/A
    details:
      - The module changes nothing.
"""

    WAIT = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - The module looks once and does not wait.
  diff_mode:
    support: N/A
    details:
      - The module changes nothing.
  async:
    description: Whether the module can run in the background.
    support: full
  action:
    description: Whether there is an action plugin of the same name, so that some of it runs on the controller.
    support: full
"""
