# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client as _client
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import cloudformation as _cloudformation
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import CallError, DamagedAnswerError
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Response,
    Script,
    make_client,
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
GOOD = stack_set_page(summary_of(1), summary_of(2))


@pytest.fixture
def client() -> t.Any:
    return _client.connect(make_client, concurrency=1).cloudformation


def listed(client: t.Any, **part: str) -> list[dict[str, t.Any]]:
    pages = _cloudformation.stack_instance_pages(client, NAME, "guardrails (pp-a)", **part)
    return [entry for page in pages for entry in page.entries]


@pytest.mark.parametrize(("regions", "told"), [(["b", "a"], {"a", "b"}), ([], set()), (None, set())])
def test_a_stack_set_names_its_regions(aws: Script, client: t.Any, regions: list[str] | None, told: set[str]) -> None:
    aws.expect(DESCRIBE, stack_set(NAME, regions))
    found = _cloudformation.stack_set(client, f"{NAME}:{UUID}", "pp-a")
    assert found == _cloudformation.StackSet(f"{NAME}:{UUID}", frozenset(told))
    assert aws.requests[0].parameters == {"StackSetName": f"{NAME}:{UUID}"}


@pytest.mark.parametrize("answer", [xml_result(DESCRIBE), xml_result(DESCRIBE, StackSet={"StackSetName": NAME})])
def test_a_description_without_a_stack_set_is_an_error(aws: Script, client: t.Any, answer: Response) -> None:
    aws.expect(DESCRIBE, answer)
    with pytest.raises(DamagedAnswerError, match=f"Failed to describe stack set {NAME} of provisioned product pp-a"):
        _cloudformation.stack_set(client, NAME, "pp-a")


@pytest.mark.parametrize(
    ("code", "kind", "advice"),
    [
        (
            "StackSetNotFoundException",
            _cloudformation.StackSetNotFoundError,
            "name the stack set in stack_set_names if it is another one in eu-west-1, or read with source"
            " servicecatalog",
        ),
        ("AccessDenied", CallError, "allow that action to the identity that asks, or ask with another one"),
    ],
)
def test_a_refusal_names_the_product_and_the_way_out(
    aws: Script, client: t.Any, code: str, kind: type[CallError], advice: str
) -> None:
    aws.expect(DESCRIBE, xml_error(code, "AWS says so.", 404))
    aws.expect(LIST, xml_error(code, "AWS says so.", 404))
    with pytest.raises(CallError) as caught:
        _cloudformation.stack_set(client, NAME, "guardrails (pp-a)")
    assert caught.value.__class__ is kind
    assert str(caught.value) == (
        f"Failed to describe stack set {NAME} of provisioned product guardrails (pp-a): AWS says so ({code}); {advice}"
    )
    with pytest.raises(CallError) as caught:
        listed(client, region="eu-west-1")
    assert caught.value.__class__ is kind
    assert str(caught.value) == (
        f"Failed to list the stack instances of provisioned product guardrails (pp-a), stack set {NAME}, eu-west-1:"
        f" AWS says so ({code}); {advice}"
    )


def test_pages_are_of_a_hundred_and_end_where_there_is_no_token(aws: Script, client: t.Any) -> None:
    aws.expect(LIST, stack_set_page(summary_of(1), token="t1"), stack_set_page(token="t2"), stack_set_page())
    pages = list(_cloudformation.stack_instance_pages(client, NAME, "pp-a"))
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
def test_a_part_is_asked_for_and_nothing_else_is_taken(
    aws: Script, client: t.Any, part: dict[str, str], sent: dict[str, str]
) -> None:
    aws.expect(LIST, stack_set_page(summary_of(1)), stack_set_page(summary_of(1), summary_of(2, "us-east-1")))
    assert len(listed(client, **part)) == 1
    assert aws.requests[0].parameters == {"StackSetName": NAME, "MaxResults": "100", **sent}
    with pytest.raises(DamagedAnswerError, match=r"AWS' answer holds one in (000000000002|us-east-1); nothing of it"):
        listed(client, **part)


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ([stack_set_page(token="t1"), stack_set_page(token="t1")], "page 2 leads back to a page that was read before"),
        ([xml_result(LIST)], "AWS' answer holds no list"),
        ([stack_set_page({"Account": "1", "Region": "r"})], "an entry of AWS' answer has no Status"),
        ([stack_set_page({"Status": "CURRENT", "Region": "r"})], "an entry of AWS' answer has no Account"),
    ],
)
def test_a_listing_that_makes_no_sense_is_an_error(
    aws: Script, client: t.Any, pages: list[Response], words: str
) -> None:
    aws.expect(LIST, *pages)
    with pytest.raises(DamagedAnswerError) as caught:
        listed(client)
    assert words in str(caught.value)
    assert "guardrails (pp-a)" in str(caught.value)


DAMAGED = {
    "empty": Response(b""),
    "cut, as long as announced": Response(GOOD.body[:200]),
    "cut, shorter than announced": Response(GOOD.body[:200], headers={"Content-Length": str(len(GOOD.body))}),
    "whole, yet shorter than announced": Response(GOOD.body, headers={"Content-Length": "9999"}),
    "HTML": Response(b"<!DOCTYPE html><html><body>Sign in<br></body></html>"),
    "HTML that is XML": Response(b"<html><body>Sign in to the network</body></html>"),
    "JSON": Response(b'{"Summaries": []}'),
    "not UTF-8": Response(GOOD.body.replace(b"SUCCEEDED", b"\xff\xfe")),
    "another operation's": stack_set(NAME),
    "more after its end": Response(GOOD.body + b"<a>"),
    "502 in HTML": Response(b"<!DOCTYPE html><p>Bad gateway", 502),
}
RETRIED = {
    "Throttling": xml_error("Throttling", "Rate exceeded"),
    "500": xml_error("InternalFailure", status=500),
    "503 in HTML": Response(b"<html>Service Unavailable</html>", 503),
}


@pytest.mark.parametrize("fault", [*DAMAGED.values(), *RETRIED.values()], ids=[*DAMAGED, *RETRIED])
def test_a_passing_fault_costs_no_page_twice(aws: Script, client: t.Any, fault: Response) -> None:
    faults = [fault] * (_client.TOTAL_MAX_ATTEMPTS - 1)
    aws.expect(LIST, stack_set_page(summary_of(0), token="t1"), *faults, GOOD)
    assert [entry["Account"] for entry in listed(client)] == [f"{number:012d}" for number in range(3)]
    assert [r.parameters.get("NextToken") for r in aws.requests] == [None, *["t1"] * _client.TOTAL_MAX_ATTEMPTS]


@pytest.mark.parametrize("fault", [*DAMAGED.values(), *RETRIED.values()], ids=[*DAMAGED, *RETRIED])
def test_a_fault_that_stays_is_an_error(aws: Script, client: t.Any, fault: Response) -> None:
    aws.expect(LIST, *[fault] * _client.TOTAL_MAX_ATTEMPTS)
    with pytest.raises((DamagedAnswerError, CallError)) as caught:
        listed(client)
    assert str(caught.value).startswith("Failed to list the stack instances of provisioned product guardrails (pp-a)")
    assert caught.value.retryable
    assert "Account>" not in str(caught.value)
