# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from botocore.exceptions import ConnectionClosedError, HTTPClientError, ReadTimeoutError
from urllib3 import exceptions

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import bounded
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import MalformedResponseError
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import Response, Script, connect, page

OPERATION = "ListStackInstancesForProvisionedProduct"
POOL: t.Any = None


class Body:
    """A body without an end, of which the pieces that were read are counted."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.read = 0
        self.is_closed = False

    def stream(self) -> t.Iterator[bytes]:
        while True:
            self.read += 1
            yield b" " * 65536
            if self.error:
                raise self.error

    def close(self) -> None:
        self.is_closed = True


def call(aws: Script, monkeypatch: pytest.MonkeyPatch, body: Body) -> None:
    def send(request: t.Any) -> t.Any:
        response = original(request)
        response.raw = body
        return response

    original = aws.send
    monkeypatch.setattr(aws, "send", send)
    connect(max_attempts=1).service_catalog.call(
        "list_stack_instances_for_provisioned_product", "list", ProvisionedProductId="pp-a"
    )


@pytest.mark.parametrize("status", [200, 500])
def test_a_response_without_an_end_is_read_up_to_the_limit(
    aws: Script, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    body = Body()
    aws.expect(OPERATION, Response(b"", status))
    with pytest.raises(MalformedResponseError) as caught:
        call(aws, monkeypatch, body)
    assert str(caught.value) == "Failed to list: the response was larger than 8 MiB; the result was discarded"
    assert body.read == bounded.MAX_BODY_SIZE // 65536 + 1
    assert body.is_closed
    assert aws.pauses == []


def test_a_response_of_the_limit_is_complete(aws: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    response = page(range(2))
    monkeypatch.setattr(bounded, "MAX_BODY_SIZE", len(response.body))
    aws.expect(OPERATION, response)
    assert connect().service_catalog.call(
        "list_stack_instances_for_provisioned_product", "list", ProvisionedProductId="pp-a"
    )


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (exceptions.ReadTimeoutError(POOL, "url", "slow"), ReadTimeoutError),
        (exceptions.ProtocolError("closed"), ConnectionClosedError),
        (exceptions.DecodeError("encoding"), HTTPClientError),
        (OSError("broken"), HTTPClientError),
    ],
)
def test_connection_errors_while_reading_are_those_of_botocore(error: Exception, expected: type[Exception]) -> None:
    class Session:
        def send(self, request: t.Any) -> t.Any:
            return AWSResponse("https://aws", 200, {}, Body(error))

    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

    request = AWSPreparedRequest("POST", "https://aws", {}, b"", False)
    with pytest.raises(expected):
        bounded._BoundedSession(Session()).send(request)
