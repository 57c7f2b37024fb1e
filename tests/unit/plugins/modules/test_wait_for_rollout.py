# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module that polls: each way in which a gate could pass by accident, and what is required."""

from __future__ import annotations

import json
import time
import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._rollout import wait
from ansible_collections.stackfleet.servicecatalog.plugins.modules import wait_for_rollout
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Response,
    Script,
    detail,
    error,
    json_response,
    page,
    run_module,
    stack_instance,
    stack_set,
    stack_set_page,
    summary_of,
)

LIST = "ListStackInstancesForProvisionedProduct"
DESCRIBE = "DescribeProvisionedProduct"
SEARCH = "SearchProvisionedProducts"
RECORD = "DescribeRecord"
VERSION = "DescribeProvisioningArtifact"
IDS = {"provisioned_product_ids": ["pp-a"]}
FROM_STACK_SET = {**IDS, "source": "cloudformation", "stack_set_names": {"pp-a": "mine"}}
FAILED: dict[str, t.Any] = {"StackInstanceStatus": {"DetailedStatus": "FAILED"}}
SUSPENDED: dict[str, t.Any] = {"StackInstanceStatus": {"DetailedStatus": "SKIPPED_SUSPENDED_ACCOUNT"}}

Run = t.Callable[..., t.Dict[str, t.Any]]


@pytest.fixture
def run(aws: Script, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what runs the module, which polls once and does not pause. ``sleep`` limits the time of the last poll."""
    monkeypatch.setattr(wait.wait, "__kwdefaults__", {"clock": time.monotonic, "pause": aws.pauses.append})
    return lambda **arguments: run_module(wait_for_rollout, capsys, {"timeout": 0, "sleep": 60, **arguments})


def described(status: str = "AVAILABLE", **more: t.Any) -> Response:
    return json_response(
        ProvisionedProductDetail=detail(
            "pp-a", "guardrails", **{"ProductId": "prod-a", "ProvisioningArtifactId": "pa-12", **more}, Status=status
        )
    )


def listed(*statuses: str) -> Response:
    """Return a page of stack instances in the accounts 1, 2, ... with these statuses."""
    return json_response(StackInstances=[stack_instance(number, status) for number, status in enumerate(statuses, 1)])


def script_stack_set(aws: Script, *rows: dict[str, t.Any]) -> None:
    aws.expect(DESCRIBE, described())
    aws.expect("DescribeStackSet", stack_set("mine"))
    aws.expect("ListStackInstances", stack_set_page(*rows))


def test_a_rollout_that_is_complete_is_ready(aws: Script, run: Run) -> None:
    aws.expect(DESCRIBE, described())
    aws.expect(LIST, page([1, 2]))
    result = run(**IDS)
    assert (result["outcome"], result["ready"], result["polls"], result["not_current_total"]) == ("ready", True, 1, 0)
    assert "failed" not in result
    assert "msg" not in result


@pytest.mark.parametrize(
    ("arguments", "product", "rows", "outcome", "message"),
    [
        (
            {"accounts": ["000000000001", "000000000002"], "regions": ["eu-west-1", "sa-east-1"]},
            described(),
            page([1]),
            "missing",
            "Not ready: 3 of 4 stack instances MISSING (0 tolerated): 000000000001 sa-east-1, 000000000002 eu-west-1",
        ),
        (
            {"regions": ["us-esat-1", "eu-west-1"]},
            described(),
            page([1]),
            "missing",
            "Not ready: 1 of 2 stack instances MISSING (0 tolerated): us-esat-1",
        ),
        (
            {"accounts": ["000000000001", "000000000002"], "failure_tolerance_percentage": 100},
            described(),
            page([1]),
            "missing",
            "Not ready: 1 of 2 stack instances MISSING (0 tolerated): 000000000002",
        ),
        ({}, described(), page([]), "no_instances", "guardrails (pp-a) has no stack instance"),
        ({"exclude_accounts": ["000000000001"]}, described(), page([1]), "no_instances", "has no stack instance"),
        ({}, described("UNDER_CHANGE"), page([1]), "timed_out", "guardrails (pp-a) is UNDER_CHANGE"),
        ({}, described("A_NEW_STATUS"), page([1]), "timed_out", "guardrails (pp-a) is A_NEW_STATUS"),
        (
            {"failure_tolerance_count": 9},
            described("TAINTED", StatusMessage="It failed."),
            page([1]),
            "product_failed",
            "Provisioned product guardrails (pp-a) is TAINTED: It failed",
        ),
        ({}, described("ERROR"), page([1]), "product_failed", "is ERROR: AWS reported no reason"),
        ({}, described(), listed("CURRENT", "OUTDATED"), "timed_out", "1 of 2 stack instances OUTDATED (0 tolerated)"),
        ({}, described(), listed("CURRENT", "A_NEW_STATUS"), "timed_out", "1 of 2 stack instances A_NEW_STATUS"),
        ({}, described(), listed("CURRENT", "INOPERABLE"), "instances_failed", "1 of 2 stack instances INOPERABLE"),
        (
            {"failure_tolerance_percentage": 49},
            described(),
            listed("CURRENT", "OUTDATED"),
            "timed_out",
            "1 of 2 stack instances OUTDATED (0 tolerated)",
        ),
        (
            {},
            described(),
            json_response(StackInstances=[stack_instance(1, "OUTDATED"), stack_instance(1, "CURRENT")]),
            "timed_out",
            "1 of 1 stack instance OUTDATED",
        ),
        (
            {"provisioning_artifact_id": "pa-13"},
            described(),
            page([1]),
            "wrong_version",
            "guardrails (pp-a) has the version pa-12, not pa-13",
        ),
    ],
)
def test_a_rollout_that_is_not_complete_is_red(  # noqa: PLR0917 - one table of all ways
    aws: Script, run: Run, arguments: dict[str, t.Any], product: Response, rows: Response, outcome: str, message: str
) -> None:
    aws.expect(DESCRIBE, product)
    aws.expect(LIST, rows)
    result = run(**IDS, **arguments)
    assert (result["failed"], result["outcome"], result["ready"]) == (True, outcome, False)
    assert message in result["msg"]
    # The counts do not include the status and the version of the product.
    assert result["summary"]["all_current"] is (rows == page([1]) and outcome not in ("missing", "no_instances"))


def test_one_of_two_products_without_a_stack_instance_is_red(aws: Script, run: Run) -> None:
    aws.expect(SEARCH, json_response(ProvisionedProducts=[detail("pp-a", "a"), detail("pp-b", "b")]))
    aws.expect(f"{LIST} pp-a", page([1]))
    aws.expect(f"{LIST} pp-b", page([]))
    result = run(all_products=True)
    assert (result["failed"], result["outcome"]) == (True, "no_instances")
    assert "b (pp-b) has no stack instance" in result["msg"]
    assert result["summary"]["all_current"] is False


def test_no_product_at_all_is_red(aws: Script, run: Run) -> None:
    aws.expect(SEARCH, json_response(ProvisionedProducts=[]))
    result = run(all_products=True)
    assert (result["failed"], result["outcome"]) == (True, "no_instances")
    assert result["msg"] == "No provisioned product of type CFN_STACKSET was found"


@pytest.mark.parametrize("on_missing", ["warn", "skip"])
def test_a_product_that_does_not_exist_is_red(aws: Script, run: Run, on_missing: str) -> None:
    aws.expect(f"{DESCRIBE} pp-a", described())
    aws.expect(f"{DESCRIBE} pp-gone", error("ResourceNotFoundException"))
    aws.expect(LIST, page([1]))
    result = run(provisioned_product_ids=["pp-a", "pp-gone"], on_missing=on_missing)
    assert (result["failed"], result["outcome"]) == (True, "timed_out")
    assert result["msg"] == "Not ready: provisioned product pp-gone was not found"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "Specify provisioned_product_ids or provisioned_product_names, or set all_products=true"),
        ({"provisioned_product_ids": []}, "provisioned_product_ids is empty, which selects nothing"),
        ({"provisioned_product_ids": ""}, "provisioned_product_ids is empty, which selects nothing"),
        ({"provisioned_product_names": []}, "provisioned_product_names is empty, which selects nothing"),
        ({**IDS, "provisioned_product_names": []}, "provisioned_product_names is empty, which selects nothing"),
        ({**IDS, "accounts": []}, "accounts is empty, which selects nothing"),
        ({**IDS, "regions": ""}, "regions is empty, which selects nothing"),
        ({**IDS, "all_products": True}, "all_products cannot be combined with"),
        ({"provisioned_product_names": 2024.10}, "provisioned_product_names must contain strings, but contains the"),
        ({**IDS, "provisioning_artifact_name": 1.10}, "provisioning_artifact_name must contain strings, but contains"),
        ({**IDS, "provisioning_artifact_name": ""}, "provisioning_artifact_name must be the name of a version, but is"),
        ({**IDS, "provisioning_artifact_id": ""}, "provisioning_artifact_id must be the ID of a version"),
        ({**IDS, "record_id": ""}, "record_id must be the ID of a record"),
        ({"all_products": True, "record_id": "rec-a"}, "record_id requires exactly one product"),
        ({"provisioned_product_ids": ["pp-a", "pp-b"], "record_id": "rec-a"}, "record_id requires exactly one product"),
        ({**IDS, "tolerate_suspended": True}, "tolerate_suspended requires source=cloudformation or source=auto"),
        ({**IDS, "statuses": ["CURRENT"]}, "Unsupported parameters"),
        ({**IDS, "not_current": False}, "Unsupported parameters"),
        ({**IDS, "failure_tolerance_percentage": 101}, "must be a whole number from 0 to 100, but is 101"),
        ({**IDS, "failure_tolerance_count": -1}, "must be a whole number from 0 to 100000, but is -1"),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_invalid_options_are_one_message(
    aws: Script, run: Run, arguments: dict[str, t.Any], message: str, check_mode: bool
) -> None:
    result = run(**arguments, _ansible_check_mode=check_mode)
    assert result["failed"] is True
    assert message in result["msg"]
    assert "\n" not in result["msg"]
    assert aws.requests == []


@pytest.mark.parametrize(("name", "ready"), [("v12", True), ("v13", False)])
def test_the_name_of_the_version_is_compared(aws: Script, run: Run, name: str, ready: bool) -> None:
    aws.expect(DESCRIBE, described())
    aws.expect(VERSION, json_response(ProvisioningArtifactDetail={"Id": "pa-12", "Name": "v12"}))
    aws.expect(LIST, page([1]))
    result = run(**IDS, provisioning_artifact_name=name)
    assert result["outcome"] == ("ready" if ready else "wrong_version")
    assert result["provisioned_products"][0]["provisioning_artifact_name"] == "v12"
    if not ready:
        assert "has the version v12, not v13. Verify that the update was requested" in result["msg"]


@pytest.mark.parametrize(
    ("record", "outcome", "message"),
    [
        ({"Status": "SUCCEEDED"}, "ready", ""),
        ({"Status": "IN_PROGRESS"}, "timed_out", "the operation of record rec-a is IN_PROGRESS"),
        ({"Status": "IN_PROGRESS_IN_ERROR"}, "timed_out", "the operation of record rec-a is IN_PROGRESS_IN_ERROR"),
        ({"Status": "FAILED"}, "record_failed", "record rec-a FAILED: AWS reported no error"),
        (
            {"Status": "FAILED", "RecordErrors": [{"Code": "Broken", "Description": "It broke."}]},
            "record_failed",
            "record rec-a FAILED: Broken: It broke.",
        ),
        (
            {"Status": "SUCCEEDED", "ProvisionedProductId": "pp-b"},
            "record_failed",
            "Record rec-a belongs to provisioned product pp-b, not to pp-a",
        ),
    ],
)
def test_the_result_of_a_record_counts(
    aws: Script, run: Run, record: dict[str, t.Any], outcome: str, message: str
) -> None:
    aws.expect(RECORD, json_response(RecordDetail={"RecordId": "rec-a", "ProvisionedProductId": "pp-a", **record}))
    aws.expect(DESCRIBE, described())
    aws.expect(LIST, page([1]))
    result = run(**IDS, record_id="rec-a")
    assert result["outcome"] == outcome
    assert message in result.get("msg", "")


@pytest.mark.parametrize(("tolerate", "outcome", "total"), [(False, "instances_failed", 2), (True, "ready", 1)])
def test_suspended_accounts_can_be_ignored(aws: Script, run: Run, tolerate: bool, outcome: str, total: int) -> None:
    script_stack_set(aws, summary_of(1), summary_of(2, status="OUTDATED", **SUSPENDED))
    result = run(**FROM_STACK_SET, tolerate_suspended=tolerate)
    assert (result["outcome"], result["summary"]["total"]) == (outcome, total)


def test_only_suspended_accounts_are_no_rollout(aws: Script, run: Run) -> None:
    script_stack_set(aws, summary_of(2, status="OUTDATED", **SUSPENDED))
    result = run(**FROM_STACK_SET, tolerate_suspended=True)
    assert (result["failed"], result["outcome"]) == (True, "no_instances")


def test_reasons_are_complete_and_rows_are_limited(aws: Script, run: Run) -> None:
    reason = "Account {0:012d} should have a role"
    rows = [summary_of(n, status="OUTDATED", StatusReason=reason.format(n), **FAILED) for n in range(1, 6)]
    script_stack_set(aws, *rows, summary_of(6, status="OUTDATED"), summary_of(7))
    result = run(**FROM_STACK_SET, max_not_current=2)
    assert result["outcome"] == "instances_failed"
    assert (len(result["not_current"]), result["not_current_total"]) == (2, 6)
    assert {row["detailed_status"] for row in result["not_current"]} == {"FAILED"}
    assert result["reasons"] == [
        {
            "status": "OUTDATED",
            "detailed_status": "FAILED",
            "status_reason": "Account <account> should have a role",
            "count": 5,
            "targets": ["000000000001 eu-west-1", "000000000002 eu-west-1"],
        },
        {
            "status": "OUTDATED",
            "detailed_status": "PENDING",
            "status_reason": None,
            "count": 1,
            "targets": ["000000000006 eu-west-1"],
        },
    ]
    assert result["msg"].startswith(
        "5 of 7 stack instances FAILED (0 tolerated): Account <account> should have a role (000000000001 eu-west-1,"
        " 000000000002 eu-west-1, 000000000003 eu-west-1, and 2 more)"
    )


def test_a_result_for_a_large_fleet_is_small(aws: Script, run: Run) -> None:
    rows = [
        summary_of(n, status="OUTDATED", StatusReason=f"Account {n:012d} has no role", **FAILED) for n in range(8000)
    ]
    script_stack_set(aws, *rows)
    result = run(**FROM_STACK_SET)
    assert result["not_current_total"] == result["reasons"][0]["count"] == 8000
    assert (len(result["not_current"]), len(result["reasons"][0]["targets"])) == (100, 100)
    assert len(result["msg"]) < 1000
    assert len(json.dumps(result)) < 70_000


def test_check_mode_polls_once_and_does_not_fail(aws: Script, run: Run) -> None:
    aws.expect(DESCRIBE, described("TAINTED"))
    aws.expect(LIST, listed("OUTDATED"))
    result = run(**IDS, timeout=60, _ansible_check_mode=True)
    assert (result["outcome"], result["ready"], result["polls"]) == ("not_ready", False, 1)
    assert result["msg"].startswith("Not ready: Provisioned product guardrails (pp-a) is TAINTED")
    assert "failed" not in result


def test_it_polls_until_the_rollout_is_complete(aws: Script, run: Run) -> None:
    aws.expect(DESCRIBE, described("UNDER_CHANGE"), described(), described())
    aws.expect(LIST, listed("OUTDATED"), listed("OUTDATED"), listed("CURRENT"))
    result = run(**IDS, timeout=600, sleep=7, delay=3)
    assert (result["outcome"], result["polls"]) == ("ready", 3)
    assert aws.pauses[0] == 3


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_refused_call_is_one_message_with_the_error(aws: Script, run: Run, check_mode: bool) -> None:
    aws.expect(DESCRIBE, error("AccessDeniedException", "You may not."))
    result = run(**IDS, _ansible_check_mode=check_mode)
    assert (result["failed"], result["outcome"], result["ready"]) == (True, "call_failed", False)
    assert result["msg"].startswith("Failed to describe provisioned product pp-a: You may not (AccessDeniedException)")
    assert result["error"] == {"code": "AccessDeniedException", "message": "You may not.", "request_id": None}
    assert result["retryable"] is False
    assert (result["not_current"], result["reasons"], result["summary"]["total"]) == ([], [], 0)


def test_a_fault_that_may_pass_is_waited_out(aws: Script, run: Run) -> None:
    denied = error("ThrottlingException", "Rate exceeded")
    aws.expect(DESCRIBE, denied, described())
    aws.expect(LIST, page([1]))
    config = {"retries": {"mode": "standard", "total_max_attempts": 1}}
    result = run(**IDS, timeout=600, aws_config=config)
    assert (result["outcome"], result["polls"]) == ("ready", 2)
    assert "error" not in result


def test_warnings_of_a_poll_are_returned(aws: Script, run: Run) -> None:
    aws.expect(DESCRIBE, described(), error("ResourceNotFoundException"))
    aws.expect(LIST, page([1]))
    result = run(provisioned_product_ids=["pp-a", "pp-gone"], on_missing="warn", concurrency=1)
    assert "pp-gone" in json.dumps(result["warnings"])
