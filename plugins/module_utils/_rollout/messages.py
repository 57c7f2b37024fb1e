# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages and progress lines about a rollout, bounded in length. Pure, and private to this collection."""

from __future__ import annotations

import re
import typing as t

from .._errors import CODE_LENGTH, quote
from .._model.provisioned_product import label
from .._model.stack_instance import ANY, account_label, severity

if t.TYPE_CHECKING:
    from .._model.provisioned_product import ListedProduct
    from .._model.stack_instance import StackInstance
    from .._model.summary import Summary

REASONS_IN_MESSAGES = 5
TARGETS_IN_MESSAGES = 3
REASON_LENGTH = 200
MOST_REASONS = 50
"""AWX keeps at most 700,000 characters of a result, and each stack instance can have a reason of its own."""
STATUSES_IN_PROGRESS = 10
NAME_LENGTH = 128  # the maximum of ProvisionedProductName in botocore's model; accounts and Regions are shorter

# What differs between the accounts, Regions and requests of one reason.
_VARYING = (
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])"), "<account>"),
    (re.compile(r"\b[a-z]{2,}(?:-[a-z]+)+-[0-9]\b"), "<region>"),
)


class Reason(t.TypedDict):
    """Stack instances that are not current for the same reason."""

    status: str
    detailed_status: str | None
    status_reason: str | None
    count: int
    targets: list[str]


def group_by_reason(
    instances: t.Sequence[StackInstance], most_targets: int, *, with_product: bool = False
) -> list[Reason]:
    """Group stack instances by status and reason, the most severe and largest group first.

    Args:
        instances: The stack instances.
        most_targets: The number of targets to name in each group.
        with_product: Whether to name the product of each target, as there are several.

    Returns:
        The groups. In a reason that differs only by account, Region or an ID, ``<account>`` and the like are in place
        of these. A target is an account and Region, after the product if it is to be named. After ``MOST_REASONS``
        groups, the others are combined by status.
    """
    groups: dict[tuple[str, str | None, str], list[StackInstance]] = {}
    general: dict[str | None, str] = {}
    for instance in instances:
        given = instance.get("status_reason")
        if given not in general:  # most rows of a fleet share a few reasons
            general[given] = _without_varying(quote(given))
        key = (instance["stack_instance_status"], instance.get("detailed_status"), general[given])
        groups.setdefault(key, []).append(instance)
    ordered = sorted(groups.items(), key=lambda group: (*_negative(severity(group[1][0])), -len(group[1]), group[0][2]))
    others: dict[tuple[str, str | None, str], list[StackInstance]] = {}
    for (status, detailed_status, _reason), members in ordered[MOST_REASONS:]:
        others.setdefault((status, detailed_status, ""), []).extend(members)
    return [
        {
            "status": status,
            "detailed_status": detailed_status,
            "status_reason": _common_reason(members, reason) or None,
            "count": len(members),
            "targets": [_target(member, with_product) for member in members[:most_targets]],
        }
        for (status, detailed_status, reason), members in [*ordered[:MOST_REASONS], *others.items()]
    ]


def reasons_text(reasons: t.Sequence[Reason]) -> str:
    """Return the first few groups for a message."""
    parts = [_reason_text(reason, with_count=len(reasons) > 1) for reason in reasons[:REASONS_IN_MESSAGES]]
    more = sum(reason["count"] for reason in reasons[REASONS_IN_MESSAGES:])
    return "; ".join(parts) + (f"; and {more} more for other reasons" if more else "")


def first_few(parts: t.Sequence[str]) -> str:
    """Join the first few parts of a message, and count the others."""
    more = len(parts) - REASONS_IN_MESSAGES
    return "; ".join(parts[:REASONS_IN_MESSAGES]) + (f"; and {more} more" if more > 0 else "")


def not_current_text(reasons: t.Sequence[Reason], count: int, total: int, tolerated: int) -> str:
    """Return how many stack instances are not current, and why."""
    counted = f"{count} of {total} stack instance{'' if total == 1 else 's'}"
    return f"{counted} {_statuses_text(reasons)} ({tolerated} tolerated): {reasons_text(reasons)}"


def progress(product: ListedProduct, not_current: t.Iterable[StackInstance] = ()) -> str:
    """Return such as "guardrails (pp-abc): 12 of 40 CURRENT, 3 FAILED, 25 PENDING; product UNDER_CHANGE".

    Args:
        product: The product.
        not_current: Stack instances of this and other products, whose accounts are named if their names are known.
    """
    summary = product["summary"]
    counts = [f"{summary['current']} of {summary['total']} CURRENT", *_counts(summary)]
    status = "" if product["status"] == "AVAILABLE" else f"; product {quote(product['status'])}"
    return f"{label(product)}: {', '.join(counts)}{status}{_accounts_text(product, not_current)}"


def duration(seconds: float) -> str:
    """Return such as "45s", "1m30s", or "2h5m0s"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def _accounts_text(product: ListedProduct, instances: t.Iterable[StackInstance]) -> str:
    """Return the first few accounts of a product that have a name."""
    own = (one for one in instances if one["provisioned_product_id"] == product["id"] and one.get("account_name"))
    accounts = list(dict.fromkeys(map(account_label, own)))
    others = ", and others" if len(accounts) > TARGETS_IN_MESSAGES else ""
    return f"; not current in {', '.join(accounts[:TARGETS_IN_MESSAGES])}{others}" if accounts else ""


def _counts(summary: Summary) -> t.Iterator[str]:
    """Yield how many are not current, by detailed status if known."""
    left = summary["total"] - summary["current"]
    detailed = dict(summary.get("by_detailed_status", {}))
    detailed.pop("SUCCEEDED", None)
    if not detailed:
        detailed = {"INOPERABLE": summary["inoperable"], "OUTDATED": summary["outdated"]}
    shown = [*list(detailed.items())[:STATUSES_IN_PROGRESS], ("MISSING", summary.get("missing", 0))]
    for status, count in shown:
        if count:
            left -= count
            yield f"{count} {quote(status, CODE_LENGTH)}"
    if left > 0:
        yield f"{left} in another status"


def _statuses_text(reasons: t.Sequence[Reason]) -> str:
    found = list(
        dict.fromkeys(
            reason["status"] if reason["status"] in ("INOPERABLE", "MISSING") else _detail(reason) for reason in reasons
        )
    )
    more = ["in another status"] if len(found) > REASONS_IN_MESSAGES else []
    *others, last = [quote(status, CODE_LENGTH) for status in found[:REASONS_IN_MESSAGES]] + more
    return f"{', '.join(others)} or {last}" if others else last


def _detail(reason: Reason) -> str:
    return reason["detailed_status"] or reason["status"]


def _reason_text(reason: Reason, with_count: bool) -> str:
    why = quote(reason["status_reason"], REASON_LENGTH).rstrip(".")
    targets = ", ".join(reason["targets"][:TARGETS_IN_MESSAGES])
    more = reason["count"] - min(len(reason["targets"]), TARGETS_IN_MESSAGES)
    if more:
        targets = f"{targets}, and {more} more" if targets else str(more)
    if with_count:
        status = f"{reason['count']} {quote(_detail(reason), CODE_LENGTH)}"
        return f"{status}: {why} ({targets})" if why else f"{status} ({targets})"
    return f"{why} ({targets})" if why else targets


def _without_varying(reason: str) -> str:
    for pattern, replacement in _VARYING:
        reason = pattern.sub(replacement, reason)
    return reason


def _common_reason(members: t.Sequence[StackInstance], general: str) -> str:
    first = quote(members[0].get("status_reason"))
    return first if all(quote(member.get("status_reason")) == first for member in members) else general


def _target(instance: StackInstance, with_product: bool) -> str:
    product = quote(instance["provisioned_product_name"] or instance["provisioned_product_id"], NAME_LENGTH)
    target = " ".join(part for part in (account_label(instance), quote(instance["region"], NAME_LENGTH)) if part != ANY)
    return f"{product} {target}" if with_product else target


def _negative(rank: tuple[int, int]) -> tuple[int, int]:
    return -rank[0], -rank[1]
