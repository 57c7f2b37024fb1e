# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stack set of a product: CloudFormation and Service Catalog return the same stack instances."""

from __future__ import annotations

import typing as t

import pytest

from mock_endpoint.process import MockEndpoint
from mock_endpoint.tests.clients import Botocore, Json

STACK_SET = "SC-123456789012-pp-abc"
ACCOUNTS = [f"1000000000{number:02}" for number in range(60)]
REGIONS = ["eu-central-1", "eu-west-1", "us-east-1"]
FAILED = {"account": ACCOUNTS[0], "region": "eu-west-1", "status": "OUTDATED", "detailed_status": "FAILED"}
DETAILS = {
    "status_reason": "The role <admin> & co. is missing.",
    "organizational_unit_id": "ou-abcd-12345678",
    "drift_status": "DRIFTED",
    "last_drift_check_timestamp": "2026-02-01T10:00:00Z",
    "last_operation_id": "operation-1",
}
SUSPENDED = {
    "account": ACCOUNTS[1],
    "region": "eu-west-1",
    "status": "OUTDATED",
    "detailed_status": "SKIPPED_SUSPENDED_ACCOUNT",
}


@pytest.fixture
def aws(endpoint: MockEndpoint) -> Botocore:
    """Create a product in 60 accounts and 3 Regions."""
    endpoint.add_products([{"id": "pp-abc", "matrix": {"accounts": ACCOUNTS, "regions": REGIONS}}])
    endpoint.update_product("pp-abc", instances=[{**FAILED, **DETAILS}, SUSPENDED])
    return Botocore(endpoint.url)


def rows(aws: Botocore, **parameters: t.Any) -> list[Json]:
    """Return all pages of ListStackInstances."""
    listed: list[Json] = []
    parameters = {"StackSetName": STACK_SET, **parameters}
    while True:
        response = aws.call("cloudformation", "ListStackInstances", parameters).response
        assert response is not None
        listed += response["Summaries"]
        if "NextToken" not in response:
            return listed
        parameters["NextToken"] = response["NextToken"]


def test_describe_returns_the_regions(aws: Botocore) -> None:
    response = aws.call("cloudformation", "DescribeStackSet", {"StackSetName": STACK_SET}).response
    assert response is not None
    stack_set = response["StackSet"]
    assert (stack_set["StackSetName"], stack_set["Status"], stack_set["Regions"]) == (STACK_SET, "ACTIVE", REGIONS)
    assert stack_set["StackSetARN"].endswith(f":123456789012:stackset/{stack_set['StackSetId']}")


@pytest.mark.parametrize(("size", "requests"), [(None, 2), (100, 2), (60, 3), (1, 180)])
def test_pages(endpoint: MockEndpoint, aws: Botocore, size: int | None, requests: int) -> None:
    listed = rows(aws, **({} if size is None else {"MaxResults": size}))
    assert len({(row["Account"], row["Region"]) for row in listed}) == len(listed) == 180
    assert len(endpoint.requests()) == requests


@pytest.mark.parametrize(
    ("parameters", "count"),
    [
        ({"StackInstanceAccount": ACCOUNTS[3]}, 3),
        ({"StackInstanceRegion": "eu-west-1"}, 60),
        ({"StackInstanceRegion": "ap-south-1"}, 0),
        ({"StackInstanceAccount": ACCOUNTS[3], "StackInstanceRegion": "eu-west-1"}, 1),
        ({"Filters": [{"Name": "DETAILED_STATUS", "Values": "FAILED"}]}, 1),
        ({"Filters": [{"Name": "DETAILED_STATUS", "Values": "SUCCEEDED"}]}, 178),
        ({"Filters": [{"Name": "LAST_OPERATION_ID", "Values": "operation-1"}]}, 1),
        ({"Filters": [{"Name": "DRIFT_STATUS", "Values": "DRIFTED"}], "StackInstanceRegion": "us-east-1"}, 0),
    ],
)
def test_filters(aws: Botocore, parameters: Json, count: int) -> None:
    assert len(rows(aws, **parameters)) == count


def test_details(aws: Botocore) -> None:
    [failed] = rows(aws, Filters=[{"Name": "DETAILED_STATUS", "Values": "FAILED"}])
    assert failed.pop("StackSetId").startswith(f"{STACK_SET}:")
    assert failed.pop("StackId").startswith(f"arn:aws:cloudformation:eu-west-1:{ACCOUNTS[0]}:stack/StackSet-SC-")
    assert failed == {
        "Account": ACCOUNTS[0],
        "Region": "eu-west-1",
        "Status": "OUTDATED",
        "StatusReason": DETAILS["status_reason"],
        "StackInstanceStatus": {"DetailedStatus": "FAILED"},
        "OrganizationalUnitId": "ou-abcd-12345678",
        "DriftStatus": "DRIFTED",
        "LastDriftCheckTimestamp": 1769940000.0,
        "LastOperationId": "operation-1",
    }


def test_suspended_account_has_no_stack(aws: Botocore) -> None:
    [suspended] = rows(aws, Filters=[{"Name": "DETAILED_STATUS", "Values": "SKIPPED_SUSPENDED_ACCOUNT"}])
    assert "StackId" not in suspended


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        ("DescribeStackSet", {"StackSetName": "SC-123456789012-pp-missing"}, "StackSetNotFoundException"),
        ("DescribeStackSet", {}, "ValidationError"),
        ("ListStackInstances", {"StackSetName": "SC-123456789012-pp-missing"}, "StackSetNotFoundException"),
        ("ListStackInstances", {"StackSetName": STACK_SET, "MaxResults": 0}, "ValidationError"),
        ("ListStackInstances", {"StackSetName": STACK_SET, "MaxResults": 101}, "ValidationError"),
        ("ListStackInstances", {"StackSetName": STACK_SET, "NextToken": "foreign"}, "ValidationError"),
        ("ListStackInstances", {"StackSetName": STACK_SET, "StackInstanceAccount": "1"}, "ValidationError"),
        ("ListStackInstances", {"StackSetName": STACK_SET, "StackInstanceRegion": "E U"}, "ValidationError"),
        (
            "ListStackInstances",
            {"StackSetName": STACK_SET, "Filters": [{"Name": "COLOR", "Values": "x"}]},
            "ValidationError",
        ),
    ],
)
def test_errors(aws: Botocore, operation: str, parameters: Json, code: str) -> None:
    assert aws.call("cloudformation", operation, parameters).code == code


def test_token_of_another_listing_is_rejected(aws: Botocore) -> None:
    first = aws.call("cloudformation", "ListStackInstances", {"StackSetName": STACK_SET, "MaxResults": 10}).response
    assert first is not None
    other = {"StackSetName": STACK_SET, "StackInstanceRegion": "eu-west-1", "NextToken": first["NextToken"]}
    assert aws.call("cloudformation", "ListStackInstances", other).code == "ValidationError"


def test_both_services_agree(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.update_product(
        "pp-abc",
        instances=[{"account": ACCOUNTS[0], "region": "eu-west-1", "status": "INOPERABLE"}],
        remove_instances=[{"account": ACCOUNTS[1], "region": "eu-west-1"}],
    )
    paginator = aws.of("servicecatalog").get_paginator("list_stack_instances_for_provisioned_product")
    in_service_catalog = {
        (row["Account"], row["Region"], row["StackInstanceStatus"])
        for page in paginator.paginate(ProvisionedProductId="pp-abc")
        for row in page["StackInstances"]
    }
    listed = rows(aws)
    assert in_service_catalog == {(row["Account"], row["Region"], row["Status"]) for row in listed}
    assert len(in_service_catalog) == 179
    [inoperable] = [row for row in listed if row["Status"] == "INOPERABLE"]
    # The details of the previous status are removed.
    assert inoperable["StackInstanceStatus"] == {"DetailedStatus": "INOPERABLE"}
    assert "StatusReason" not in inoperable


def test_service_catalog_returns_changes_by_cloudformation(aws: Botocore) -> None:
    deleted = {"StackSetName": STACK_SET, "Accounts": ACCOUNTS[1:], "Regions": REGIONS, "RetainStacks": True}
    assert aws.call("cloudformation", "DeleteStackInstances", deleted).code is None
    response = aws.call(
        "servicecatalog", "ListStackInstancesForProvisionedProduct", {"ProvisionedProductId": "pp-abc"}
    ).response
    assert response is not None
    assert len(response["StackInstances"]) == 3


def test_stack_set_without_product(aws: Botocore) -> None:
    aws.call("cloudformation", "CreateStackSet", {"StackSetName": "other", "TemplateBody": '{"Resources": {}}'})
    created = {"StackSetName": "other", "Accounts": ["123456789012"], "Regions": ["eu-west-1"]}
    assert aws.call("cloudformation", "CreateStackInstances", created).code is None
    wanted = {"StackSetName": "other", "Filters": [{"Name": "DETAILED_STATUS", "Values": "SUCCEEDED"}]}
    response = aws.call("cloudformation", "ListStackInstances", wanted).response
    assert response is not None
    assert [row["Account"] for row in response["Summaries"]] == ["123456789012"]


def test_removed_product_has_no_stack_set(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.remove_product("pp-abc")
    outcome = aws.call("cloudformation", "DescribeStackSet", {"StackSetName": STACK_SET})
    assert outcome.code == "StackSetNotFoundException"


def test_last_operation(endpoint: MockEndpoint, aws: Botocore) -> None:
    rows = [
        {"account": "111111111111", "region": "a-b-1", "last_operation_id": "first"},
        {"account": "111111111111", "region": "c-d-2", "last_operation_id": "second", "status": "OUTDATED"},
        {
            "account": "222222222222",
            "region": "a-b-1",
            "last_operation_id": "first",
            "status": "OUTDATED",
            "detailed_status": "FAILED",
        },
    ]
    endpoint.add_products([{"id": "pp-abc", "instances": rows}])
    described = {}
    for operation_id in ("first", "second"):
        parameters = {"StackSetName": "SC-123456789012-pp-abc", "OperationId": operation_id}
        response = aws.call("cloudformation", "DescribeStackSetOperation", parameters).response
        assert response is not None
        described[operation_id] = response["StackSetOperation"]
    first, second = described["first"], described["second"]
    assert (first["Action"], first["Status"], first["OperationId"]) == ("UPDATE", "FAILED", "first")
    assert first["StatusDetails"] == {"FailedStackInstancesCount": 1, "TotalStackInstancesCount": 2}
    assert second["Status"] == "RUNNING"
    assert "EndTimestamp" not in second
    unknown = {"StackSetName": "SC-123456789012-pp-abc", "OperationId": "third"}
    assert aws.call("cloudformation", "DescribeStackSetOperation", unknown).code == "OperationNotFoundException"
