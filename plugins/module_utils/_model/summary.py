# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Counts of stack instances. Pure, and private to this collection."""

from __future__ import annotations

import typing as t
from collections import Counter

if t.TYPE_CHECKING:
    from .stack_instance import StackInstance


class _Counts(t.TypedDict):
    total: int
    current: int
    outdated: int
    inoperable: int
    other: int
    """Those with a status that AWS adds later."""
    all_current: bool


class Summary(_Counts, total=False):
    """How many stack instances there are in each status."""

    by_detailed_status: dict[str, int]
    """Only with CloudFormation's rows."""
    missing: int
    """Only with required coverage: named accounts and Regions without a stack instance, a part of the total."""


def summarize(instances: t.Sequence[StackInstance], all_current: bool | None = None) -> Summary:
    """Count stack instances by status.

    Args:
        instances: The stack instances.
        all_current: The verdict, if the stack instances are only a part of what it is about. Otherwise it is false
            without any stack instance, or a gate would pass on an empty listing.
    """
    count = Counter(instance["stack_instance_status"] for instance in instances)
    known = count["CURRENT"] + count["OUTDATED"] + count["INOPERABLE"] + count["MISSING"]
    summary: Summary = {
        "total": len(instances),
        "current": count["CURRENT"],
        "outdated": count["OUTDATED"],
        "inoperable": count["INOPERABLE"],
        "other": len(instances) - known,
        "all_current": 0 < len(instances) == count["CURRENT"] if all_current is None else all_current,
    }
    detailed = Counter(
        instance.get("detailed_status") or "UNKNOWN" for instance in instances if "detailed_status" in instance
    )
    if detailed:
        summary["by_detailed_status"] = dict(sorted(detailed.items()))
    if count["MISSING"]:
        summary["missing"] = count["MISSING"]
    return summary
