# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The AWS CLI and the AWS SDK for JavaScript receive the same responses as botocore."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest

from mock_endpoint.process import MockEndpoint
from mock_endpoint.tests.clients import AwsCli, Botocore, Client, JavaScriptSdk, Json, Keys
from mock_endpoint.tests.test_iam import allow, user

LIST = "ListStackInstancesForProvisionedProduct"
DESCRIBE = "DescribeProvisionedProduct"
SEARCH = "SearchProvisionedProducts"
ABC: Json = {"ProvisionedProductId": "pp-abc"}
STACK_SET: Json = {"StackSetName": "SC-123456789012-pp-abc"}
SORTED: Json = {"AccessLevelFilter": {"Key": "Account", "Value": "self"}, "SortBy": "id", "PageSize": 1}

CLIENTS: dict[str, type[AwsCli | JavaScriptSdk]] = {
    "MOCK_ENDPOINT_AWS_CLI": AwsCli,
    "MOCK_ENDPOINT_NODE_MODULES": JavaScriptSdk,
}


@pytest.fixture(params=list(CLIENTS))
def connect(request: pytest.FixtureRequest) -> t.Callable[..., Client]:
    """Return a factory of one of the clients; skip the test if its variable is not set, except in CI."""
    variable = str(request.param)
    path = os.environ.get(variable)
    if path is None and "CI" not in os.environ:
        pytest.skip(f"{variable} is not set")
    if path is None or not Path(path).exists():
        pytest.fail(f"{variable} must be the path of the client, and {path!r} does not exist.")
    return lambda url, keys=None: CLIENTS[variable](path, url, keys)


@pytest.fixture
def foreign(endpoint: MockEndpoint, connect: t.Callable[..., Client]) -> Client:
    """Return a client other than botocore, and create products of which some are not current."""
    statuses = {"OUTDATED": {"count": 2, "detailed_status": "FAILED", "status_reason": "No role."}, "INOPERABLE": 1}
    matrix = {"accounts": 30, "regions": ["eu-west-1", "us-east-1"], "statuses": statuses}
    endpoint.add_products(
        [
            {"id": "pp-abc", "name": "guardrails", "tags": {"team": "x"}, "matrix": matrix},
            {"id": "pp-def", "name": "tainted", "status": "TAINTED", "status_message": "It failed."},
            {"id": "pp-stack", "type": "CFN_STACK"},
        ]
    )
    return connect(endpoint.url)


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "next_token"),
    [
        ("servicecatalog", LIST, ABC, "NextPageToken"),
        ("servicecatalog", LIST, {**ABC, "PageSize": 7}, "NextPageToken"),
        ("servicecatalog", DESCRIBE, {"Id": "pp-def"}, None),
        ("servicecatalog", DESCRIBE, {"Name": "guardrails"}, None),
        ("servicecatalog", SEARCH, SORTED, "NextPageToken"),
        ("cloudformation", "DescribeStackSet", STACK_SET, None),
        ("cloudformation", "ListStackInstances", {**STACK_SET, "MaxResults": 40}, "NextToken"),
        (
            "cloudformation",
            "ListStackInstances",
            {**STACK_SET, "Filters": [{"Name": "DETAILED_STATUS", "Values": "FAILED"}], "MaxResults": 1},
            "NextToken",
        ),
    ],
)
def test_responses(
    *, endpoint: MockEndpoint, foreign: Client, service: str, operation: str, parameters: Json, next_token: str | None
) -> None:
    botocore = Botocore(endpoint.url)
    first = botocore.call(service, operation, parameters)
    assert first.response is not None
    assert foreign.call(service, operation, parameters) == first
    if next_token is not None:
        second = {**parameters, {"NextPageToken": "PageToken"}.get(next_token, next_token): first.response[next_token]}
        expected = botocore.call(service, operation, second)
        assert expected.response is not None
        assert expected != first
        assert foreign.call(service, operation, second) == expected


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code"),
    [
        ("servicecatalog", LIST, {"ProvisionedProductId": "pp-missing"}, "ResourceNotFoundException"),
        ("servicecatalog", LIST, {"ProvisionedProductId": "pp-stack"}, "InvalidParametersException"),
        ("servicecatalog", LIST, {**ABC, "PageToken": "foreign"}, "ValidationException"),
        ("servicecatalog", DESCRIBE, {"Id": "pp-abc", "Name": "guardrails"}, "InvalidParametersException"),
        ("servicecatalog", SEARCH, {"Filters": {"SearchQuery": ["color"]}}, "InvalidParametersException"),
        ("servicecatalog", "ListLaunchPaths", {"ProductId": "prod-x"}, "UnknownOperationException"),
        ("cloudformation", "DescribeStackSet", {"StackSetName": "SC-missing"}, "StackSetNotFoundException"),
        ("cloudformation", "ListStackInstances", {"StackSetName": "SC-missing"}, "StackSetNotFoundException"),
        ("cloudformation", "ListStackInstances", {**STACK_SET, "NextToken": "foreign"}, "ValidationError"),
    ],
)
def test_errors(
    *, endpoint: MockEndpoint, foreign: Client, service: str, operation: str, parameters: Json, code: str
) -> None:
    expected = Botocore(endpoint.url).call(service, operation, parameters)
    assert expected.code == code
    assert foreign.call(service, operation, parameters) == expected


def test_throttling(endpoint: MockEndpoint, foreign: Client) -> None:
    endpoint.faults("pp-abc", [{"error": {"code": "ThrottlingException", "message": "Rate exceeded"}}])
    endpoint.faults("pp-abc", [{"error": {"code": "Throttling", "message": "Rate exceeded"}}])
    assert foreign.call("servicecatalog", LIST, ABC).code == "ThrottlingException"
    assert foreign.call("cloudformation", "ListStackInstances", STACK_SET).code == "Throttling"


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [("servicecatalog", LIST, ABC), ("cloudformation", "ListStackInstances", STACK_SET)],
)
def test_signatures(
    *,
    endpoint: MockEndpoint,
    foreign: Client,
    connect: t.Callable[..., Client],
    service: str,
    operation: str,
    parameters: Json,
) -> None:
    keys = user(Botocore(endpoint.url), allow(f"{service}:{operation}"))
    endpoint.enforce_iam(True)
    for caller in (keys, Keys(keys.access_key, "wrong"), Keys()):
        expected = Botocore(endpoint.url, caller).call(service, operation, parameters)
        assert (expected.code is None) == (caller is keys)
        assert connect(endpoint.url, caller).call(service, operation, parameters) == expected
