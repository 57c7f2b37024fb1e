# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import getpass
import json
import typing as t
from pathlib import Path

import pytest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.supervision import Watch
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import (
    CallError,
    MalformedResponseError,
    OptionError,
    ServiceCatalogError,
)
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Response,
    Script,
    assumed_role,
    connect,
    error,
    json_response,
    make_client,
    page,
    stack_set,
    xml_error,
    xml_result,
)

OPERATION = "ListStackInstancesForProvisionedProduct"
FAILED = "Failed to list the stack instances of provisioned product pp-a: "
ROLE = "arn:aws:iam::123456789012:role/reader"
COMPLETE = page(range(2))


def call(one: client.Client) -> dict[str, t.Any]:
    return one.call(
        "list_stack_instances_for_provisioned_product",
        "list the stack instances of provisioned product pp-a",
        ProvisionedProductId="pp-a",
        PageToken=None,
    )


def call_once(**options: t.Any) -> dict[str, t.Any]:
    return call(connect(**options).service_catalog)


MALFORMED = {
    "empty": Response(b""),
    "truncated, with its length": Response(COMPLETE.body[:40]),
    "truncated, shorter than announced": Response(
        COMPLETE.body[:40], headers={"Content-Length": str(len(COMPLETE.body))}
    ),
    "complete, but shorter than announced": Response(COMPLETE.body, headers={"Content-Length": "9999"}),
    "HTML": Response(b"<html><body>Sign in to the network</body></html>"),
    "JSON, but a list": Response(b"[]"),
    "JSON, but null": Response(b"null"),
    "JSON, but a string": Response(b'"StackInstances"'),
    "not UTF-8": Response(b'{"StackInstances": "\xff\xfe"}'),
    "two objects": Response(COMPLETE.body + COMPLETE.body),
    "too deep": Response(b"[" * 200_000),
    "half of a surrogate pair": json_response(StackInstances=[{"Account": "\ud800"}]),
    "an object in place of a list": Response(b'{"StackInstances": {}}'),
}

RETRIED: dict[str, Response | Exception] = {
    "ThrottlingException": error("ThrottlingException", "Rate exceeded"),
    "Throttling": error("Throttling", "Rate exceeded"),
    "ValidationException: Rate exceeded": error("ValidationException", "Rate exceeded"),
    "500": error("InternalFailure", status=500),
    "503 in HTML": Response(b"<html>Service Unavailable</html>", 503),
    "502 without a body": Response(b"", 502),
    "408 of an idle connection": Response(b"", 408),
    "500 with a list": Response(b"[]", 500),
    "504 not UTF-8": Response(b"\xff\xfe", 504),
    "connection refused": EndpointConnectionError(endpoint_url="https://aws"),
    "read timeout": ReadTimeoutError(endpoint_url="https://aws"),
}


@pytest.mark.parametrize("fault", [*MALFORMED.values(), *RETRIED.values()], ids=[*MALFORMED, *RETRIED])
def test_a_passing_fault_is_retried(aws: Script, fault: Response | Exception) -> None:
    aws.expect(OPERATION, *[fault] * (client.TOTAL_MAX_ATTEMPTS - 1), COMPLETE)
    assert len(call_once()["StackInstances"]) == 2
    assert len(aws.pauses) == client.TOTAL_MAX_ATTEMPTS - 1
    assert max(aws.pauses) <= client.MAX_BACKOFF_SECONDS


# botocore itself pauses after the other faults.
@pytest.mark.parametrize(
    ("fault", "first"),
    [
        (MALFORMED["empty"], client.DEFECT_BACKOFF_SECONDS),
        (MALFORMED["not UTF-8"], client.DEFECT_BACKOFF_SECONDS),
        (RETRIED["ValidationException: Rate exceeded"], client.THROTTLE_BACKOFF_SECONDS),
        (RETRIED["408 of an idle connection"], client.THROTTLE_BACKOFF_SECONDS),
    ],
)
def test_pauses_grow_to_a_limit(
    aws: Script, monkeypatch: pytest.MonkeyPatch, fault: Response | Exception, first: float
) -> None:
    monkeypatch.setattr("random.random", lambda: 1.0)
    aws.expect(OPERATION, *[fault] * (client.TOTAL_MAX_ATTEMPTS - 1), COMPLETE)
    call_once()
    longest = client.MAX_BACKOFF_SECONDS
    assert aws.pauses == [min(first * 2**n, longest) for n in range(client.TOTAL_MAX_ATTEMPTS - 1)]
    assert aws.pauses[-1] == longest


@pytest.mark.parametrize("fault", MALFORMED.values(), ids=MALFORMED)
def test_responses_that_stay_malformed_are_an_error(aws: Script, fault: Response) -> None:
    aws.expect(OPERATION, *[fault] * client.TOTAL_MAX_ATTEMPTS)
    with pytest.raises(MalformedResponseError) as caught:
        call_once()
    assert str(caught.value).startswith(f"{FAILED}the response ")
    assert str(caught.value).endswith("; the result was discarded")
    assert caught.value.retryable
    assert len(aws.requests) == client.TOTAL_MAX_ATTEMPTS


@pytest.mark.parametrize("fault", RETRIED.values(), ids=RETRIED)
def test_a_fault_that_stays_is_an_error(aws: Script, fault: Response | Exception) -> None:
    aws.expect(OPERATION, *[fault] * client.TOTAL_MAX_ATTEMPTS)
    with pytest.raises(ServiceCatalogError) as caught:
        call_once()
    assert str(caught.value).startswith(FAILED)
    assert caught.value.retryable
    assert len(aws.requests) == client.TOTAL_MAX_ATTEMPTS


@pytest.mark.parametrize(
    "refusal",
    [
        error("AccessDeniedException", status=400),
        error("ResourceNotFoundException"),
        error("ValidationException", "Invalid page token"),
        Response(b"<html>Forbidden</html>", 403),
    ],
)
def test_a_refusal_is_not_retried(aws: Script, refusal: Response) -> None:
    aws.expect(OPERATION, refusal)
    with pytest.raises(CallError) as caught:
        call_once()
    assert not caught.value.retryable
    assert aws.pauses == []


@pytest.mark.parametrize(
    "fault", [MALFORMED["empty"], RETRIED["Throttling"], RETRIED["ValidationException: Rate exceeded"]]
)
@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_retries_in_aws_config_have_precedence(aws: Script, mode: str, fault: Response) -> None:
    aws.expect(OPERATION, fault, fault)
    with pytest.raises(ServiceCatalogError):
        call_once(aws_config={"retries": {"mode": mode, "total_max_attempts": 2}})
    assert len(aws.requests) == 2


def test_retries_are_not_limited_by_the_quota_of_botocore(aws: Script) -> None:
    service_catalog = connect().service_catalog
    for _listing in range(20):
        aws.expect(OPERATION, *[RETRIED["ThrottlingException"]] * (client.TOTAL_MAX_ATTEMPTS - 1), COMPLETE)
        assert len(call(service_catalog)["StackInstances"]) == 2


@pytest.mark.parametrize(
    "body",
    [
        b'{"StackInstances": "none"}',
        b'{"StackInstances": [1]}',
        b'{"StackInstances": 7}',
    ],
)
def test_a_response_that_the_parser_of_botocore_fails_on_is_an_error(aws: Script, body: bytes) -> None:
    aws.expect(OPERATION, *[Response(body)] * client.TOTAL_MAX_ATTEMPTS)
    with pytest.raises(MalformedResponseError) as caught:
        call_once()
    assert str(caught.value) == (f"{FAILED}the response did not have the form of AWS' model; the result was discarded")


def test_an_empty_list_is_a_complete_response(aws: Script) -> None:
    aws.expect(OPERATION, json_response(StackInstances=[]))
    assert call_once()["StackInstances"] == []


def test_parameters_that_are_none_are_not_sent(aws: Script) -> None:
    aws.expect(OPERATION, COMPLETE)
    call_once()
    assert aws.requests[0].parameters == {"ProvisionedProductId": "pp-a"}


def test_the_user_agent_contains_the_collection(aws: Script) -> None:
    aws.expect(OPERATION, COMPLETE)
    call_once()
    assert "stackfleet.servicecatalog" in aws.requests[0].headers["user-agent"]


def test_a_client_keeps_as_many_connections_as_there_are_concurrent_requests() -> None:
    made: list[t.Any] = []

    def make(service: str, **parameters: t.Any) -> t.Any:
        made.append(make_client(service, **parameters))
        return made[-1]

    assert client.connect(make, Watch(), {}, concurrency=17).service_catalog.region == "eu-west-1"
    assert [one.meta.config.max_pool_connections for one in made] == [17]


def test_a_client_is_made_once_when_it_is_first_used() -> None:
    made: list[str] = []

    def make(service: str, **parameters: t.Any) -> t.Any:
        made.append(service)
        return make_client(service, **parameters)

    clients = client.connect(make, Watch(), {}, concurrency=1)
    assert made == []
    assert clients.cloudformation is clients.cloudformation
    assert made == ["cloudformation"]


# --- The watch --------------------------------------------------------------------------------------------------------


def test_a_call_is_in_progress_until_its_last_attempt_has_ended(aws: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []

    class Noted(Watch):
        @contextlib.contextmanager
        def call(self, description: str = "") -> t.Iterator[None]:
            events.append("begin")
            with super().call(description):
                yield
            events.append("end")

    send = aws.send
    monkeypatch.setattr(aws, "send", lambda request: (events.append("request"), send(request))[1])
    aws.expect(OPERATION, MALFORMED["empty"], RETRIED["Throttling"], COMPLETE)
    call_once(watch=Noted())
    assert events == ["begin", "request", "request", "request", "end"]


@pytest.mark.parametrize(
    ("fault", "described"),
    [
        (RETRIED["Throttling"], "Rate exceeded"),
        (RETRIED["ValidationException: Rate exceeded"], "Rate exceeded"),
        (RETRIED["408 of an idle connection"], "HTTP 408"),
        (RETRIED["connection refused"], 'Could not connect to the endpoint URL: "https://aws"'),
        (
            ConnectionClosedError(endpoint_url="https://aws"),
            'Connection was closed before we received a valid response from endpoint URL: "https://aws"',
        ),
        (MALFORMED["empty"], "the response was empty"),
    ],
)
def test_the_last_fault_is_noted(aws: Script, fault: Response | Exception, described: str) -> None:
    watch = Watch()
    aws.expect(OPERATION, fault, COMPLETE)
    call_once(watch=watch)
    assert watch.last_fault == described


# --- Roles ------------------------------------------------------------------------------------------------------------


def test_a_role_is_assumed_first(aws: Script) -> None:
    aws.expect("AssumeRole", assumed_role("ASSUMED"))
    aws.expect(OPERATION, COMPLETE)
    call_once(assume_role_arn=ROLE)
    sts, listing = aws.requests
    assert sts.parameters["RoleArn"] == ROLE
    assert "Credential=ASSUMED/" in listing.headers["authorization"]
    assert listing.headers["x-amz-security-token"] == "token"


def test_a_role_is_used_for_every_service(aws: Script) -> None:
    aws.expect("AssumeRole", assumed_role("ASSUMED"))
    aws.expect("DescribeStackSet", stack_set("mine"))
    clients = connect(assume_role_arn=ROLE)
    clients.cloudformation.call("describe_stack_set", "describe stack set mine", StackSetName="mine")
    assert "Credential=ASSUMED/" in aws.requests[-1].headers["authorization"]
    assert aws.operations == ["AssumeRole", "DescribeStackSet"]


def test_organizations_has_a_role_of_its_own(aws: Script) -> None:
    other = ROLE.replace("123456789012", "999999999999")
    aws.expect("AssumeRole", assumed_role("HUB"), assumed_role("MANAGEMENT"))
    aws.expect(OPERATION, COMPLETE)
    clients = connect(assume_role_arn=ROLE, organizations_role_arn=other)
    call(clients.service_catalog)
    assert aws.operations == ["AssumeRole", OPERATION]
    aws.expect("ListRoots", json_response(Roots=[]))
    clients.organizations.call("list_roots", "x")
    _sts, listing, second, roots = aws.requests
    assert second.parameters["RoleArn"] == other
    keys = [request.headers["authorization"].partition("Credential=")[2].split("/")[0] for request in aws.requests[1:]]
    assert keys == ["HUB", "HUB", "MANAGEMENT"]
    assert (listing.operation, roots.operation) == (OPERATION, "ListRoots")


def test_the_credentials_of_a_role_replace_all_others(aws: Script) -> None:
    made: list[tuple[str, dict[str, t.Any]]] = []

    def make(service: str, **parameters: t.Any) -> t.Any:
        made.append((service, {name: value for name, value in parameters.items() if name != "aws_config"}))
        return make_client(service, **parameters)

    aws.expect("AssumeRole", assumed_role("ASSUMED"))
    assert client.connect(make, Watch(), {"assume_role_arn": ROLE}, concurrency=1).service_catalog
    credentials = {
        "profile_name": None,
        "aws_access_key_id": "ASSUMED",
        "aws_secret_access_key": "secret",
        "aws_session_token": "token",
    }
    assert made == [("sts", {}), ("servicecatalog", credentials)]


def test_a_role_that_cannot_be_assumed_is_in_the_message(aws: Script) -> None:
    aws.expect("AssumeRole", xml_error("AccessDenied", "Not you.", 403))
    with pytest.raises(CallError) as caught:
        connect(assume_role_arn=ROLE)
    assert str(caught.value) == (
        f"Failed to assume the role {ROLE}: Not you (AccessDenied). Grant this action to the identity, and allow the"
        " identity in the trust policy of the role. Across accounts, both are required."
    )


@pytest.mark.parametrize(
    "result",
    [
        "<AssumeRoleResult/>",
        "<AssumeRoleResult><Credentials/></AssumeRoleResult>",
        *(
            assumed_role("ASSUMED").body.decode().replace(f"{value}</{name}>", f"</{name}>")
            for name, value in (("AccessKeyId", "ASSUMED"), ("SecretAccessKey", "secret"), ("SessionToken", "token"))
        ),
    ],
)
def test_a_role_without_credentials_is_an_error(aws: Script, result: str) -> None:
    body = result if result.startswith("<AssumeRoleResponse") else f"<AssumeRoleResponse>{result}</AssumeRoleResponse>"
    aws.expect("AssumeRole", Response(body.encode(), headers={"Content-Type": "text/xml"}))
    with pytest.raises(MalformedResponseError) as caught:
        connect(assume_role_arn=ROLE)
    assert str(caught.value) == f"Failed to assume the role {ROLE}: the response contained no credentials"


# --- Credentials and connection options -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (
            TypeError("Got unexpected keyword argument 'retires'"),
            "Failed to make an AWS client from the connection options: Got unexpected keyword argument 'retires'",
        ),
        (
            FileNotFoundError(2, "No such file or directory", "no-program"),
            "Failed to make an AWS client from the connection options: [Errno 2] No such file or directory:"
            " 'no-program'. The profile or the environment refers to that file, which must exist and be readable.",
        ),
        (
            AttributeError("'list' object has no attribute 'get'"),
            "Failed to make an AWS client from the connection options: 'list' object has no attribute 'get'. Make sure"
            " that the profile's credential_process prints one JSON object and no other output.",
        ),
    ],
)
def test_connection_options_that_make_no_client_are_an_error(raised: Exception, message: str) -> None:
    def refuse(service: str, **parameters: t.Any) -> t.Any:
        raise raised

    with pytest.raises(CallError) as caught:
        assert client.connect(refuse, Watch(), {}, concurrency=1).service_catalog
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (
            FileNotFoundError(2, "No such file or directory", "/no/token"),
            "[Errno 2] No such file or directory: '/no/token'. The profile or the environment refers to that file,"
            " which must exist and be readable.",
        ),
        (
            json.JSONDecodeError("Expecting value", "secret", 0),
            "Expecting value: line 1 column 1 (char 0). Make sure that the profile's credential_process prints one JSON"
            " object and no other output.",
        ),
    ],
)
def test_invalid_credentials_that_are_read_with_the_call_are_no_malformed_response(
    monkeypatch: pytest.MonkeyPatch, raised: Exception, message: str
) -> None:
    def read_credentials(**_event: t.Any) -> None:
        raise raised

    def make(service: str, **parameters: t.Any) -> t.Any:
        made = make_client(service, **parameters)
        made.meta.events.register("before-sign.service-catalog", read_credentials)
        return made

    with pytest.raises(CallError) as caught:
        call(client.connect(make, Watch(), {}, concurrency=1).service_catalog)
    assert str(caught.value) == f"{FAILED}{message}"
    assert "secret" not in str(caught.value)


# --- Bugs, tokens, settings -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["before-parameter-build", "before-sign", "before-send"])
@pytest.mark.parametrize("bug", [TypeError("a"), KeyError("b"), AttributeError("c")])
def test_a_bug_is_neither_retried_nor_the_fault_of_the_response(aws: Script, event: str, bug: Exception) -> None:
    def fail(**_event: t.Any) -> None:
        raise bug

    def make(service: str, **parameters: t.Any) -> t.Any:
        made = make_client(service, **parameters)
        made.meta.events.register(f"{event}.service-catalog", fail)
        return made

    with pytest.raises(type(bug)) as caught:
        call(client.connect(make, Watch(), {}, concurrency=1).service_catalog)
    assert caught.value is bug
    assert aws.pauses == []


def test_a_bug_in_the_check_of_responses_is_not_retried(aws: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: t.Any, **_more: t.Any) -> None:
        raise TypeError("a bug")

    monkeypatch.setattr(client, "defect", fail)
    aws.expect(OPERATION, COMPLETE)
    with pytest.raises(TypeError, match="a bug"):
        call_once()
    assert aws.pauses == []


def test_an_idempotency_token_is_made_once_for_each_call(aws: Script) -> None:
    service_catalog = connect().service_catalog
    faults = [MALFORMED["not UTF-8"], MALFORMED["empty"], RETRIED["Throttling"]]
    for _call in range(2):
        aws.expect("ProvisionProduct", *faults, json_response(RecordDetail={"RecordId": "rec-a"}))
        service_catalog.call("provision_product", "provision a", ProductName="p", ProvisionedProductName="a")
    tokens = [request.parameters["ProvisionToken"] for request in aws.requests]
    assert len(tokens) == 8
    assert len(set(tokens[:4])) == len(set(tokens[4:])) == 1
    assert tokens[0] != tokens[4]


def test_a_given_idempotency_token_is_kept(aws: Script) -> None:
    aws.expect("TerminateProvisionedProduct", MALFORMED["not UTF-8"], json_response(RecordDetail={}))
    connect().service_catalog.call("terminate_provisioned_product", "terminate a", TerminateToken="mine")
    assert [request.parameters["TerminateToken"] for request in aws.requests] == ["mine", "mine"]


@pytest.mark.parametrize("error", [EOFError(), getpass.GetPassWarning("Can not control echo on the terminal.")])
def test_an_mfa_code_that_cannot_be_entered_is_an_error(error: Exception) -> None:
    def prompt(**_event: t.Any) -> None:
        raise error

    def make(service: str, **parameters: t.Any) -> t.Any:
        made = make_client(service, **parameters)
        made.meta.events.register("before-sign.service-catalog", prompt)
        return made

    with pytest.raises(CallError, match=r"[.] The profile requires an MFA code, which cannot be entered here[.] "):
        call(client.connect(make, Watch(), {}, concurrency=1).service_catalog)


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Callable[..., None]:
    """Return a function that writes a configuration file, and sets environment variables."""

    def write(config: str, environment: dict[str, str]) -> None:
        (tmp_path / "config").write_text(config, encoding="utf-8")
        for name, value in {**environment, "AWS_CONFIG_FILE": str(tmp_path / "config")}.items():
            monkeypatch.setenv(name, value)

    return write


def retries(options: dict[str, t.Any]) -> tuple[t.Any, t.Any]:
    made: list[t.Any] = []

    def make(service: str, **parameters: t.Any) -> t.Any:
        made.append(make_client(service, **parameters))
        return made[-1]

    assert client.connect(make, Watch(), options, concurrency=1).service_catalog
    found = made[0].meta.config.retries
    return found["mode"], found["total_max_attempts"]


@pytest.mark.parametrize(
    ("options", "environment", "expected"),
    [
        ({}, {}, ("standard", 10)),
        ({}, {"AWS_MAX_ATTEMPTS": "3", "AWS_RETRY_MODE": "adaptive"}, ("adaptive", 3)),
        ({}, {"AWS_PROFILE": "patient"}, ("legacy", 7)),
        ({"profile": "patient"}, {}, ("legacy", 7)),
        ({"profile": "patient"}, {"AWS_MAX_ATTEMPTS": "3"}, ("legacy", 3)),
        ({"max_attempts": 4}, {"AWS_MAX_ATTEMPTS": "3", "AWS_PROFILE": "patient"}, ("legacy", 4)),
        ({"aws_config": {"retries": {"mode": "adaptive"}}}, {"AWS_MAX_ATTEMPTS": "3"}, ("adaptive", 3)),
        ({"aws_config": {"retries": {"max_attempts": 5}}}, {"AWS_MAX_ATTEMPTS": "3"}, ("standard", 6)),
        ({"aws_config": {"retries": {"total_max_attempts": 5}}}, {"AWS_RETRY_MODE": "legacy"}, ("legacy", 5)),
        ({"max_attempts": 4, "aws_config": {"retries": {"max_attempts": 5, "mode": "legacy"}}}, {}, ("legacy", 4)),
        ({"max_attempts": 4, "aws_config": {"read_timeout": 5}}, {}, ("standard", 4)),
    ],
)
def test_attempts_by_option_configuration_environment_and_profile(
    configure: t.Callable[..., None],
    options: dict[str, t.Any],
    environment: dict[str, str],
    expected: tuple[str, int],
) -> None:
    configure("[profile patient]\nmax_attempts = 7\nretry_mode = legacy\n", environment)
    assert retries(options) == expected


@pytest.mark.parametrize(("name", "value"), [("AWS_MAX_ATTEMPTS", "many"), ("AWS_RETRY_MODE", "eager")])
def test_an_invalid_setting_in_the_environment_is_an_error(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(CallError, match=f"Failed to make an AWS client from the connection options: .*{value}"):
        retries({})


PROFILE = "[profile hub]\nservices = hub\n[services hub]\nsts =\n  endpoint_url = https://sts.profile\n"


@pytest.mark.parametrize(
    ("options", "environment", "expected"),
    [
        ({}, {}, "https://option"),
        ({}, {"AWS_ENDPOINT_URL_STS": "https://sts.variable"}, "https://sts.variable"),
        ({}, {"AWS_ENDPOINT_URL": "https://other"}, "https://option"),
        ({"profile": "hub"}, {}, "https://sts.profile"),
        ({}, {"AWS_PROFILE": "hub"}, "https://sts.profile"),
        ({"profile": "hub"}, {"AWS_ENDPOINT_URL_STS": "https://sts.variable"}, "https://sts.variable"),
        (
            {},
            {"AWS_ENDPOINT_URL_STS": "https://sts.variable", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
            "https://option",
        ),
    ],
)
def test_the_endpoint_of_sts(
    aws: Script,
    configure: t.Callable[..., None],
    options: dict[str, t.Any],
    environment: dict[str, str],
    expected: str,
) -> None:
    configure(PROFILE, environment)
    endpoints: dict[str, str] = {}

    def make(service: str, **parameters: t.Any) -> t.Any:
        given = {"endpoint": "https://option", **parameters}
        if options.get("profile") and service == "sts":
            configure(PROFILE, {"AWS_PROFILE": options["profile"]})
        made = make_client(service, **given)
        endpoints[service] = made.meta.endpoint_url
        return made

    aws.expect("AssumeRole", assumed_role("ASSUMED"))
    assert client.connect(make, Watch(), {**options, "assume_role_arn": ROLE}, concurrency=1).service_catalog
    assert endpoints == {"sts": expected, "servicecatalog": "https://option"}


def test_an_empty_endpoint_is_none() -> None:
    def make(service: str, **parameters: t.Any) -> t.Any:
        return make_client(service, **{"endpoint": "", **parameters})

    assert client.connect(make, Watch(), {"endpoint_url": ""}, concurrency=1).service_catalog


def test_a_profile_and_keys_are_refused_with_advice() -> None:
    with pytest.raises(OptionError) as caught:
        connect(profile="x", access_key="y", secret_key="z")
    assert str(caught.value) == (
        "Passing both a profile and access tokens is not supported: profile and access_key, secret_key are set, as"
        " options or in the environment. To use the keys, set profile to an empty string. To use the profile, set"
        " access_key, secret_key and session_token to empty strings."
    )
    assert connect(profile="", access_key="y", secret_key="z").service_catalog


def test_retries_are_shown_with_their_reason(aws: Script) -> None:
    lines: list[str] = []
    aws.expect(OPERATION, RETRIED["Throttling"], MALFORMED["not UTF-8"], RETRIED["500"], COMPLETE)
    call_once(watch=Watch(lines.append))
    assert lines == [
        "Retry 1 to list the stack instances of provisioned product pp-a: Rate exceeded",
        "Retry 2 to list the stack instances of provisioned product pp-a: the response did not have the form of AWS'"
        " model",
        "Retry 3 to list the stack instances of provisioned product pp-a: No.",
    ]


# --- The identity of a message ----------------------------------------------------------------------------------------


def test_the_identity_is_requested_once(aws: Script) -> None:
    aws.expect("GetCallerIdentity", xml_result("GetCallerIdentity", Account="123456789012", Arn="arn:aws:iam::x"))
    clients = connect()
    identities = {clients.service_catalog.identify(), clients.cloudformation.identify()}
    assert identities == {"account 123456789012 as arn:aws:iam::x"}


@pytest.mark.parametrize(
    "response",
    [
        xml_error("AccessDenied", status=403),
        Response(b""),
        xml_result("GetCallerIdentity"),
        EndpointConnectionError(endpoint_url="https://aws"),
    ],
)
def test_an_identity_that_is_not_known_is_no_error(aws: Script, response: Response | Exception) -> None:
    aws.expect("GetCallerIdentity", response)
    assert connect().service_catalog.identify() is None
