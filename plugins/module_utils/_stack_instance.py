# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stack instances as plain dicts: one form, one order, no duplicates. Pure, and private to this collection."""

from __future__ import annotations

import sys
import typing as t
from datetime import timezone

if t.TYPE_CHECKING:
    from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._selection import Selection

StackInstance = t.Dict[str, t.Any]


class Summary(t.TypedDict):
    """How many stack instances there are, and how many of them in each status."""

    total: int
    current: int
    outdated: int
    inoperable: int
    all_current: bool


def from_answer(answer: t.Mapping[str, str], product_id: str, product_name: str | None) -> StackInstance:
    """A stack instance of one C(StackInstances) entry that Service Catalog listed; a status unknown today passes."""
    return {
        "provisioned_product_id": product_id,
        "provisioned_product_name": product_name,
        "account": _shared(answer["Account"]),
        "region": _shared(answer["Region"]),
        "stack_instance_status": _shared(answer["StackInstanceStatus"]),
    }


def from_summary(entry: t.Mapping[str, t.Any], product_id: str, product_name: str | None) -> StackInstance:
    """A stack instance of one C(Summaries) entry that CloudFormation listed, with its reasons; what it leaves out is
    None.

    Most texts come again in many rows of a fleet, which share them.
    """
    detail = entry.get("StackInstanceStatus") or {}
    checked = entry.get("LastDriftCheckTimestamp")
    return {
        "provisioned_product_id": product_id,
        "provisioned_product_name": product_name,
        "account": _shared(entry["Account"]),
        "region": _shared(entry["Region"]),
        "stack_instance_status": _shared(entry["Status"]),
        "stack_id": entry.get("StackId") or None,
        "stack_set_id": _shared(entry.get("StackSetId")),
        "detailed_status": _shared(detail.get("DetailedStatus")),
        "status_reason": _shared(entry.get("StatusReason")),
        "organizational_unit_id": _shared(entry.get("OrganizationalUnitId")),
        "drift_status": _shared(entry.get("DriftStatus")),
        "last_drift_check_timestamp": checked.astimezone(timezone.utc).isoformat() if checked else None,
        "last_operation_id": _shared(entry.get("LastOperationId")),
    }


def _shared(text: str | None) -> str | None:
    return sys.intern(text) if text else None


def in_order(instances: t.Iterable[StackInstance]) -> list[StackInstance]:
    """The stack instances sorted by product, account and Region, each once.

    A list can change while its pages are read; what a later page says of the same instance is newer, and wins.
    """
    latest = {(i["provisioned_product_id"], i["account"], i["region"]): i for i in instances}
    return [latest[key] for key in sorted(latest)]


def selected(instances: t.Iterable[StackInstance], selection: Selection) -> list[StackInstance]:
    """Those stack instances whose account, Region and status the selection keeps.

    The filtering is ours: the documentation of ListStackInstancesForProvisionedProduct tells of filters that its
    request does not have (botocore's model).
    """
    return [
        instance
        for instance in instances
        if (selection.accounts is None or instance["account"] in selection.accounts)
        and (selection.regions is None or instance["region"] in selection.regions)
        and (selection.statuses is None or instance["stack_instance_status"] in selection.statuses)
    ]


def summary(instances: t.Sequence[StackInstance]) -> Summary:
    """Counts by status; nothing at all is not "all current", or a gate would pass on an empty fleet."""
    count = {"CURRENT": 0, "OUTDATED": 0, "INOPERABLE": 0}
    for instance in instances:
        status = instance["stack_instance_status"]
        count[status] = count.get(status, 0) + 1
    return {
        "total": len(instances),
        "current": count["CURRENT"],
        "outdated": count["OUTDATED"],
        "inoperable": count["INOPERABLE"],
        "all_current": 0 < len(instances) == count["CURRENT"],
    }
