# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stack set operations as plain dicts. Pure, and private to this collection."""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone


class Operation(t.TypedDict):
    """The last operation of some stack instances. All but the first four are None if it no longer exists."""

    operation_id: str
    stack_set_id: str
    provisioned_product_id: str
    stack_instance_count: int
    action: str | None
    status: str | None
    status_reason: str | None
    creation_timestamp: str | None
    end_timestamp: str | None
    failed_stack_instances_count: int | None
    total_stack_instances_count: int | None


def from_entry(
    operation_id: str, stack_set_id: str, product_id: str, count: int, entry: t.Mapping[str, t.Any]
) -> Operation:
    """Return an operation.

    Args:
        operation_id: The ID of the operation.
        stack_set_id: The ID of its stack set.
        product_id: The ID of the provisioned product.
        count: The number of listed stack instances whose last operation it is.
        entry: ``StackSetOperation`` of DescribeStackSetOperation, or an empty dict.
    """
    details = entry.get("StatusDetails") or {}
    return {
        "operation_id": operation_id,
        "stack_set_id": stack_set_id,
        "provisioned_product_id": product_id,
        "stack_instance_count": count,
        "action": entry.get("Action"),
        "status": entry.get("Status"),
        "status_reason": entry.get("StatusReason"),
        "creation_timestamp": _time(entry.get("CreationTimestamp")),
        "end_timestamp": _time(entry.get("EndTimestamp")),
        "failed_stack_instances_count": details.get("FailedStackInstancesCount"),
        "total_stack_instances_count": details.get("TotalStackInstancesCount"),
    }


def _time(value: datetime | None) -> str | None:
    return value.astimezone(timezone.utc).isoformat() if value else None
