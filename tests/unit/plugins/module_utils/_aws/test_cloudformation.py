# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import cloudformation
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.client import TOTAL_MAX_ATTEMPTS
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import CallError, MalformedResponseError
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Response,
    Script,
    connect,
    stack_set,
    stack_set_page,
    summary_of,
    xml_error,
    xml_result,
)

LIST = "ListStackInstances"
DESCRIBE = "DescribeStackSet"
NAME = "SC-123456789012-pp-a"
UUID = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
COMPLETE = stack_set_page(summary_of(1), summary_of(2))


@pytest.fixture
def client() -> t.Any:
    return connect().cloudformation


def listed(client: t.Any, **part: str) -> list[dict[str, t.Any]]:
    pages = cloudformation.stack_instance_pages(client, NAME, "guardrails (pp-a)", **part)
    return [entry for page in pages for entry in page.entries]


@pytest.mark.parametrize(("regions", "expected"), [(["b", "a"], {"a", "b"}), ([], set()), (None, set())])
def test_a_description_contains_the_regions(
    aws: Script, client: t.Any, regions: list[str] | None, expected: set[str]
) -> None:
    aws.expect(DESCRIBE, stack_set(NAME, regions))
    found = cloudformation.stack_set(client, f"{NAME}:{UUID}", "pp-a")
    assert found == cloudformation.StackSet(f"{NAME}:{UUID}", frozenset(expected))
    assert aws.requests[0].parameters == {"StackSetName": f"{NAME}:{UUID}"}


@pytest.mark.parametrize("response", [xml_result(DESCRIBE), xml_result(DESCRIBE, StackSet={"StackSetName": NAME})])
def test_a_description_without_a_stack_set_is_an_error(aws: Script, client: t.Any, response: Response) -> None:
    aws.expect(DESCRIBE, response)
    with pytest.raises(
        MalformedResponseError, match=f"Failed to describe stack set {NAME} of provisioned product pp-a"
    ):
        cloudformation.stack_set(client, NAME, "pp-a")


@pytest.mark.parametrize(
    ("code", "kind", "advice"),
    [
        (
            "StackSetNotFoundException",
            cloudformation.StackSetNotFoundError,
            "If the stack set has a different name in eu-west-1, set stack_set_names, or set source to servicecatalog",
        ),
        ("AccessDenied", CallError, "Grant this action to the identity, or use different credentials"),
    ],
)
def test_a_refusal_is_reported_with_the_product_and_advice(
    aws: Script, client: t.Any, code: str, kind: type[CallError], advice: str
) -> None:
    aws.expect(DESCRIBE, xml_error(code, "Reported.", 404))
    aws.expect(LIST, xml_error(code, "Reported.", 404))
    with pytest.raises(CallError) as caught:
        cloudformation.stack_set(client, NAME, "guardrails (pp-a)")
    assert caught.value.__class__ is kind
    assert str(caught.value) == (
        f"Failed to describe stack set {NAME} of provisioned product guardrails (pp-a): Reported ({code}). {advice}."
    )
    with pytest.raises(CallError) as caught:
        listed(client, region="eu-west-1")
    assert caught.value.__class__ is kind
    assert str(caught.value) == (
        f"Failed to list the stack instances of provisioned product guardrails (pp-a), stack set {NAME}, eu-west-1:"
        f" Reported ({code}). {advice}."
    )


def test_pages_have_100_entries_and_the_last_one_has_no_token(aws: Script, client: t.Any) -> None:
    aws.expect(LIST, stack_set_page(summary_of(1), token="t1"), stack_set_page(token="t2"), stack_set_page())
    pages = list(cloudformation.stack_instance_pages(client, NAME, "pp-a"))
    assert [(len(page.entries), page.is_last) for page in pages] == [(1, False), (0, False), (0, True)]
    first = {"StackSetName": NAME, "MaxResults": "100"}
    assert [r.parameters for r in aws.requests] == [first, {**first, "NextToken": "t1"}, {**first, "NextToken": "t2"}]


@pytest.mark.parametrize(
    ("part", "sent"),
    [
        ({"account": f"{1:012d}"}, {"StackInstanceAccount": f"{1:012d}"}),
        ({"region": "eu-west-1"}, {"StackInstanceRegion": "eu-west-1"}),
    ],
)
def test_a_part_that_contains_something_else_is_refused(
    aws: Script, client: t.Any, part: dict[str, str], sent: dict[str, str]
) -> None:
    aws.expect(LIST, stack_set_page(summary_of(1)), stack_set_page(summary_of(1), summary_of(2, "us-east-1")))
    assert len(listed(client, **part)) == 1
    assert aws.requests[0].parameters == {"StackSetName": NAME, "MaxResults": "100", **sent}
    with pytest.raises(
        MalformedResponseError, match=r"the response from AWS contained (000000000002|us-east-1); the result was"
    ):
        listed(client, **part)


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        (
            [stack_set_page(token="t1"), stack_set_page(token="t1")],
            "pagination loop: the token returned with page 2 was already used",
        ),
        ([xml_result(LIST)], "the response from AWS contained no list; the result was discarded"),
        ([stack_set_page({"Account": "1", "Region": "r"})], "the response from AWS contained an entry without Status"),
        (
            [stack_set_page({"Status": "CURRENT", "Region": "r"})],
            "the response from AWS contained an entry without Account",
        ),
    ],
)
def test_a_listing_that_contradicts_itself_is_an_error(
    aws: Script, client: t.Any, pages: list[Response], message: str
) -> None:
    aws.expect(LIST, *pages)
    with pytest.raises(MalformedResponseError) as caught:
        listed(client)
    assert message in str(caught.value)
    assert "guardrails (pp-a)" in str(caught.value)


# botocore makes a list of the texts, or of the elements, of an element that occurs twice.
def test_an_element_that_occurs_twice_is_an_error(aws: Script, client: t.Any) -> None:
    twice = b"<StatusReason>a</StatusReason>" * 2
    listing = stack_set_page(summary_of(1, StatusReason="a")).body.replace(b"<StatusReason>a</StatusReason>", twice)
    aws.expect(LIST, Response(listing))
    with pytest.raises(MalformedResponseError, match="as StatusReason, which must be of type string"):
        listed(client)
    status = b"<Status>ACTIVE</Status>"
    aws.expect(DESCRIBE, Response(stack_set(NAME).body.replace(status, status * 2)))
    with pytest.raises(MalformedResponseError, match="as Status, which must be of type string"):
        cloudformation.stack_set(client, NAME, "pp-a")


MALFORMED = {
    "empty": Response(b""),
    "truncated, with its length": Response(COMPLETE.body[:200]),
    "truncated, shorter than announced": Response(
        COMPLETE.body[:200], headers={"Content-Length": str(len(COMPLETE.body))}
    ),
    "complete, but shorter than announced": Response(COMPLETE.body, headers={"Content-Length": "9999"}),
    "HTML": Response(b"<!DOCTYPE html><html><body>Sign in<br></body></html>"),
    "HTML that is XML": Response(b"<html><body>Sign in to the network</body></html>"),
    "JSON": Response(b'{"Summaries": []}'),
    "not UTF-8": Response(COMPLETE.body.replace(b"SUCCEEDED", b"\xff\xfe")),
    "of another operation": stack_set(NAME),
    "more after its end": Response(COMPLETE.body + b"<a>"),
    "502 in HTML": Response(b"<!DOCTYPE html><p>Bad gateway", 502),
}
RETRIED = {
    "Throttling": xml_error("Throttling", "Rate exceeded"),
    "500": xml_error("InternalFailure", status=500),
    "503 in HTML": Response(b"<html>Service Unavailable</html>", 503),
}


@pytest.mark.parametrize("fault", [*MALFORMED.values(), *RETRIED.values()], ids=[*MALFORMED, *RETRIED])
def test_a_passing_fault_does_not_repeat_a_page(aws: Script, client: t.Any, fault: Response) -> None:
    faults = [fault] * (TOTAL_MAX_ATTEMPTS - 1)
    aws.expect(LIST, stack_set_page(summary_of(0), token="t1"), *faults, COMPLETE)
    assert [entry["Account"] for entry in listed(client)] == [f"{number:012d}" for number in range(3)]
    assert [r.parameters.get("NextToken") for r in aws.requests] == [None, *["t1"] * TOTAL_MAX_ATTEMPTS]


@pytest.mark.parametrize("fault", [*MALFORMED.values(), *RETRIED.values()], ids=[*MALFORMED, *RETRIED])
def test_a_fault_that_stays_is_an_error(aws: Script, client: t.Any, fault: Response) -> None:
    aws.expect(LIST, *[fault] * TOTAL_MAX_ATTEMPTS)
    with pytest.raises((MalformedResponseError, CallError)) as caught:
        listed(client)
    assert str(caught.value).startswith("Failed to list the stack instances of provisioned product guardrails (pp-a)")
    assert caught.value.retryable
    assert "Account>" not in str(caught.value)
