# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The last stack set operations of stack instances. Private to this collection."""

from __future__ import annotations

import typing as t
from collections import Counter

from .._aws import cloudformation
from .._model import operation
from .concurrency import run_concurrently

if t.TYPE_CHECKING:
    from .._aws.client import Clients
    from .._model.operation import Operation
    from .._model.stack_instance import StackInstance
    from .concurrency import Check


def read(clients: Clients, instances: t.Iterable[StackInstance], concurrency: int) -> list[Operation]:
    """Describe each distinct last operation of stack instances, with one DescribeStackSetOperation each.

    Args:
        clients: The clients.
        instances: The stack instances, from CloudFormation. Those without a last operation are not counted.
        concurrency: The number of requests at a time.

    Returns:
        The operations, sorted by product and start, the newest first.

    Raises:
        CallError: A call failed.
        MalformedResponseError: A response is incomplete.
    """
    counts = Counter(
        (row["provisioned_product_id"], str(row["stack_set_id"]), str(row["last_operation_id"]))
        for row in instances
        if row.get("stack_set_id") and row.get("last_operation_id")
    )

    def describe(key: tuple[str, str, str], check: Check) -> Operation:
        check()
        product_id, stack_set_id, operation_id = key
        entry = cloudformation.operation(clients.cloudformation, stack_set_id, operation_id)
        return operation.from_entry(operation_id, stack_set_id, product_id, counts[key], entry)

    found = run_concurrently(describe, sorted(counts), concurrency)
    found.sort(key=lambda one: one["creation_timestamp"] or "", reverse=True)
    return sorted(found, key=lambda one: one["provisioned_product_id"])
