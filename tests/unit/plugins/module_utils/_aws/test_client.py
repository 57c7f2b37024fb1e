# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client as _client
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import (
    CallError,
    DamagedAnswerError,
    SelectionError,
    ServiceCatalogError,
)
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Response,
    Script,
    assumed_role,
    error,
    json_response,
    make_client,
    page,
)

OPERATION = "ListStackInstancesForProvisionedProduct"
GOOD = page(range(2))
TWO_ATTEMPTS = {"retries": {"mode": "standard", "total_max_attempts": 2}}


def connected(user_config: dict[str, t.Any] | None = None, **options: t.Any) -> t.Any:
    from botocore.config import Config

    def make(service: str, **parameters: t.Any) -> t.Any:
        return make_client(service, user_config=Config(**user_config) if user_config else None, **parameters)

    return _client.connect(make, **{"concurrency": 8, **options}).service_catalog


def call(client: t.Any) -> dict[str, t.Any]:
    return _client.call(
        client,
        "list_stack_instances_for_provisioned_product",
        "list the stack instances of provisioned product pp-a",
        ProvisionedProductId="pp-a",
        PageToken=None,
    )


DAMAGED = {
    "empty": Response(b""),
    "cut, as long as announced": Response(GOOD.body[:40]),
    "cut, shorter than announced": Response(GOOD.body[:40], headers={"Content-Length": str(len(GOOD.body))}),
    "whole, yet shorter than announced": Response(GOOD.body, headers={"Content-Length": "9999"}),
    "HTML": Response(b"<html><body>Sign in to the network</body></html>"),
    "JSON, but a list": Response(b"[]"),
    "JSON, but null": Response(b"null"),
    "JSON, but a string": Response(b'"StackInstances"'),
    "not UTF-8": Response(b'{"StackInstances": "\xff\xfe"}'),
    "two objects": Response(GOOD.body + GOOD.body),
    "too deep": Response(b"[" * 200_000),
}

RETRIED: dict[str, Response | Exception] = {
    "ThrottlingException": error("ThrottlingException", "Rate exceeded"),
    "Throttling": error("Throttling", "Rate exceeded"),
    "ValidationException: Rate exceeded": error("ValidationException", "Rate exceeded"),
    "500": error("InternalFailure", status=500),
    "503 in HTML": Response(b"<html>Service Unavailable</html>", 503),
    "502 without a body": Response(b"", 502),
    "408, of an idle connection": Response(b"", 408),
    "500 with a list": Response(b"[]", 500),
    "504 not UTF-8": Response(b"\xff\xfe", 504),
    "connection refused": EndpointConnectionError(endpoint_url="https://aws"),
    "timeout": ReadTimeoutError(endpoint_url="https://aws"),
}


@pytest.mark.parametrize("fault", [*DAMAGED.values(), *RETRIED.values()], ids=[*DAMAGED, *RETRIED])
def test_a_passing_fault_is_survived(aws: Script, fault: Response | Exception) -> None:
    aws.expect(OPERATION, *[fault] * (_client.TOTAL_MAX_ATTEMPTS - 1), GOOD)
    assert len(call(connected())["StackInstances"]) == 2
    assert len(aws.pauses) == _client.TOTAL_MAX_ATTEMPTS - 1
    assert max(aws.pauses) <= _client.MAX_BACKOFF_SECONDS


@pytest.mark.parametrize("fault", DAMAGED.values(), ids=DAMAGED)
def test_damage_that_stays_is_an_error(aws: Script, fault: Response) -> None:
    aws.expect(OPERATION, *[fault] * _client.TOTAL_MAX_ATTEMPTS)
    with pytest.raises(DamagedAnswerError) as caught:
        call(connected())
    assert str(caught.value).startswith(
        "Failed to list the stack instances of provisioned product pp-a: the answer was"
    )
    assert len(aws.requests) == _client.TOTAL_MAX_ATTEMPTS


@pytest.mark.parametrize("fault", RETRIED.values(), ids=RETRIED)
def test_a_fault_that_stays_is_an_error(aws: Script, fault: Response | Exception) -> None:
    aws.expect(OPERATION, *[fault] * _client.TOTAL_MAX_ATTEMPTS)
    with pytest.raises(ServiceCatalogError) as caught:
        call(connected())
    assert str(caught.value).startswith("Failed to list the stack instances of provisioned product pp-a: ")
    assert len(aws.requests) == _client.TOTAL_MAX_ATTEMPTS


@pytest.mark.parametrize(
    "fault",
    [
        error("AccessDeniedException", status=400),
        error("ResourceNotFoundException"),
        error("ValidationException", "Invalid page token"),
        Response(b"<html>Forbidden</html>", 403),
    ],
)
def test_a_refusal_is_not_tried_again(aws: Script, fault: Response) -> None:
    aws.expect(OPERATION, fault)
    with pytest.raises(CallError):
        call(connected())
    assert aws.pauses == []


@pytest.mark.parametrize(
    "fault", [DAMAGED["empty"], RETRIED["Throttling"], RETRIED["ValidationException: Rate exceeded"]]
)
@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_the_users_retries_win(aws: Script, mode: str, fault: Response) -> None:
    aws.expect(OPERATION, fault, fault)
    with pytest.raises(ServiceCatalogError):
        call(connected({"retries": {"mode": mode, "total_max_attempts": 2}}))
    assert len(aws.requests) == 2


def test_a_storm_beyond_botocores_quota_is_survived(aws: Script) -> None:
    client = connected()
    for _listing in range(20):
        aws.expect(OPERATION, *[RETRIED["ThrottlingException"]] * (_client.TOTAL_MAX_ATTEMPTS - 1), GOOD)
        assert len(call(client)["StackInstances"]) == 2


@pytest.mark.parametrize(
    "body",
    [
        b'{"StackInstances": "none"}',
        b'{"StackInstances": [1]}',
        b'{"StackInstances": 7}',
    ],
)
def test_an_answer_that_botocore_trips_over_is_an_error(aws: Script, body: bytes) -> None:
    aws.expect(OPERATION, *[Response(body)] * _client.TOTAL_MAX_ATTEMPTS)
    with pytest.raises(DamagedAnswerError, match="not of the form"):
        call(connected())


def test_parameters_that_are_none_are_not_sent(aws: Script) -> None:
    aws.expect(OPERATION, GOOD)
    call(connected())
    assert aws.requests[0].parameters == {"ProvisionedProductId": "pp-a"}


def test_the_user_agent_names_the_collection(aws: Script) -> None:
    aws.expect(OPERATION, GOOD)
    call(connected())
    assert "stackfleet.servicecatalog" in aws.requests[0].headers["user-agent"]


def test_a_client_can_make_as_many_requests_as_run_side_by_side() -> None:
    assert connected(concurrency=17).meta.config.max_pool_connections == 17


def test_a_role_is_assumed_first(aws: Script) -> None:
    aws.expect("AssumeRole", assumed_role("ASSUMED"))
    aws.expect(OPERATION, GOOD)
    role = "arn:aws:iam::123456789012:role/reader"
    call(connected(assume_role_arn=role))
    sts, listing = aws.requests
    assert sts.parameters["RoleArn"] == role
    assert "Credential=ASSUMED/" in listing.headers["authorization"]
    assert listing.headers["x-amz-security-token"] == "token"


def test_a_role_that_is_refused_is_named(aws: Script) -> None:
    refusal = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not you.</Message></Error></ErrorResponse>"
    aws.expect("AssumeRole", Response(refusal, 403))
    with pytest.raises(CallError) as caught:
        connected(assume_role_arn="arn:aws:iam::123456789012:role/reader")
    assert str(caught.value).startswith(
        "Failed to assume the role arn:aws:iam::123456789012:role/reader: Not you (AccessDenied); "
    )


def test_a_role_without_credentials_is_one_sentence(aws: Script) -> None:
    body = b"<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>"
    aws.expect("AssumeRole", Response(body, headers={"Content-Type": "text/xml"}))
    with pytest.raises(DamagedAnswerError) as caught:
        connected(assume_role_arn="arn:aws:iam::123456789012:role/reader")
    assert str(caught.value) == (
        "Failed to assume the role arn:aws:iam::123456789012:role/reader: AWS' answer holds no credentials"
    )


def test_an_aws_config_that_botocore_refuses_is_one_sentence() -> None:
    def refuse(service: str, **parameters: t.Any) -> t.Any:
        raise TypeError("Got unexpected keyword argument 'retires'")

    with pytest.raises(CallError) as caught:
        assert _client.connect(refuse, concurrency=1).service_catalog
    assert str(caught.value) == (
        "Failed to make an AWS client of the given options: Got unexpected keyword argument 'retires'"
    )


@pytest.mark.parametrize(
    ("status", "headers", "body", "parsed", "damaged"),
    [
        (200, {}, b"{}", False, False),
        (200, {"content-length": "2"}, b"{}", False, False),
        (200, {"content-length": "3"}, b"{}", False, True),
        (200, {"content-length": "3", "content-encoding": "gzip"}, b"{}", False, False),
        (200, {}, b"", False, True),
        (200, {}, b"<a/>", False, True),
        (200, {}, b"<a/>", True, False),
        (200, {"content-length": "5"}, b"<a/>", True, True),
        (400, {"content-length": "3"}, b"", False, False),
    ],
)
def test_damage(status: int, headers: dict[str, str], body: bytes, parsed: bool, damaged: bool) -> None:
    assert bool(_client.damage_of(status, headers, body, parsed)) is damaged


def test_a_client_is_made_when_it_is_asked_for_and_kept() -> None:
    made: list[str] = []

    def make(service: str, **parameters: t.Any) -> t.Any:
        made.append(service)
        return make_client(service, **parameters)

    clients = _client.connect(make, concurrency=1)
    assert made == []
    assert clients.cloudformation is clients.cloudformation
    assert made == ["cloudformation"]


def test_whole_answers_are_not_counted_as_damage(aws: Script) -> None:
    aws.expect(OPERATION, json_response(StackInstances=[]))
    assert call(connected())["StackInstances"] == []


@pytest.mark.parametrize(
    "arn", ["reader", "arn:aws:iam::123456789012:user/reader", "arn:aws:iam::12345:role/reader", " arn:aws:iam::x"]
)
def test_what_is_not_the_arn_of_a_role_is_not_asked_for(aws: Script, arn: str) -> None:
    with pytest.raises(SelectionError, match=r"^assume_role_arn must be the ARN of a role, such as arn:aws:iam::"):
        connected(assume_role_arn=arn)
    assert not aws.requests


@pytest.mark.parametrize(
    ("printed", "sentence"),
    [
        (FileNotFoundError(2, "No such file or directory", "/no/token"), "No such file or directory: '/no/token'; the"),
        (json.JSONDecodeError("Expecting value", "secret", 0), "Expecting value: line 1 column 1 (char 0); let the"),
    ],
)
def test_credentials_that_are_read_with_the_call_and_are_bad_are_no_damaged_answer(
    printed: Exception, sentence: str
) -> None:
    client = connected()

    def read_credentials(**_event: t.Any) -> None:
        raise printed

    client.meta.events.register("before-sign.service-catalog", read_credentials)
    with pytest.raises(CallError) as caught:
        call(client)
    assert sentence in str(caught.value)
    assert "secret" not in str(caught.value)
