# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What passes for a whole answer and for one sentence, and what must not."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest

from faults.cases import PLUGINS, TRANSPORTS, WHOLE, Case, Fault, cases, faults
from faults.verdict import TOLD_BY, Told, complaint

PASSES = Case(1, "http", Fault("a fault", passes=WHOLE, changes=({"account": "2" * 12, "region": "eu-west-1"},)), False)
STAYS = Case(1, "http", Fault("a fault", stays="it broke"), True)
SENTENCE = "Failed to list the stack instances of provisioned product pp-1-module: it broke"


def row(number: int, region: str, status: str) -> dict[str, t.Any]:
    return {
        "provisioned_product_id": "pp-1-module",
        "provisioned_product_name": None,
        "account": str(number) * 12,
        "region": region,
        "stack_instance_status": status,
        "detailed_status": "not compared",
    }


ROWS = [
    row(1, "eu-west-1", "CURRENT"),
    row(1, "us-east-1", "OUTDATED"),
    row(2, "us-east-1", "CURRENT"),
    row(3, "eu-west-1", "CURRENT"),
    row(3, "us-east-1", "CURRENT"),
]
SUMMARY = {"total": 5, "current": 4, "outdated": 1, "inoperable": 0, "all_current": False}
EMPTY = {"total": 0, "current": 0, "outdated": 0, "inoperable": 0, "all_current": False}


def test_all_of_the_fleet_is_whole() -> None:
    assert complaint(PASSES, "module", Told(ROWS, None, SUMMARY)) is None


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        (Told([], SENTENCE), "no list, but: Failed"),
        (Told([], None, SUMMARY), "0 stack instances that are not the 5"),
        (Told(ROWS[:4], None, SUMMARY), "4 stack instances that are not the 5"),
        (Told([*ROWS, ROWS[0]], None, SUMMARY), "6 stack instances that are not the 5"),
        (Told(ROWS[::-1], None, SUMMARY), "5 stack instances that are not the 5"),
        (Told([*ROWS[:4], row(3, "us-east-1", "OUTDATED")], None, SUMMARY), "5 stack instances that are not the 5"),
        (Told(ROWS, None, {**SUMMARY, "current": 5}), "not the counts of the fleet"),
    ],
)
def test_anything_else_is_not_whole(told: Told, wrong: str) -> None:
    assert (complaint(PASSES, "module", told) or "").startswith(wrong)


def test_a_sentence_names_the_product_and_what_was_said() -> None:
    assert complaint(STAYS, "module", Told([], SENTENCE, EMPTY)) is None
    either = replace(STAYS, fault=replace(STAYS.fault, stays=["it bent", "it broke"]))
    assert complaint(either, "module", Told([], SENTENCE)) is None


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        (Told([], None, EMPTY), "neither a list nor an error"),
        (Told(ROWS[:1], SENTENCE), "1 stack instances in place of an error"),
        (Told([], SENTENCE, SUMMARY), "counts beside an error"),
        (Told([], f"{SENTENCE}\nand more"), "not one sentence, but 2 lines"),
        (Told([], f"{SENTENCE}\x1b[31m"), "not one sentence"),
        (Told([], f"Traceback: {SENTENCE}"), "not one sentence"),
        (Told([], SENTENCE.replace("pp-1-module", "it")), "'pp-1-module' is not in"),
        (Told([], SENTENCE.replace("broke", "bent")), "'it broke' is not in"),
    ],
)
def test_anything_else_is_not_one_sentence(told: Told, wrong: str) -> None:
    assert (complaint(STAYS, "module", told) or "").startswith(wrong)


def test_what_a_task_has_failed_with_is_its_message() -> None:
    failed = {"failed": True, "msg": SENTENCE}
    assert {TOLD_BY[plugin](failed).error for plugin in PLUGINS if plugin != "inventory"} == {SENTENCE}
    assert TOLD_BY["wait"]({"not_current": ROWS, "summary": SUMMARY}) == Told(ROWS, None, SUMMARY)
    assert TOLD_BY["lookup"]({"msg": ROWS}) == Told(ROWS, None)


def test_every_fault_is_told_once_and_runs_over_each_transport_that_it_can_happen_over() -> None:
    every = faults()
    assert len({fault.what for fault in every}) == len(every)
    assert all(fault.passes is not None or fault.stays is not None for fault in every)
    for fault in every:
        mine = [case.transport for case in cases([fault])]
        assert set(mine) == ({fault.over} if fault.over else set(TRANSPORTS))
