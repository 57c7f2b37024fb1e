# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
import string
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import quote
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Query
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.summary import summarize
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.wait_options import WaitOptions
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._rollout import judge, messages

NAMES = {"C": "CURRENT", "O": "OUTDATED", "I": "INOPERABLE", "?": "PAUSED"}
WAITING, READY, FAILED = "waiting", "ready", "instances_failed"


def product(number: int = 0, status: str = "AVAILABLE", **fields: t.Any) -> t.Any:
    """Return a product of a listing."""
    return {
        "id": f"pp-{number}",
        "name": f"product{number}",
        "status": status,
        "status_message": "It broke.",
        "provisioning_artifact_id": "pa-1",
        "provisioning_artifact_name": "v1",
        "summary": summarize(()),
        **fields,
    }


def row(account: int, status: str, number: int = 0, region: str = "eu-west-1", **details: t.Any) -> t.Any:
    """Return a stack instance."""
    return {
        "provisioned_product_id": f"pp-{number}",
        "provisioned_product_name": f"product{number}",
        "account": f"{account:012d}",
        "region": region,
        "stack_instance_status": status,
        **details,
    }


def detailed(account: int, status: str, detailed_status: str | None, reason: str | None = None) -> t.Any:
    """Return a stack instance from CloudFormation."""
    return row(account, status, detailed_status=detailed_status, status_reason=reason)


EVERY = Query(all_products=True)


def verdict_on(
    products: t.Sequence[t.Any],
    rows: t.Sequence[t.Any],
    missing: t.Sequence[t.Any] = (),
    *,
    query: Query | None = None,
    record: judge.Record | None = None,
    **options: t.Any,
) -> judge.Verdict:
    """Observe and judge."""
    wait = WaitOptions(**options)
    query = query or Query(provisioned_product_ids=tuple(one["id"] for one in products))
    return judge.judge(*judge.observe(products, rows, missing, query, wait), query, wait, record)


# Every combination of the status of a product, its stack instances, and a tolerance.
VERDICTS = {
    **{("TAINTED", letters, 0): "product_failed" for letters in ("", "C", "O")},
    **{("ERROR", letters, 1): "product_failed" for letters in ("", "C", "I")},
    **{
        (status, letters, tolerance): WAITING
        for status in ("UNDER_CHANGE", "PLAN_IN_PROGRESS", "SOMETHING_NEW", None)
        for letters in ("", "C", "O", "I", "II", "?")
        for tolerance in (0, 1)
    },
    ("AVAILABLE", "", 0): "no_instances",
    ("AVAILABLE", "", 1): "no_instances",
    ("AVAILABLE", "C", 0): READY,
    ("AVAILABLE", "CCC", 1): READY,
    ("AVAILABLE", "CO", 0): WAITING,
    ("AVAILABLE", "CO", 1): READY,
    ("AVAILABLE", "COO", 1): WAITING,
    ("AVAILABLE", "C?", 0): WAITING,
    ("AVAILABLE", "C?", 1): READY,
    ("AVAILABLE", "CI", 0): FAILED,
    ("AVAILABLE", "CI", 1): READY,
    ("AVAILABLE", "CII", 1): FAILED,
    ("AVAILABLE", "COI", 1): WAITING,
    ("AVAILABLE", "COI", 2): READY,
}


@pytest.mark.parametrize(
    ("status", "letters", "tolerance", "outcome"), [(*key, value) for key, value in VERDICTS.items()]
)
def test_one_product(status: str, letters: str, tolerance: int, outcome: str) -> None:
    rows = [row(number, NAMES[letter]) for number, letter in enumerate(letters)]
    verdict = verdict_on([product(status=status)], rows, failure_tolerance_count=tolerance)
    assert verdict.outcome == outcome
    assert bool(verdict.message) == (outcome != READY)
    assert verdict.is_failure == (outcome not in (READY, WAITING))


DONE = ("CURRENT", "SUCCEEDED", None)
PENDING = ("OUTDATED", "PENDING", None)
BROKEN = ("OUTDATED", "FAILED", "No\nrole.")
SUSPENDED = ("OUTDATED", "SKIPPED_SUSPENDED_ACCOUNT", None)


@pytest.mark.parametrize(
    ("details", "tolerance", "outcome", "text"),
    [
        ([DONE, PENDING], 0, WAITING, "1 of 2 stack instances PENDING (0 tolerated): 000000000001 eu-west-1"),
        ([DONE, ("OUTDATED", "RUNNING", None)], 0, WAITING, "RUNNING"),
        ([DONE, ("OUTDATED", "SOMETHING_NEW", None)], 0, WAITING, "SOMETHING_NEW"),
        ([DONE, ("OUTDATED", "", None)], 0, WAITING, "OUTDATED"),
        ([DONE, ("CURRENT", "FAILED", None)], 0, READY, ""),
        ([DONE, BROKEN], 0, FAILED, "1 of 2 stack instances FAILED (0 tolerated): No role (000000000001 eu-west-1)."),
        ([DONE, BROKEN], 0, FAILED, "Waiting does not help: fix the cause and run the operation again."),
        ([DONE, BROKEN], 1, READY, ""),
        ([PENDING, BROKEN], 1, WAITING, "2 of 2 stack instances FAILED or PENDING (1 tolerated)"),
        ([DONE, BROKEN, ("OUTDATED", "CANCELLED", None)], 1, FAILED, "2 of 3 stack instances FAILED or CANCELLED (1"),
        ([DONE, SUSPENDED], 0, FAILED, "1 of 2 stack instances SKIPPED_SUSPENDED_ACCOUNT (0 tolerated)"),
        ([PENDING, SUSPENDED], 1, WAITING, ""),
        ([DONE, SUSPENDED], 1, READY, ""),
        ([DONE, ("OUTDATED", "FAILED_IMPORT", None)], 0, FAILED, "FAILED_IMPORT"),
        ([("INOPERABLE", "INOPERABLE", "Delete failed")], 0, FAILED, "1 of 1 stack instance INOPERABLE (0 tolerated)"),
        ([("INOPERABLE", "FAILED", None)], 0, FAILED, "1 of 1 stack instance INOPERABLE (0 tolerated)"),
    ],
)
def test_detailed_statuses_that_waiting_does_not_change(
    details: list[tuple[str, str, str | None]], tolerance: int, outcome: str, text: str
) -> None:
    rows = [detailed(number, *detail) for number, detail in enumerate(details)]
    verdict = verdict_on([product()], rows, failure_tolerance_count=tolerance)
    assert verdict.outcome == outcome
    assert text in verdict.message
    # While the product changes, nothing of this is final.
    assert verdict_on([product(status="UNDER_CHANGE")], rows, failure_tolerance_count=tolerance).outcome == WAITING


@pytest.mark.parametrize(
    ("details", "outcome"),
    [([DONE, SUSPENDED], READY), ([SUSPENDED], "no_instances"), ([PENDING, SUSPENDED], WAITING)],
)
def test_tolerated_suspended_accounts_do_not_count(details: list[tuple[str, str, None]], outcome: str) -> None:
    rows = [detailed(number, *detail) for number, detail in enumerate(details)]
    assert verdict_on([product()], rows, tolerate_suspended=True).outcome == outcome


@pytest.mark.parametrize("tolerance", [{}, {"failure_tolerance_count": 5}, {"failure_tolerance_percentage": 100}])
def test_missing_targets_are_never_tolerated(tolerance: dict[str, int]) -> None:
    missing = [row(9, "MISSING", region="sa-east-1")]
    verdict = verdict_on([product()], [row(1, "CURRENT")], missing, **tolerance)
    assert verdict.outcome == "missing"
    assert verdict.message == "1 of 2 stack instances MISSING (0 tolerated): 000000000009 sa-east-1"
    changing = verdict_on([product(status="UNDER_CHANGE")], [row(1, "CURRENT")], missing, **tolerance)
    assert changing.outcome == WAITING


def test_missing_targets_appear_in_the_counts() -> None:
    missing = [row(9, "MISSING")]
    observation, _terminal = judge.observe([product()], [row(1, "CURRENT")], missing, EVERY, WaitOptions())
    summary = observation["summary"]
    assert (summary["total"], summary["current"], summary["other"], summary["missing"]) == (2, 1, 0, 1)
    assert summary["all_current"] is False
    assert observation["provisioned_products"][0]["summary"]["missing"] == 1
    assert [instance["stack_instance_status"] for instance in observation["not_current"]] == ["MISSING"]


@pytest.mark.parametrize(
    ("fields", "options", "outcome"),
    [
        ({}, {"provisioning_artifact_id": "pa-1"}, READY),
        ({}, {"provisioning_artifact_name": "v1"}, READY),
        ({}, {"provisioning_artifact_id": "pa-1", "provisioning_artifact_name": "v1"}, READY),
        ({}, {"provisioning_artifact_id": "pa-2"}, "wrong_version"),
        ({}, {"provisioning_artifact_name": "v2"}, "wrong_version"),
        ({}, {"provisioning_artifact_id": "pa-1", "provisioning_artifact_name": "v2"}, "wrong_version"),
        ({"provisioning_artifact_name": None}, {"provisioning_artifact_name": "v1"}, "wrong_version"),
        ({"status": "UNDER_CHANGE"}, {"provisioning_artifact_id": "pa-2"}, WAITING),
        ({"status": "TAINTED"}, {"provisioning_artifact_id": "pa-2"}, "product_failed"),
    ],
)
def test_version(fields: dict[str, t.Any], options: dict[str, str], outcome: str) -> None:
    assert verdict_on([product(**fields)], [row(1, "CURRENT")], **options).outcome == outcome


@pytest.mark.parametrize(
    ("status", "owner", "outcome"),
    [
        ("SUCCEEDED", "pp-0", READY),
        ("IN_PROGRESS", "pp-0", WAITING),
        ("IN_PROGRESS_IN_ERROR", "pp-0", WAITING),
        ("CREATED", "pp-0", WAITING),
        ("QUEUED", "pp-0", WAITING),
        ("FAILED", "pp-0", "record_failed"),
        ("SUCCEEDED", "pp-9", "record_failed"),
    ],
)
def test_record(status: str, owner: str, outcome: str) -> None:
    record = judge.Record("rec-1", status, ("Code: It failed",), owner)
    verdict = verdict_on([product()], [row(1, "CURRENT")], record=record, record_id="rec-1")
    assert verdict.outcome == outcome
    assert ("It failed" in verdict.message) == (status == "FAILED")


def test_a_named_product_that_was_not_found_is_waited_for() -> None:
    query = Query(provisioned_product_ids=("pp-0",), provisioned_product_names=("guardrails",), on_missing="skip")
    verdict = verdict_on([product()], [row(1, "CURRENT")], query=query)
    assert verdict == judge.Verdict(WAITING, "provisioned product guardrails was not found")
    assert verdict_on([], [], query=query).outcome == WAITING


def test_a_name_does_not_stand_for_an_id() -> None:
    query = Query(provisioned_product_ids=("product0",), provisioned_product_names=("product0",), on_missing="skip")
    verdict = verdict_on([product()], [row(1, "CURRENT")], query=query)
    assert verdict == judge.Verdict(WAITING, "provisioned product product0 was not found")


def test_all_products_that_are_none_is_a_failure() -> None:
    assert verdict_on([], [], query=Query(all_products=True)).outcome == "no_instances"


def test_every_product_must_have_stack_instances() -> None:
    products = [product(0), product(1)]
    assert verdict_on(products, [row(1, "CURRENT", 0)]).outcome == "no_instances"
    observation, _terminal = judge.observe(products, [row(1, "CURRENT", 0)], (), EVERY, WaitOptions())
    assert observation["summary"]["all_current"] is False


@pytest.mark.parametrize(
    "query", [Query(provisioned_product_ids=("pp-0", "pp-9")), Query(provisioned_product_names=("product0", "gone"))]
)
def test_a_named_product_that_was_not_found_is_not_current(query: Query) -> None:
    observation, _terminal = judge.observe([product()], [row(1, "CURRENT")], (), query, WaitOptions())
    assert observation["summary"]["all_current"] is False


def test_a_failed_product_is_reported_with_its_stack_instances() -> None:
    verdict = verdict_on([product(status="TAINTED")], [detailed(1, *BROKEN), detailed(2, *DONE)])
    assert verdict.message == (
        "Provisioned product product0 (pp-0) is TAINTED: It broke. 1 of 2 stack instances FAILED (0 tolerated): No role"
        " (000000000001 eu-west-1)"
    )


def test_the_result_is_bounded_and_its_totals_are_complete() -> None:
    rows = [detailed(number, "OUTDATED", "FAILED", f"Account {number:012d} has no role") for number in range(300)]
    rows.append(detailed(300, "INOPERABLE", "INOPERABLE", "x" * 5000))
    observation, terminal = judge.observe([product()], rows, (), EVERY, WaitOptions(max_not_current=10))
    assert len(observation["not_current"]) == 10
    assert observation["not_current"][0]["stack_instance_status"] == "INOPERABLE"
    assert observation["not_current_total"] == 301
    assert [(reason["count"], len(reason["targets"])) for reason in observation["reasons"]] == [(1, 1), (300, 10)]
    assert observation["reasons"][1]["status_reason"] == "Account <account> has no role"
    assert terminal is not None
    assert len(terminal.message) < 1000


_ROWS = st.lists(
    st.builds(
        row,
        st.integers(0, 5),
        st.sampled_from([*NAMES.values(), "MISSING"]),
        st.integers(0, 1),
        detailed_status=st.sampled_from([None, "PENDING", "FAILED", "SKIPPED_SUSPENDED_ACCOUNT", "NEW"]),
    ),
    max_size=8,
)


@given(
    statuses=st.lists(
        st.sampled_from(["AVAILABLE", "AVAILABLE", "UNDER_CHANGE", "TAINTED", "NEW"]), min_size=2, max_size=2
    ),
    rows=_ROWS,
    tolerance=st.integers(0, 3),
    suspended=st.booleans(),
)
def test_ready_implies_that_everything_has_arrived(
    statuses: list[str], rows: list[t.Any], tolerance: int, suspended: bool
) -> None:
    products = [product(number, status) for number, status in enumerate(statuses)]
    existing = [one for one in rows if one["stack_instance_status"] != "MISSING"]
    missing = [one for one in rows if one["stack_instance_status"] == "MISSING"]
    options = {"failure_tolerance_count": tolerance, "tolerate_suspended": suspended}
    verdict = verdict_on(products, existing, missing, **options)
    if verdict.outcome == READY:
        assert set(statuses) == {"AVAILABLE"}
        assert not missing
        counted = [one for one in existing if not (suspended and one["detailed_status"] == "SKIPPED_SUSPENDED_ACCOUNT")]
        assert {one["provisioned_product_id"] for one in counted} == {"pp-0", "pp-1"}
        assert sum(one["stack_instance_status"] != "CURRENT" for one in counted) <= tolerance


@given(st.text(alphabet=string.printable + "é\u202e\x00{}%", max_size=3000))
def test_strings_from_aws_are_quoted_in_messages(hostile: str) -> None:
    products = [product(status="TAINTED", status_message=hostile, name=hostile)]
    message = verdict_on(products, [detailed(1, "OUTDATED", "FAILED", hostile)]).message
    assert message.isprintable()
    assert len(message) < 2500


@pytest.mark.parametrize("order", [*itertools.permutations(["CURRENT", "PAUSED", "OUTDATED", "MISSING", "INOPERABLE"])])
def test_the_worst_comes_first(order: tuple[str, ...]) -> None:
    rows = [row(number, status) for number, status in enumerate(order)]
    observation, _terminal = judge.observe([product()], rows, (), EVERY, WaitOptions())
    ranked = ["INOPERABLE", "MISSING", "OUTDATED", "PAUSED"]
    assert [one["stack_instance_status"] for one in observation["not_current"]] == ranked
    assert [reason["status"] for reason in observation["reasons"]] == ranked
    assert messages.reasons_text(observation["reasons"]).startswith("1 INOPERABLE (")


def test_a_message_names_the_first_few_products_and_counts_the_rest() -> None:
    products = [product(number, "UNDER_CHANGE") for number in range(7)]
    verdict = verdict_on(products, [row(1, "OUTDATED")])
    assert verdict.message == (
        "; ".join(f"provisioned product product{number} (pp-{number}) is UNDER_CHANGE" for number in range(5))
        + "; and 2 more; 1 of 1 stack instance OUTDATED (0 tolerated): product0 000000000001 eu-west-1"
    )


HOSTILE = "a\n\x1b[31m\u202e{{ 1/0 }}%s{0}" * 500


def limits() -> t.Iterator[tuple[str, judge.Verdict]]:
    """Yield verdicts on input that AWS should not return, in numbers that it could."""
    many = [product(number, "UNDER_CHANGE", name=HOSTILE) for number in range(500)]
    yield "products", verdict_on(many, [], query=Query(all_products=True))
    names = tuple(f"product{number}" for number in range(500))
    yield "not found", verdict_on([], [], query=Query(provisioned_product_names=names, on_missing="skip"))
    statuses = [detailed(number, f"{number}{HOSTILE}", f"{number}{HOSTILE}", HOSTILE) for number in range(500)]
    yield "statuses", verdict_on([product(name=HOSTILE)], statuses)
    reasons = [detailed(number, "OUTDATED", "FAILED", chr(97 + number % 26) * 900) for number in range(500)]
    yield "reasons", verdict_on([product()], reasons)
    targets = [row(number, "OUTDATED", region=HOSTILE) for number in range(500)]
    yield "targets", verdict_on([product(), product(1)], [*targets, row(1, "CURRENT", 1)])
    record = judge.Record("rec-1", "FAILED", (quote(HOSTILE),) * 500, "pp-0")
    yield "record errors", verdict_on([product()], [row(1, "CURRENT")], record=record)


def test_a_message_is_bounded_whatever_the_number() -> None:
    for kind, verdict in limits():
        assert len(verdict.message) < 6000, kind
        assert verdict.message.isprintable(), kind
        assert verdict.outcome != READY, kind
