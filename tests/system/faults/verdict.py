# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Comparison of a plugin's result with the expected one: the complete fleet, or a one-line error message."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from faults.cases import COMPLETE, CONTROLLER_PLUGINS, Case, Row

Summary = t.Dict[str, t.Any]


@dataclass(frozen=True)
class Result:
    """What a plugin returned."""

    rows: list[dict[str, t.Any]]
    """Stack instances from a return value, a message or host variables."""
    error: str | None
    """The error message."""
    summary: Summary | None = None
    """The counts, if the plugin returns them."""


def of_module(task: dict[str, t.Any]) -> Result:
    """Return the result of a task with ``stack_instance_info``."""
    return Result(task.get("stack_instances", []), _error(task), task.get("summary"))


def of_wait(task: dict[str, t.Any]) -> Result:
    """Return the result of a task with ``wait_for_rollout``, which returns only rows that are not current."""
    return Result(task.get("not_current", []), _error(task), task.get("summary"))


def of_controller(parsed: dict[str, t.Any]) -> Result:
    """Return the result of ``controller``."""
    return Result(parsed["rows"], parsed["error"])


RESULT_OF: dict[str, t.Callable[[dict[str, t.Any]], Result]] = {
    "module": of_module,
    "wait": of_wait,
    **dict.fromkeys(CONTROLLER_PLUGINS, of_controller),
}


def problem(case: Case, plugin: str, result: Result) -> str | None:
    """Return how a result differs from the expected one, None if it does not."""
    if case.expected == [COMPLETE]:
        return _problem_of_rows(case, plugin, result)
    return _problem_of_error(case, plugin, result)


def _problem_of_rows(case: Case, plugin: str, result: Result) -> str | None:
    if result.error is not None:
        return f"error instead of stack instances: {result.error}"
    fleet = case.final_fleet()
    product = case.product(plugin)
    # Only the wait describes the product, to read its status.
    name = product.replace("pp", "name") if plugin == "wait" else None
    expected = [
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
    # CloudFormation returns further fields.
    rows = [{name: row.get(name) for name in expected[0]} for row in result.rows]
    if plugin == "wait":
        # not_current is sorted by severity.
        rows.sort(key=lambda row: (row["account"], row["region"]))
    if rows != expected:
        return f"{len(rows)} stack instances differ from the {len(expected)} of the fleet: {rows[:10]}"
    counts = _counts(fleet)
    if result.summary is not None and {name: result.summary.get(name) for name in counts} != counts:
        return f"the summary differs from the fleet: {result.summary}"
    return None


def _problem_of_error(case: Case, plugin: str, result: Result) -> str | None:
    if result.rows:
        return f"{len(result.rows)} stack instances instead of an error"
    if result.error is None:
        return "neither stack instances nor an error"
    if result.summary is not None and result.summary["total"]:
        return f"a summary in addition to an error: {result.summary}"
    lines = result.error.splitlines()
    if len(lines) != 1 or not lines[0].isprintable() or "Traceback" in lines[0]:
        return f"not a printable line: {result.error!r}"
    for alternatives in (["Failed to "], [case.product(plugin)], case.expected):
        if not any(part in result.error for part in alternatives):
            return f"{' or '.join(map(repr, alternatives))} not found in: {result.error}"
    return None


def _error(task: dict[str, t.Any]) -> str | None:
    return str(task["msg"]) if task.get("failed") else None


def _counts(fleet: list[Row]) -> Summary:
    statuses = [row["status"] for row in fleet]
    return {
        "total": len(fleet),
        "current": statuses.count("CURRENT"),
        "outdated": statuses.count("OUTDATED"),
        "inoperable": statuses.count("INOPERABLE"),
        "other": sum(status not in ("CURRENT", "OUTDATED", "INOPERABLE") for status in statuses),
        "all_current": False,
    }
