# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults of each kind, as a client observes them."""

from __future__ import annotations

import json
import time
import typing as t
import urllib.request

import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    HTTPClientError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from mock_endpoint.process import MockEndpoint
from mock_endpoint.tests.clients import Botocore, Json, Outcome

LIST = "ListStackInstancesForProvisionedProduct"
STACK_SET = {"StackSetName": "SC-123456789012-pp-abc"}


@pytest.fixture
def aws(endpoint: MockEndpoint) -> Botocore:
    """Create two products with 40 instances each."""
    matrix = {"accounts": 40, "regions": ["eu-west-1"]}
    endpoint.add_products(
        [{"id": "pp-abc", "name": "guardrails", "matrix": matrix}, {"id": "pp-def", "matrix": matrix}]
    )
    return Botocore(endpoint.url)


def list_page(aws: Botocore, product: str = "pp-abc") -> Outcome:
    """Return the first page of a product's stack instances."""
    return aws.call("servicecatalog", LIST, {"ProvisionedProductId": product})


def is_complete(outcome: Outcome) -> bool:
    """Return whether the page is the one without faults."""
    return outcome.response is not None and len(outcome.response["StackInstances"]) == 20


class Raw(t.NamedTuple):
    """An HTTP response before botocore parses it."""

    status: int
    headers: dict[str, str]
    body: bytes


def raw(aws: Botocore) -> Raw:
    """Return the HTTP response with the first page."""
    responses: list[Raw] = []
    client = aws.of("servicecatalog")
    event = f"before-parse.service-catalog.{LIST}"

    def keep(response_dict: Json, **_more: t.Any) -> None:
        headers = {name.lower(): value for name, value in response_dict["headers"].items()}
        responses.append(Raw(response_dict["status_code"], headers, response_dict["body"]))

    client.meta.events.register(event, keep)
    list_page(aws)
    client.meta.events.unregister(event, keep)
    return responses[-1]


def test_script_runs_once(endpoint: MockEndpoint, aws: Botocore) -> None:
    error = {"error": {"code": "ThrottlingException", "message": "Rate exceeded"}}
    endpoint.faults("pp-abc", [error, {"pass": True}, error])
    outcomes = [list_page(aws) for _request in range(5)]
    assert [outcome.code for outcome in outcomes] == ["ThrottlingException", None, "ThrottlingException", None, None]
    assert outcomes[0].message == "Rate exceeded"
    assert is_complete(outcomes[-1])


def test_script_repeats(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.faults("pp-abc", [{"error": {"code": "Throttling"}}, {"pass": True}], repeat=True)
    assert [list_page(aws).code for _request in range(6)] == ["Throttling", None] * 3
    endpoint.clear_faults()
    assert [list_page(aws).code for _request in range(2)] == [None, None]


def test_several_scripts_are_added_together(endpoint: MockEndpoint, aws: Botocore) -> None:
    scripts = [{"product": product, "steps": [{"error": {"code": "Throttling"}}]} for product in ("pp-abc", "pp-x")]
    with pytest.raises(ValueError, match="requires steps"):
        endpoint._call("POST", "faults", {"scripts": [*scripts, {"product": "pp-y"}]})
    assert list_page(aws).code is None
    endpoint._call("POST", "faults", {"scripts": scripts})
    assert [list_page(aws, product).code for product in ("pp-abc", "pp-x", "pp-abc")] == ["Throttling"] * 2 + [None]


def test_scripts_run_in_order(endpoint: MockEndpoint, aws: Botocore) -> None:
    for code in ("One", "Two"):
        endpoint.faults("pp-abc", [{"error": {"code": code}}])
    assert [list_page(aws).code for _request in range(3)] == ["One", "Two", None]


@pytest.mark.parametrize(
    ("product", "operation", "service", "called", "parameters", "matches"),
    [
        ("pp-abc", None, "servicecatalog", LIST, {"ProvisionedProductId": "pp-abc"}, True),
        ("pp-abc", None, "servicecatalog", LIST, {"ProvisionedProductId": "pp-def"}, False),
        ("abc", None, "servicecatalog", LIST, {"ProvisionedProductId": "pp-abc"}, False),
        ("pp-abc", LIST, "servicecatalog", "DescribeProvisionedProduct", {"Id": "pp-abc"}, False),
        ("pp-abc", None, "servicecatalog", "DescribeProvisionedProduct", {"Id": "pp-abc"}, True),
        ("guardrails", None, "servicecatalog", "DescribeProvisionedProduct", {"Name": "guardrails"}, True),
        ("pp-abc", None, "cloudformation", "ListStackInstances", STACK_SET, True),
        ("pp-def", None, "cloudformation", "ListStackInstances", STACK_SET, False),
        (None, "ListStackInstances", "cloudformation", "ListStackInstances", STACK_SET, True),
        (None, None, "sts", "GetCallerIdentity", {}, True),
    ],
)
def test_scripts_match_requests(
    *,
    endpoint: MockEndpoint,
    aws: Botocore,
    product: str | None,
    operation: str | None,
    service: str,
    called: str,
    parameters: Json,
    matches: bool,
) -> None:
    endpoint.faults(product, [{"error": {"code": "Throttling", "message": "Rate <exceeded>"}}], operation)
    outcome = aws.call(service, called, parameters)
    assert (outcome.code, outcome.message) == (("Throttling", "Rate <exceeded>") if matches else (None, None))


@pytest.mark.parametrize("status", [400, 500, 503])
def test_error_status(endpoint: MockEndpoint, aws: Botocore, status: int) -> None:
    endpoint.faults("pp-abc", [{"error": {"code": "InternalFailure", "status": status}}])
    assert raw(aws).status == status


def test_raw(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.faults("pp-abc", [{"raw": {"status": 200, "headers": {"Via": "proxy"}, "body": "<html>"}}])
    response = raw(aws)
    assert (response.status, response.headers["via"], response.body) == (200, "proxy", b"<html>")


def test_edit(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.faults("pp-abc", [{"edit": {"set": {"NextPageToken": ""}, "remove": ["StackInstances"]}}])
    assert json.loads(raw(aws).body) == {"NextPageToken": ""}


def test_xml_cannot_be_edited(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.faults("pp-abc", [{"edit": {"remove": ["Summaries"]}}])
    assert aws.call("cloudformation", "ListStackInstances", STACK_SET).code == "InternalFailure"


def test_truncate_with_honest_length(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.faults("pp-abc", [{"truncate": 50, "honest_length": True}])
    response = raw(aws)
    assert (response.headers["content-length"], len(response.body)) == ("50", 50)


@pytest.mark.parametrize("length", [0, 50])
def test_truncate(endpoint: MockEndpoint, aws: Botocore, length: int) -> None:
    complete = len(raw(aws).body)
    endpoint.faults("pp-abc", [{"truncate": length}])
    request = urllib.request.Request(
        endpoint.url,
        data=b'{"ProvisionedProductId": "pp-abc"}',
        headers={
            "X-Amz-Target": f"AWS242ServiceCatalogService.{LIST}",
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/servicecatalog/aws4_request, Signature=",
        },
    )
    with urllib.request.urlopen(request) as response:
        assert int(response.headers["Content-Length"]) == complete
        body = b""
        while piece := response.read1():
            body += piece
    assert len(body) == length


CONNECTION_ERRORS = (ConnectionClosedError, HTTPClientError, ResponseStreamingError)


@pytest.mark.parametrize("step", [{"drop": "fin"}, {"drop": "rst"}, {"truncate": 50, "drop": "rst"}])
@pytest.mark.parametrize("delay", [0, 0.2])
def test_drop(endpoint: MockEndpoint, aws: Botocore, step: Json, delay: float) -> None:
    endpoint.faults("pp-abc", [{**step, "delay": delay}])
    began = time.monotonic()
    with pytest.raises(CONNECTION_ERRORS):
        list_page(aws)
    assert delay <= time.monotonic() - began < 5
    assert is_complete(list_page(aws))


def test_delay(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.faults("pp-abc", [{"delay": 0.3}])
    began = time.monotonic()
    assert is_complete(list_page(aws))
    assert time.monotonic() - began >= 0.3


def test_trickle(endpoint: MockEndpoint, aws: Botocore) -> None:
    pieces = -(-len(raw(aws).body) // 400)
    endpoint.faults("pp-abc", [{"trickle": {"bytes": 400, "interval": 0.1}}])
    began = time.monotonic()
    assert is_complete(list_page(aws))
    assert time.monotonic() - began >= 0.1 * (pieces - 1) > 0.2


@pytest.mark.parametrize("step", [{"delay": 1.5}, {"trickle": {"bytes": 50, "interval": 1.5}}])
def test_read_timeout(endpoint: MockEndpoint, aws: Botocore, step: Json) -> None:
    endpoint.faults("pp-abc", [step])
    with pytest.raises((ReadTimeoutError, HTTPClientError)):
        list_page(Botocore(endpoint.url, read_timeout=0.5))
    assert is_complete(list_page(aws))


@pytest.mark.parametrize(
    "script",
    [
        {},
        {"steps": []},
        {"steps": ["drop"]},
        {"steps": [{}]},
        {"steps": [{"explode": True}]},
        {"steps": [{"error": {"message": "no code"}}]},
        {"steps": [{"error": {"code": 400}}]},
        {"steps": [{"raw": {"text": ""}}]},
        {"steps": [{"truncate": -1}]},
        {"steps": [{"drop": "close"}]},
        {"steps": [{"trickle": {"bytes": 0, "interval": 1}}]},
        {"steps": [{"pass": True, "error": {"code": "Throttling"}}]},
        {"steps": [{"pass": True}], "times": 3},
    ],
)
def test_invalid_scripts_are_rejected(endpoint: MockEndpoint, aws: Botocore, script: Json) -> None:
    with pytest.raises(ValueError, match=r"^An? .*\.$"):
        endpoint._call("POST", "faults", script)
    assert is_complete(list_page(aws))
