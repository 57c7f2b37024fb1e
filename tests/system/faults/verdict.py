# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plugin has made of a case: all of the fleet, one sentence, or something that must not be."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from faults.cases import WHOLE, Case, Row

Summary = t.Dict[str, t.Any]


@dataclass(frozen=True)
class Told:
    """What a plugin has told its user."""

    rows: list[dict[str, t.Any]]
    """Stack instances, wherever they are: in a list, in a message, in variables of hosts."""
    error: str | None
    """The message that it failed with."""
    summary: Summary | None = None
    """The counts, of those plugins that count."""


def told_by_module(result: dict[str, t.Any]) -> Told:
    """The result of the task that ran C(stack_instance_info)."""
    return Told(result.get("stack_instances", []), _error(result), result.get("summary"))


def told_by_lookup(result: dict[str, t.Any]) -> Told:
    """The result of the task that showed what the lookup had returned."""
    error = _error(result)
    return Told(result["msg"] if error is None else [], error)


def told_by_wait(result: dict[str, t.Any]) -> Told:
    """The result of the task that ran C(wait_for_rollout), which shows only what is not current."""
    return Told(result.get("not_current", []), _error(result), result.get("summary"))


def told_by_inventory(result: dict[str, t.Any]) -> Told:
    """What C(inventories.py) has kept."""
    return Told(result["rows"], result["error"])


TOLD_BY: dict[str, t.Callable[[dict[str, t.Any]], Told]] = {
    "module": told_by_module,
    "lookup": told_by_lookup,
    "inventory": told_by_inventory,
    "wait": told_by_wait,
}


def complaint(case: Case, plugin: str, told: Told) -> str | None:
    """What is wrong with what a plugin has told; None if it is what must come of the case."""
    return _not_whole(case, plugin, told) if case.outcomes == [WHOLE] else _not_one_sentence(case, plugin, told)


def _not_whole(case: Case, plugin: str, told: Told) -> str | None:
    if told.error is not None:
        return f"no list, but: {told.error}"
    fleet = case.fleet_in_the_end()
    product = case.product(plugin)
    # Only the wait describes the product, for it has to look at its status.
    name = product.replace("pp", "name") if plugin == "wait" else None
    wanted = [
        {
            "provisioned_product_id": product,
            "provisioned_product_name": name,
            "account": row["account"],
            "region": row["region"],
            "stack_instance_status": row["status"],
        }
        for row in fleet
        if plugin != "wait" or row["status"] != "CURRENT"
    ]
    # CloudFormation tells more of each.
    rows = [{name: row.get(name) for name in wanted[0]} for row in told.rows]
    if rows != wanted:
        return f"{len(rows)} stack instances that are not the {len(wanted)} of the fleet: {rows[:10]}"
    if told.summary is not None and told.summary != _counts(fleet):
        return f"not the counts of the fleet: {told.summary}"
    return None


def _not_one_sentence(case: Case, plugin: str, told: Told) -> str | None:
    if told.rows:
        return f"{len(told.rows)} stack instances in place of an error"
    if told.error is None:
        return "neither a list nor an error"
    if told.summary is not None and told.summary["total"]:
        return f"counts beside an error: {told.summary}"
    lines = told.error.splitlines()
    if len(lines) != 1 or not lines[0].isprintable() or "Traceback" in lines[0]:
        return f"not one sentence, but {len(lines)} lines: {told.error!r}"
    for some in (["Failed to "], [case.product(plugin)], case.outcomes):
        if not any(words in told.error for words in some):
            return f"{' or '.join(map(repr, some))} is not in: {told.error}"
    return None


def _error(result: dict[str, t.Any]) -> str | None:
    return str(result["msg"]) if result.get("failed") else None


def _counts(fleet: list[Row]) -> Summary:
    statuses = [row["status"] for row in fleet]
    return {
        "total": len(fleet),
        "current": statuses.count("CURRENT"),
        "outdated": statuses.count("OUTDATED"),
        "inoperable": statuses.count("INOPERABLE"),
        "all_current": False,
    }
