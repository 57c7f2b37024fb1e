# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which results are accepted as complete or as a one-line error message, and the report."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest

from faults.cases import COMPLETE, CONTROLLER_PLUGINS, PLUGINS, TRANSPORTS, Case, Fault, cases, faults
from faults.report import markdown
from faults.verdict import RESULT_OF, Result, problem

TEMPORARY = Case(
    0, "http", Fault("a fault", temporary=COMPLETE, changes=({"account": "2" * 12, "region": "eu-west-1"},)), False
)
PERMANENT = Case(1, "http", Fault("a | fault", permanent="it broke"), True)
MESSAGE = "Failed to list the stack instances of provisioned product pp-1-module: it broke"


def row(number: int, region: str, status: str) -> dict[str, t.Any]:
    return {
        "provisioned_product_id": "pp-0-module",
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
SUMMARY = {"total": 5, "current": 4, "outdated": 1, "inoperable": 0, "other": 0, "all_current": False}
EMPTY = {"total": 0, "current": 0, "outdated": 0, "inoperable": 0, "other": 0, "all_current": False}


def test_complete_fleet_is_accepted() -> None:
    assert problem(TEMPORARY, "module", Result(ROWS, None, SUMMARY)) is None


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (Result([], MESSAGE), "error instead of stack instances: Failed"),
        (Result([], None, SUMMARY), "0 stack instances differ from the 5"),
        (Result(ROWS[:4], None, SUMMARY), "4 stack instances differ from the 5"),
        (Result([*ROWS, ROWS[0]], None, SUMMARY), "6 stack instances differ from the 5"),
        (Result(ROWS[::-1], None, SUMMARY), "5 stack instances differ from the 5"),
        (Result([*ROWS[:4], row(3, "us-east-1", "OUTDATED")], None, SUMMARY), "5 stack instances differ from the 5"),
        (Result(ROWS, None, {**SUMMARY, "current": 5}), "the summary differs from the fleet"),
    ],
)
def test_incomplete_fleet_is_rejected(result: Result, message: str) -> None:
    assert (problem(TEMPORARY, "module", result) or "").startswith(message)


def test_error_with_product_and_expected_part_is_accepted() -> None:
    assert problem(PERMANENT, "module", Result([], MESSAGE, EMPTY)) is None
    either = replace(PERMANENT, fault=replace(PERMANENT.fault, permanent=["it bent", "it broke"]))
    assert problem(either, "module", Result([], MESSAGE)) is None


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (Result([], None, EMPTY), "neither stack instances nor an error"),
        (Result(ROWS[:1], MESSAGE), "1 stack instances instead of an error"),
        (Result([], MESSAGE, SUMMARY), "a summary in addition to an error"),
        (Result([], f"{MESSAGE}\nand more"), "not a printable line"),
        (Result([], f"{MESSAGE}\x1b[31m"), "not a printable line"),
        (Result([], f"Traceback: {MESSAGE}"), "not a printable line"),
        (Result([], MESSAGE.replace("pp-1-module", "it")), "'pp-1-module' not found in"),
        (Result([], MESSAGE.replace("broke", "bent")), "'it broke' not found in"),
    ],
)
def test_other_errors_are_rejected(result: Result, message: str) -> None:
    assert (problem(PERMANENT, "module", result) or "").startswith(message)


def test_results_of_tasks() -> None:
    failed = {"failed": True, "msg": MESSAGE}
    assert {RESULT_OF[plugin](failed).error for plugin in ("module", "wait")} == {MESSAGE}
    assert RESULT_OF["wait"]({"not_current": ROWS, "summary": SUMMARY}) == Result(ROWS, None, SUMMARY)
    assert RESULT_OF["lookup"]({"rows": ROWS, "error": None}) == Result(ROWS, None)


def test_faults_are_unique_and_run_over_each_possible_transport() -> None:
    every = faults()
    assert len({fault.name for fault in every}) == len(every)
    for fault in every:
        transports = {case.transport for case in cases([fault])}
        assert transports == ({fault.over} if fault.over else set(TRANSPORTS))


def test_each_plugin_runs_each_fault_over_http_and_those_of_the_connection_over_tls() -> None:
    for case in cases(faults()):
        every = case.transport == "http" or case.fault.concerns_connection
        assert case.plugins == (PLUGINS if every else CONTROLLER_PLUGINS)


def test_report_contains_each_case() -> None:
    report = markdown([TEMPORARY, PERMANENT], ["module", "wait"], {(1, "wait"): "it bent"})
    assert report.splitlines()[-2:] == [
        "| a fault | temporary | http | complete | passed |",
        r"| a \| fault | permanent | http | it broke | wait: it bent |",
    ]
