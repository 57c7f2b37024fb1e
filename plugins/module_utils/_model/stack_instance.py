# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stack instances as plain dicts: one form, one order, no duplicates. Pure, and private to this collection."""

from __future__ import annotations

import typing as t
from collections import Counter
from datetime import timezone
from operator import itemgetter

if t.TYPE_CHECKING:
    from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Selection

StackInstance = t.Dict[str, t.Any]
# Most texts come again in many rows of a fleet, which share them: each text → itself.
Texts = t.Dict[str, str]

_place = itemgetter("provisioned_product_id", "account", "region")


class Summary(t.TypedDict):
    """How many stack instances there are, and how many of them in each status."""

    total: int
    current: int
    outdated: int
    inoperable: int
    all_current: bool


class Place(t.TypedDict):
    """An account and a Region, and all that was rolled out there."""

    account: str
    region: str
    stack_instance_status: str
    """The worst of all: INOPERABLE, OUTDATED, one that is not known, CURRENT."""
    stack_instances: list[StackInstance]


def from_answers(
    entries: t.Iterable[t.Mapping[str, str]], product_id: str, product_name: str | None, texts: Texts
) -> list[StackInstance]:
    """The stack instances of C(StackInstances) entries that Service Catalog listed; a status unknown today passes."""
    share = texts.setdefault
    return [
        {
            "provisioned_product_id": product_id,
            "provisioned_product_name": product_name,
            "account": share(entry["Account"], entry["Account"]),
            "region": share(entry["Region"], entry["Region"]),
            "stack_instance_status": share(entry["StackInstanceStatus"], entry["StackInstanceStatus"]),
        }
        for entry in entries
    ]


def from_summaries(
    entries: t.Iterable[t.Mapping[str, t.Any]], product_id: str, product_name: str | None, texts: Texts
) -> list[StackInstance]:
    """The stack instances of C(Summaries) entries that CloudFormation listed, with its reasons; what it leaves out is
    None.
    """
    share = texts.setdefault

    def shared(text: str | None) -> str | None:
        return share(text, text) if text else None

    def one(entry: t.Mapping[str, t.Any]) -> StackInstance:
        checked = entry.get("LastDriftCheckTimestamp")
        return {
            "provisioned_product_id": product_id,
            "provisioned_product_name": product_name,
            "account": shared(entry["Account"]),
            "region": shared(entry["Region"]),
            "stack_instance_status": shared(entry["Status"]),
            "stack_id": entry.get("StackId") or None,
            "stack_set_id": shared(entry.get("StackSetId")),
            "detailed_status": shared((entry.get("StackInstanceStatus") or {}).get("DetailedStatus")),
            "status_reason": shared(entry.get("StatusReason")),
            "organizational_unit_id": shared(entry.get("OrganizationalUnitId")),
            "drift_status": shared(entry.get("DriftStatus")),
            "last_drift_check_timestamp": shared(checked.astimezone(timezone.utc).isoformat() if checked else None),
            "last_operation_id": shared(entry.get("LastOperationId")),
        }

    return [one(entry) for entry in entries]


def in_order(instances: t.Iterable[StackInstance]) -> list[StackInstance]:
    """The stack instances sorted by product, account and Region, each once.

    A list can change while its pages are read; what a later page says of the same instance is newer, and wins.
    """
    latest = {_place(instance): instance for instance in instances}
    return [latest[place] for place in sorted(latest)]


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


def by_place(instances: t.Iterable[StackInstance]) -> list[Place]:
    """What the stack instances tell of each account and Region, sorted by these."""
    places: dict[tuple[str, str], list[StackInstance]] = {}
    for instance in instances:
        places.setdefault((instance["account"], instance["region"]), []).append(instance)
    return [
        {
            "account": account,
            "region": region,
            "stack_instance_status": max((i["stack_instance_status"] for i in there), key=_severity),
            "stack_instances": there,
        }
        for (account, region), there in sorted(places.items())
    ]


def _severity(status: str) -> int:
    # A status that is not known today is not CURRENT, and that is all that is known of it.
    return {"CURRENT": 0, "OUTDATED": 2, "INOPERABLE": 3}.get(status, 1)


def summary(instances: t.Sequence[StackInstance]) -> Summary:
    """Counts by status; nothing at all is not "all current", or a gate would pass on an empty fleet."""
    count = Counter(map(itemgetter("stack_instance_status"), instances))
    return {
        "total": len(instances),
        "current": count["CURRENT"],
        "outdated": count["OUTDATED"],
        "inoperable": count["INOPERABLE"],
        "all_current": 0 < len(instances) == count["CURRENT"],
    }
