# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The base of this collection's modules. Private to this collection."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import RaisesErrors


class Module(RaisesErrors, AnsibleAWSModule):
    """amazon.aws' module, whose C(client) raises what it fails with, so that a module has one error edge."""
