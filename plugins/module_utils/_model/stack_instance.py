# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stack instances as plain dicts: one form, one order, no duplicates. Pure, and private to this collection."""

from __future__ import annotations

import typing as t
from datetime import timezone
from operator import itemgetter

from .._errors import quote

if t.TYPE_CHECKING:
    from .options import Query, Selection

# Rows of a fleet share most of their strings: each string → itself.
Strings = t.Dict[str, str]

SUSPENDED = "SKIPPED_SUSPENDED_ACCOUNT"
MISSING = "MISSING"
ANY = "*"
"""The account or Region of what is missing if only the other one was named."""

ACCOUNT_LENGTH = 128  # more than AccountName in botocore's model of Organizations

# From the least to the most severe. A status that AWS adds later is somewhere in the middle: it is not CURRENT.
_SEVERITY = (
    *("CURRENT", "SUCCEEDED", SUSPENDED, "RUNNING", "PENDING"),
    "",
    *("OUTDATED", "CANCELLED", "FAILED_IMPORT", "FAILED", MISSING, "INOPERABLE"),
)
_RANK = {status: rank for rank, status in enumerate(_SEVERITY)}

_OF_ACCOUNT = ("account_name", "account_state", "organizational_unit_path")

_identity = itemgetter("provisioned_product_id", "account", "region")


class _Row(t.TypedDict):
    provisioned_product_id: str
    provisioned_product_name: str | None
    account: str
    region: str
    stack_instance_status: str


class StackInstance(_Row, total=False):
    """A stack instance. The optional fields come from CloudFormation, and the last three from AWS Organizations."""

    stack_id: str | None
    stack_set_id: str | None
    detailed_status: str | None
    status_reason: str | None
    organizational_unit_id: str | None
    drift_status: str | None
    last_drift_check_timestamp: str | None
    last_operation_id: str | None
    account_name: str | None
    account_state: str | None
    organizational_unit_path: str | None


class _Target(t.TypedDict):
    account: str
    region: str
    stack_instance_status: str
    """The most severe of all."""
    stack_instances: list[StackInstance]


class Target(_Target, total=False):
    """An account and Region, with all stack instances in it. The optional fields come from AWS Organizations."""

    account_name: str | None
    account_state: str | None
    organizational_unit_path: str | None


def from_service_catalog(
    entries: t.Iterable[t.Mapping[str, str]], product_id: str, product_name: str | None, strings: Strings
) -> list[StackInstance]:
    """Return the rows of entries of ListStackInstancesForProvisionedProduct."""
    share = strings.setdefault
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


def from_cloudformation(
    entries: t.Iterable[t.Mapping[str, t.Any]], product_id: str, product_name: str | None, strings: Strings
) -> list[StackInstance]:
    """Return the rows of summaries of ListStackInstances; what CloudFormation omits is None."""
    share = strings.setdefault

    def shared(value: str | None) -> str | None:
        return share(value, value) if value else None

    def row(entry: t.Mapping[str, t.Any]) -> StackInstance:
        checked = entry.get("LastDriftCheckTimestamp")
        return {
            "provisioned_product_id": product_id,
            "provisioned_product_name": product_name,
            "account": share(entry["Account"], entry["Account"]),
            "region": share(entry["Region"], entry["Region"]),
            "stack_instance_status": share(entry["Status"], entry["Status"]),
            "stack_id": entry.get("StackId") or None,
            "stack_set_id": shared(entry.get("StackSetId")),
            "detailed_status": shared((entry.get("StackInstanceStatus") or {}).get("DetailedStatus")),
            "status_reason": shared(entry.get("StatusReason")),
            "organizational_unit_id": shared(entry.get("OrganizationalUnitId")),
            "drift_status": shared(entry.get("DriftStatus")),
            "last_drift_check_timestamp": shared(checked.astimezone(timezone.utc).isoformat() if checked else None),
            "last_operation_id": shared(entry.get("LastOperationId")),
        }

    return [row(entry) for entry in entries]


def account_label(instance: t.Mapping[str, t.Any]) -> str:
    """Return the account of a stack instance for a message: its name if known, and its ID."""
    account, name = quote(instance["account"], ACCOUNT_LENGTH), quote(instance.get("account_name"), ACCOUNT_LENGTH)
    return f"{name} ({account})" if name else account


def detail(instance: StackInstance) -> str:
    """Return the status as precisely as known."""
    if instance["stack_instance_status"] == "INOPERABLE":
        return "INOPERABLE"
    return instance.get("detailed_status") or instance["stack_instance_status"]


def severity(instance: StackInstance) -> tuple[int, int]:
    """Return what to compare stack instances by: the higher, the worse.

    The status comes first, as CURRENT is better than all else; the detailed status then ranks what is OUTDATED.
    """
    unknown = _RANK[""]
    status = instance["stack_instance_status"]
    coarse = {"CURRENT": 0, "OUTDATED": 2, MISSING: 3, "INOPERABLE": 4}.get(status, 1)
    return coarse, _RANK.get(detail(instance), unknown)


def without_duplicates(instances: t.Iterable[StackInstance]) -> list[StackInstance]:
    """Sort rows by product, account and Region, and keep the worst of duplicates.

    A listing can change while its pages are read. Which of two rows is newer is unknown, and a gate must not pass on
    the better one.
    """
    worst: dict[tuple[str, str, str], StackInstance] = {}
    for instance in instances:
        known = worst.setdefault(_identity(instance), instance)
        if known is not instance:
            better, worse = sorted((instance, known), key=severity)
            worst[_identity(instance)] = _with_account(worse, better)
    return [worst[identity] for identity in sorted(worst)]


def _with_account(instance: StackInstance, other: StackInstance) -> StackInstance:
    """Return a row with what only another row of the same account has from AWS Organizations."""
    known: t.Any = {name: other.get(name) for name in _OF_ACCOUNT if name in other and name not in instance}
    return t.cast("StackInstance", {**instance, **known}) if known else instance


def in_scope(instances: t.Iterable[StackInstance], selection: Selection) -> list[StackInstance]:
    """Keep the rows in the selected accounts and Regions.

    The documentation of ListStackInstancesForProvisionedProduct mentions filters, but its request has none (botocore's
    model).
    """
    return [
        instance
        for instance in instances
        if (selection.accounts is None or instance["account"] in selection.accounts)
        and (selection.exclude_accounts is None or instance["account"] not in selection.exclude_accounts)
        and (selection.regions is None or instance["region"] in selection.regions)
    ]


def with_status(instances: t.Iterable[StackInstance], query: Query) -> list[StackInstance]:
    """Keep the rows that have one of the selected statuses."""
    return [
        instance
        for instance in instances
        if (query.statuses is None or instance["stack_instance_status"] in query.statuses)
        and (query.detailed_statuses is None or instance.get("detailed_status") in query.detailed_statuses)
        and not (query.not_current and instance["stack_instance_status"] == "CURRENT")
    ]


def group_by_target(instances: t.Iterable[StackInstance]) -> list[Target]:
    """Return each account and Region with its stack instances, sorted."""
    targets: dict[tuple[str, str], list[StackInstance]] = {}
    for instance in instances:
        targets.setdefault((instance["account"], instance["region"]), []).append(instance)
    return [_target(account, region, there) for (account, region), there in sorted(targets.items())]


def _target(account: str, region: str, instances: list[StackInstance]) -> Target:
    target: Target = {
        "account": account,
        "region": region,
        "stack_instance_status": max(instances, key=severity)["stack_instance_status"],
        "stack_instances": instances,
    }
    described = next((row for row in instances if "account_name" in row), None)
    if described is not None:
        target["account_name"] = described["account_name"]
        target["account_state"] = described["account_state"]
        target["organizational_unit_path"] = described["organizational_unit_path"]
    return target
