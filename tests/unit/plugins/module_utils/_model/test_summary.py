# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.summary import summarize


def row(status: str, *detailed_status: str | None) -> t.Any:
    """Return the part of a stack instance that is counted."""
    return {"stack_instance_status": status, **({"detailed_status": detailed_status[0]} if detailed_status else {})}


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], (0, 0, 0, 0, 0, False)),
        (["CURRENT"], (1, 1, 0, 0, 0, True)),
        (["CURRENT", "CURRENT"], (2, 2, 0, 0, 0, True)),
        (["CURRENT", "OUTDATED", "OUTDATED", "INOPERABLE"], (4, 1, 2, 1, 0, False)),
        (["CURRENT", "PAUSED"], (2, 1, 0, 0, 1, False)),
        (["CURRENT", "current"], (2, 1, 0, 0, 1, False)),
    ],
)
def test_stack_instances_are_counted_by_status(statuses: list[str], expected: tuple[object, ...]) -> None:
    names = ("total", "current", "outdated", "inoperable", "other", "all_current")
    assert summarize([row(status) for status in statuses]) == dict(zip(names, expected))


def test_missing_targets_are_a_part_of_the_total() -> None:
    summary = summarize([row("CURRENT"), row("MISSING")])
    assert (summary["total"], summary["missing"], summary["other"], summary["all_current"]) == (2, 1, 0, False)
    assert "missing" not in summarize([row("CURRENT")])


@pytest.mark.parametrize("verdict", [False, True])
def test_the_verdict_can_be_about_more(verdict: bool) -> None:
    assert summarize([], verdict)["all_current"] is verdict
    assert summarize([row("CURRENT")], verdict)["all_current"] is verdict


def test_detailed_statuses_are_counted_if_they_are_known() -> None:
    rows = [row("CURRENT", "SUCCEEDED"), row("OUTDATED", "FAILED"), row("OUTDATED", "FAILED"), row("OUTDATED", None)]
    assert summarize(rows)["by_detailed_status"] == {"FAILED": 2, "SUCCEEDED": 1, "UNKNOWN": 1}
    # A missing target has no detailed status, and neither have rows from Service Catalog.
    assert summarize([*rows, row("MISSING")])["by_detailed_status"] == {"FAILED": 2, "SUCCEEDED": 1, "UNKNOWN": 1}
    assert "by_detailed_status" not in summarize([row("CURRENT")])


_STATUSES = st.sampled_from(["CURRENT", "OUTDATED", "INOPERABLE", "MISSING", "PAUSED"]) | st.text(max_size=3)
_ROWS = st.lists(st.builds(row, _STATUSES) | st.builds(row, _STATUSES, st.none() | st.sampled_from(["FAILED", "NEW"])))


@given(_ROWS)
def test_counts_add_up(rows: list[t.Any]) -> None:
    summary = summarize(rows)
    counts = [summary["current"], summary["outdated"], summary["inoperable"], summary["other"]]
    assert sum(counts) + summary.get("missing", 0) == summary["total"] == len(rows)
    assert min(counts) >= 0
    detailed = summary.get("by_detailed_status", {})
    assert sum(detailed.values()) == sum("detailed_status" in one for one in rows)
    assert list(detailed) == sorted(detailed)


@given(_ROWS)
def test_all_current_means_that_there_is_something_and_all_of_it_is_current(rows: list[t.Any]) -> None:
    statuses = {one["stack_instance_status"] for one in rows}
    assert summarize(rows)["all_current"] is (statuses == {"CURRENT"})
