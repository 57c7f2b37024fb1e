# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import CallError, MalformedResponseError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import operations
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Response,
    Script,
    connect,
    xml_error,
    xml_result,
)

DESCRIBE = "DescribeStackSetOperation"
STACK_SET = "SC-123456789012-pp-a:id"


def described(operation_id: str, created: str = "2026-01-15T08:00:00Z", **more: t.Any) -> Response:
    detail = {
        "OperationId": operation_id,
        "Action": "UPDATE",
        "Status": "RUNNING",
        "CreationTimestamp": created,
        **more,
    }
    return xml_result(DESCRIBE, StackSetOperation=detail)


def row(operation_id: str | None, product: str = "pp-a", stack_set: str | None = STACK_SET) -> t.Any:
    return {"provisioned_product_id": product, "stack_set_id": stack_set, "last_operation_id": operation_id}


def read(*rows: t.Any, concurrency: int = 1) -> list[t.Any]:
    return t.cast("list[t.Any]", operations.read(connect(concurrency=concurrency), rows, concurrency))


def test_each_operation_is_described_once_and_counted(aws: Script) -> None:
    counts = {"FailedStackInstancesCount": 2}
    aws.expect(f"{DESCRIBE} old", described("old", Status="FAILED", EndTimestamp="2026-01-15T09:00:00+01:00"))
    aws.expect(f"{DESCRIBE} new", described("new", "2026-02-01T00:00:00Z", StatusReason="Busy.", StatusDetails=counts))
    aws.expect(f"{DESCRIBE} other", described("other"))
    found = read(row("old"), row("new"), row("old"), row("other", "pp-b", "other:id"), concurrency=4)
    assert [(one["operation_id"], one["stack_instance_count"]) for one in found] == [
        ("new", 1),
        ("old", 2),
        ("other", 1),
    ]
    new, old, other = found
    assert (new["status"], new["status_reason"], new["failed_stack_instances_count"]) == ("RUNNING", "Busy.", 2)
    assert (new["creation_timestamp"], new["end_timestamp"]) == ("2026-02-01T00:00:00+00:00", None)
    assert (old["action"], old["end_timestamp"]) == ("UPDATE", "2026-01-15T08:00:00+00:00")
    assert (old["failed_stack_instances_count"], old["total_stack_instances_count"]) == (None, None)
    assert (other["provisioned_product_id"], other["stack_set_id"]) == ("pp-b", "other:id")


def test_stack_instances_without_an_operation_are_not_counted(aws: Script) -> None:
    assert read(row(None), row("x", stack_set=None), {"provisioned_product_id": "pp-a"}) == []
    assert aws.requests == []


def test_an_operation_that_no_longer_exists_has_no_details(aws: Script) -> None:
    aws.expect(DESCRIBE, xml_error("OperationNotFoundException", status=404))
    [found] = read(row("old"))
    assert (found["operation_id"], found["stack_instance_count"]) == ("old", 1)
    assert {value for name, value in found.items() if name in {"action", "status", "creation_timestamp"}} == {None}


def test_a_failure_is_an_error(aws: Script) -> None:
    aws.expect(DESCRIBE, xml_error("AccessDenied", "No.", 403))
    with pytest.raises(CallError, match=f"Failed to describe operation x of stack set {STACK_SET}: No"):
        read(row("x"))


@pytest.mark.parametrize(
    "response", [described("other"), xml_result(DESCRIBE), described("x", Status=None), described("x", Status="")]
)
def test_an_incomplete_response_is_an_error(aws: Script, response: Response) -> None:
    aws.expect(DESCRIBE, response)
    with pytest.raises(MalformedResponseError, match="Failed to describe operation x"):
        read(row("x"))
