# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is replayed is what the mock endpoint said."""

from __future__ import annotations

import http.client
import json
import sys
import time
import typing as t
from urllib.parse import urlencode, urlsplit

import pytest

from benchmarks.replay import Replay
from benchmarks.trials import fleet
from mock_endpoint.process import MockEndpoint

Told = t.Tuple[int, t.Optional[str], bytes]

LIST = "AWS242ServiceCatalogService.ListStackInstancesForProvisionedProduct"


@pytest.fixture(scope="module")
def mock() -> t.Iterator[MockEndpoint]:
    with MockEndpoint(sys.executable) as endpoint:
        endpoint.add_products([fleet.product(3)])
        yield endpoint


@pytest.fixture
def replay(mock: MockEndpoint) -> t.Iterator[Replay]:
    with Replay(mock.url) as server:
        yield server


def ask(url: str, body: str, service: str, region: str = "us-east-1", **headers: str) -> Told:
    scope = f"AWS4-HMAC-SHA256 Credential=testing/20260101/{region}/{service}/aws4_request, Signature=0"
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    connection.request("POST", "/", body, {"Authorization": scope, **headers})
    response = connection.getresponse()
    told = response.status, response.getheader("Content-Type"), response.read()
    connection.close()
    return told


def page(url: str, product: str = fleet.PRODUCT, **parameters: t.Any) -> Told:
    body = json.dumps({"ProvisionedProductId": product, **parameters})
    headers = {"X-Amz-Target": LIST, "Content-Type": "application/x-amz-json-1.1"}
    return ask(url, body, "servicecatalog", **headers)


def stack_instances(url: str, **parameters: str) -> Told:
    name = f"SC-123456789012-{fleet.PRODUCT}"
    form = {"Action": "ListStackInstances", "Version": "2010-05-15", "StackSetName": name, **parameters}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return ask(url, urlencode(form), "cloudformation", **headers)


def test_pages_are_those_of_the_mock_endpoint(mock: MockEndpoint, replay: Replay) -> None:
    first = page(mock.url)
    following = {"PageToken": json.loads(first[2])["NextPageToken"]}
    for _once_more in range(2):
        assert page(replay.url) == first
        assert page(replay.url, **following) == page(mock.url, **following)
    assert (replay.requests, replay.recorded) == (4, 2)
    assert len(json.loads(first[2])["StackInstances"]) == 20


def test_the_other_protocol_too(mock: MockEndpoint, replay: Replay) -> None:
    def without_request_id(told: Told) -> bytes:
        return told[2].partition(b"<ResponseMetadata>")[0]

    for parameters in ({}, {"StackInstanceRegion": "eu-west-1"}):
        recorded, replayed = stack_instances(replay.url, **parameters), stack_instances(replay.url, **parameters)
        assert recorded == replayed
        assert without_request_id(recorded) == without_request_id(stack_instances(mock.url, **parameters))
    assert without_request_id(recorded).count(b"<Account>") == 3


def test_an_error_is_an_answer(mock: MockEndpoint, replay: Replay) -> None:
    assert page(replay.url, "pp-nothing") == page(replay.url, "pp-nothing") == page(mock.url, "pp-nothing")
    assert page(replay.url, "pp-nothing")[0] == 400


def test_another_region_is_another_question(replay: Replay) -> None:
    body = json.dumps({"ProvisionedProductId": fleet.PRODUCT})
    for region in ("us-east-1", "eu-west-1"):
        ask(replay.url, body, "servicecatalog", region, **{"X-Amz-Target": LIST})
    assert replay.recorded == 2


def test_what_was_recorded_is_forgotten(replay: Replay) -> None:
    page(replay.url)
    replay.forget()
    page(replay.url)
    assert replay.recorded == 2


def test_latency_is_the_least_that_a_request_takes(replay: Replay) -> None:
    page(replay.url)
    replay.latency = 0.05
    began = time.monotonic()
    page(replay.url)
    assert time.monotonic() - began >= 0.05
