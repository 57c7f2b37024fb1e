# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replayed responses are those of the mock endpoint."""

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

HttpResponse = t.Tuple[int, t.Optional[str], bytes]

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


def post(url: str, body: str, service: str, region: str = "us-east-1", **headers: str) -> HttpResponse:
    scope = f"AWS4-HMAC-SHA256 Credential=testing/20260101/{region}/{service}/aws4_request, Signature=0"
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    connection.request("POST", "/", body, {"Authorization": scope, **headers})
    response = connection.getresponse()
    result = response.status, response.getheader("Content-Type"), response.read()
    connection.close()
    return result


def page(url: str, product: str = fleet.PRODUCT, **parameters: t.Any) -> HttpResponse:
    body = json.dumps({"ProvisionedProductId": product, **parameters})
    headers = {"X-Amz-Target": LIST, "Content-Type": "application/x-amz-json-1.1"}
    return post(url, body, "servicecatalog", **headers)


def stack_instances(url: str, **parameters: str) -> HttpResponse:
    name = f"SC-123456789012-{fleet.PRODUCT}"
    form = {"Action": "ListStackInstances", "Version": "2010-05-15", "StackSetName": name, **parameters}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return post(url, urlencode(form), "cloudformation", **headers)


def test_pages(mock: MockEndpoint, replay: Replay) -> None:
    first = page(mock.url)
    following = {"PageToken": json.loads(first[2])["NextPageToken"]}
    for _once_more in range(2):
        assert page(replay.url) == first
        assert page(replay.url, **following) == page(mock.url, **following)
    assert (replay.requests, replay.recorded) == (4, 2)
    assert len(json.loads(first[2])["StackInstances"]) == 20


def test_xml_protocol(mock: MockEndpoint, replay: Replay) -> None:
    def without_request_id(response: HttpResponse) -> bytes:
        return response[2].partition(b"<ResponseMetadata>")[0]

    for parameters in ({}, {"StackInstanceRegion": "eu-west-1"}):
        recorded, replayed = stack_instances(replay.url, **parameters), stack_instances(replay.url, **parameters)
        assert recorded == replayed
        assert without_request_id(recorded) == without_request_id(stack_instances(mock.url, **parameters))
    assert without_request_id(recorded).count(b"<Account>") == 3


def test_errors_are_recorded(mock: MockEndpoint, replay: Replay) -> None:
    assert page(replay.url, "pp-missing") == page(replay.url, "pp-missing") == page(mock.url, "pp-missing")
    assert page(replay.url, "pp-missing")[0] == 400


def test_requests_to_another_region_are_distinct(replay: Replay) -> None:
    body = json.dumps({"ProvisionedProductId": fleet.PRODUCT})
    for region in ("us-east-1", "eu-west-1"):
        post(replay.url, body, "servicecatalog", region, **{"X-Amz-Target": LIST})
    assert replay.recorded == 2


def test_clear(replay: Replay) -> None:
    page(replay.url)
    replay.clear()
    page(replay.url)
    assert replay.recorded == 2


def test_latency(replay: Replay) -> None:
    page(replay.url)
    replay.latency = 0.05
    began = time.monotonic()
    page(replay.url)
    assert time.monotonic() - began >= 0.05
