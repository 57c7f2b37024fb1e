# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of IAM actions, and policies."""

from __future__ import annotations

import json

from docs.tables import privileges

LIST = "servicecatalog:ListStackInstancesForProvisionedProduct"
DESCRIBE = "servicecatalog:DescribeProvisionedProduct"


def test_each_case_is_a_row() -> None:
    table = privileges.table()
    assert table.count("\n   * - ") == len(privileges._cases()) + 1
    assert f"     - ``{LIST}``\n" in table
    assert f"     - ``sts:AssumeRole``; the role: ``{LIST}``\n" in table
    assert f" is denied, a warning is displayed and ``{LIST}`` is required instead\n" in table
    assert "     - none" in table


def test_policies_are_json_and_hold_the_actions_of_their_cases() -> None:
    written = [block.partition("\n\n")[2] for block in privileges.policies().split(".. code-block:: json")[1:]]
    policies = [json.loads(block.rpartition("}")[0] + "}") for block in written]
    assert len(policies) == len(privileges.POLICIES)
    assert policies[0]["Statement"] == [{"Effect": "Allow", "Action": [LIST, DESCRIBE], "Resource": "*"}]
    assert [statement["Resource"] for statement in policies[1]["Statement"]] == [
        "*",
        privileges.RESOURCES["cloudformation"],
    ]
