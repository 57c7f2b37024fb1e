# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client as _client
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import paging as _paging
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import service_catalog as _service_catalog
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import CallError, DamagedAnswerError
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Response,
    Script,
    detail,
    error,
    json_response,
    make_client,
    page,
    stack_instance,
)

LIST = "ListStackInstancesForProvisionedProduct"
DESCRIBE = "DescribeProvisionedProduct"
SEARCH = "SearchProvisionedProducts"


@pytest.fixture
def client() -> t.Any:
    return _client.connect(make_client, concurrency=1).service_catalog


def listed(client: t.Any, page_size: int = 20) -> list[dict[str, str]]:
    pages = _service_catalog.stack_instance_pages(
        client, "pp-a", "guardrails (pp-a)", page_size=page_size, accept_language=None
    )
    return [entry for page in pages for entry in page]


def test_47_instances_are_three_requests(aws: Script, client: t.Any) -> None:
    aws.expect(LIST, page(range(20), "t1"), page(range(20, 40), "t2"), page(range(40, 47)))
    assert listed(client) == [stack_instance(number) for number in range(47)]
    first = {"ProvisionedProductId": "pp-a", "PageSize": 20}
    assert [r.parameters for r in aws.requests] == [first, {**first, "PageToken": "t1"}, {**first, "PageToken": "t2"}]


def test_none_is_an_empty_list(aws: Script, client: t.Any) -> None:
    aws.expect(LIST, page([]))
    assert listed(client) == []


def test_an_empty_page_with_a_token_is_not_the_end(aws: Script, client: t.Any) -> None:
    aws.expect(LIST, page([], "t1"), page([1], "t2"), page([], "t3"), page([2]))
    assert listed(client) == [stack_instance(1), stack_instance(2)]


def test_four_throttles_in_a_row_cost_no_page_twice(aws: Script, client: t.Any) -> None:
    throttles = [error("ThrottlingException", "Rate exceeded")] * 4
    aws.expect(LIST, page(range(20), "t1"), *throttles, page(range(20, 40), "t2"), page(range(40, 47)))
    assert len(listed(client)) == 47
    assert [r.parameters.get("PageToken") for r in aws.requests] == [None, "t1", "t1", "t1", "t1", "t1", "t2"]


def test_page_size_and_language_are_passed_on(aws: Script, client: t.Any) -> None:
    aws.expect(LIST, page([]))
    list(_service_catalog.stack_instance_pages(client, "pp-a", "pp-a", page_size=5, accept_language="zh"))
    assert aws.requests[0].parameters == {"ProvisionedProductId": "pp-a", "PageSize": 5, "AcceptLanguage": "zh"}


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ([page([1], "t1"), page([2], "t1")], "page 2 leads back to a page that was read before"),
        ([page([1], "t1"), page([2], "t2"), page([3], "t1")], "page 3 leads back to a page that was read before"),
        ([json_response(NextPageToken="t1")], "AWS' answer holds no list"),
        ([json_response()], "AWS' answer holds no list"),
        ([json_response(StackInstances=None)], "AWS' answer holds no list"),
        ([json_response(StackInstances=[{"Account": "1", "Region": "r"}])], "answer has no StackInstanceStatus"),
        (
            [json_response(StackInstances=[{"Account": 1, "Region": "r", "StackInstanceStatus": "CURRENT"}])],
            "an entry of AWS' answer has no Account",
        ),
        ([json_response(StackInstances=[None])], "an entry of AWS' answer has no Account"),
        ([json_response(StackInstances=[], NextPageToken=False)], "the token of the page after page 1 is no text"),
        ([json_response(StackInstances=[], NextPageToken=[])], "the token of the page after page 1 is no text"),
        (
            [json_response(StackInstances=[{"Account": "", "Region": "r", "StackInstanceStatus": "CURRENT"}])],
            "an entry of AWS' answer has no Account",
        ),
        ([json_response(StackInstances=[], NextPageToken={"a": 1})], "the token of the page after page 1 is no text"),
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


def test_a_token_that_is_refused_says_nothing_of_the_products_type(aws: Script, client: t.Any) -> None:
    aws.expect(LIST, page([1], "t1"), error("InvalidParametersException", "Invalid page token."))
    with pytest.raises(CallError) as caught:
        listed(client)
    assert str(caught.value).endswith("guardrails (pp-a): Invalid page token (InvalidParametersException)")


def test_pages_that_bring_nothing_new_end_in_an_error(aws: Script, client: t.Any) -> None:
    count = _paging.MAX_PAGES_WITHOUT_NEWS + 1
    aws.expect(LIST, *[page([1], f"t{number}") for number in range(count)])
    with pytest.raises(DamagedAnswerError, match=f"{count - 1} pages in a row brought nothing new"):
        listed(client)


def test_an_endless_list_ends_in_an_error(aws: Script, client: t.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_paging, "MAX_PAGES", 7)
    aws.expect(LIST, *[page([number], f"t{number}") for number in range(7)])
    with pytest.raises(DamagedAnswerError, match="did not end after 7 pages"):
        listed(client)


@pytest.mark.parametrize(
    ("code", "kind", "advice"),
    [
        (
            "ResourceNotFoundException",
            _service_catalog.NotFoundError,
            "look whether it exists in eu-west-1, in the account of these credentials",
        ),
        (
            "InvalidParametersException",
            _service_catalog.NoStackSetError,
            "only provisioned products of type CFN_STACKSET have stack instances",
        ),
        ("AccessDeniedException", CallError, "allow that action to the identity that asks, or ask with another one"),
    ],
)
def test_a_refused_listing_names_the_product_and_the_way_out(
    aws: Script, client: t.Any, code: str, kind: type[CallError], advice: str
) -> None:
    aws.expect(LIST, error(code, "AWS says so."))
    with pytest.raises(CallError) as caught:
        listed(client)
    assert caught.value.__class__ is kind
    assert str(caught.value) == (
        f"Failed to list the stack instances of provisioned product guardrails (pp-a): AWS says so ({code}); {advice}"
    )
    assert caught.value.error == {"code": code, "message": "AWS says so."}
    # Ansible follows the causes to their end.
    assert caught.value.__cause__ is not caught.value


@pytest.mark.parametrize(
    ("asked", "sent"), [({"product_id": "pp-a"}, {"Id": "pp-a"}), ({"name": "guardrails"}, {"Name": "guardrails"})]
)
def test_a_product_is_described_by_id_or_by_name(
    aws: Script, client: t.Any, asked: dict[str, str], sent: dict[str, str]
) -> None:
    aws.expect(DESCRIBE, json_response(ProvisionedProductDetail=detail("pp-a", "guardrails")))
    product = _service_catalog.provisioned_product(client, **asked, accept_language=None)
    assert product["Id"] == "pp-a"
    assert aws.requests[0].parameters == sent


@pytest.mark.parametrize(
    "answer",
    [
        json_response(),
        json_response(ProvisionedProductDetail={}),
        json_response(ProvisionedProductDetail={"Id": "pp-a", "Name": "x"}),
    ],
)
def test_a_description_without_a_product_is_an_error(aws: Script, client: t.Any, answer: Response) -> None:
    aws.expect(DESCRIBE, answer)
    with pytest.raises(DamagedAnswerError, match="describe provisioned product guardrails"):
        _service_catalog.provisioned_product(client, name="guardrails", accept_language=None)


def test_a_product_that_is_not_there_is_named(aws: Script, client: t.Any) -> None:
    aws.expect(DESCRIBE, error("ResourceNotFoundException"))
    with pytest.raises(_service_catalog.NotFoundError, match="describe provisioned product guardrails"):
        _service_catalog.provisioned_product(client, name="guardrails", accept_language=None)


def test_a_search_is_sorted_and_finds_each_product_once(aws: Script, client: t.Any) -> None:
    found = [[detail("pp-b", "b"), detail("pp-c", "c")], [detail("pp-b", "b"), detail("pp-a", "a")]]
    aws.expect(
        SEARCH,
        json_response(ProvisionedProducts=found[0], NextPageToken="t1"),
        json_response(ProvisionedProducts=found[1]),
    )
    products = _service_catalog.search_provisioned_products(
        client, ["type:CFN_STACKSET"], access_level="role", accept_language="en"
    )
    assert [product["Id"] for product in products] == ["pp-a", "pp-b", "pp-c"]
    assert aws.requests[0].parameters == {
        "AcceptLanguage": "en",
        "AccessLevelFilter": {"Key": "Role", "Value": "self"},
        "Filters": {"SearchQuery": ["type:CFN_STACKSET"]},
        "PageSize": 100,
        "SortBy": "id",
        "SortOrder": "ASCENDING",
    }
