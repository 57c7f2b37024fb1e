# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import paging, service_catalog
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import CallError, MalformedResponseError
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Response,
    Script,
    connect,
    detail,
    error,
    json_response,
    page,
    stack_instance,
)

LIST = "ListStackInstancesForProvisionedProduct"
DESCRIBE = "DescribeProvisionedProduct"
SEARCH = "SearchProvisionedProducts"


@pytest.fixture
def client() -> t.Any:
    return connect().service_catalog


def listed(client: t.Any, page_size: int = 20) -> list[dict[str, str]]:
    pages = service_catalog.stack_instance_pages(
        client, "pp-a", "guardrails (pp-a)", page_size=page_size, accept_language=None
    )
    return [entry for page in pages for entry in page]


def test_47_stack_instances_are_3_requests(aws: Script, client: t.Any) -> None:
    aws.expect(LIST, page(range(20), "t1"), page(range(20, 40), "t2"), page(range(40, 47)))
    assert listed(client) == [stack_instance(number) for number in range(47)]
    first = {"ProvisionedProductId": "pp-a", "PageSize": 20}
    assert [r.parameters for r in aws.requests] == [first, {**first, "PageToken": "t1"}, {**first, "PageToken": "t2"}]


def test_a_product_without_stack_instances_is_an_empty_list(aws: Script, client: t.Any) -> None:
    aws.expect(LIST, page([]))
    assert listed(client) == []


def test_an_empty_page_with_a_token_is_not_the_end(aws: Script, client: t.Any) -> None:
    aws.expect(LIST, page([], "t1"), page([1], "t2"), page([], "t3"), page([2]))
    assert listed(client) == [stack_instance(1), stack_instance(2)]


def test_throttling_does_not_repeat_a_page(aws: Script, client: t.Any) -> None:
    throttled = [error("ThrottlingException", "Rate exceeded")] * 4
    aws.expect(LIST, page(range(20), "t1"), *throttled, page(range(20, 40), "t2"), page(range(40, 47)))
    assert len(listed(client)) == 47
    assert [r.parameters.get("PageToken") for r in aws.requests] == [None, "t1", "t1", "t1", "t1", "t1", "t2"]


def test_page_size_and_language_are_passed_on(aws: Script, client: t.Any) -> None:
    aws.expect(LIST, page([]))
    list(service_catalog.stack_instance_pages(client, "pp-a", "pp-a", page_size=5, accept_language="zh"))
    assert aws.requests[0].parameters == {"ProvisionedProductId": "pp-a", "PageSize": 5, "AcceptLanguage": "zh"}


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        ([page([1], "t1"), page([2], "t1")], "pagination loop: the token returned with page 2 was already used"),
        (
            [page([1], "t1"), page([2], "t2"), page([3], "t1")],
            "pagination loop: the token returned with page 3 was already used",
        ),
        ([json_response(NextPageToken="t1")], "the response from AWS contained no list; the result was discarded"),
        ([json_response()], "the response from AWS contained no list; the result was discarded"),
        ([json_response(StackInstances=None)], "the response from AWS contained no list; the result was discarded"),
        (
            [json_response(StackInstances=[{"Account": "1", "Region": "r"}])],
            "the response from AWS contained an entry without StackInstanceStatus",
        ),
        (
            [json_response(StackInstances=[{"Account": 1, "Region": "r", "StackInstanceStatus": "CURRENT"}])],
            "the response from AWS contained an entry without Account",
        ),
        ([json_response(StackInstances=[None])], "the response from AWS contained an entry without Account"),
        ([json_response(StackInstances=[], NextPageToken=False)], "the token returned with page 1 is not a string"),
        ([json_response(StackInstances=[], NextPageToken=[])], "the token returned with page 1 is not a string"),
        (
            [json_response(StackInstances=[{"Account": "", "Region": "r", "StackInstanceStatus": "CURRENT"}])],
            "the response from AWS contained an entry without Account",
        ),
        ([json_response(StackInstances=[], NextPageToken={"a": 1})], "the token returned with page 1 is not a string"),
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


def test_a_refused_token_is_not_a_wrong_type_of_product(aws: Script, client: t.Any) -> None:
    aws.expect(LIST, page([1], "t1"), error("InvalidParametersException", "Invalid page token."))
    with pytest.raises(CallError) as caught:
        listed(client)
    assert str(caught.value).endswith("guardrails (pp-a): Invalid page token (InvalidParametersException)")


def test_pages_without_new_entries_are_an_error(aws: Script, client: t.Any) -> None:
    count = paging.MAX_PAGES_WITHOUT_NEWS + 1
    aws.expect(LIST, *[page([1], f"t{number}") for number in range(count)])
    with pytest.raises(
        MalformedResponseError,
        match=f"pagination loop: {count - 1} pages in a row, up to page {count}, contained no new entry",
    ):
        listed(client)


def test_an_endless_listing_is_an_error(aws: Script, client: t.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MAX_PAGES", 7)
    aws.expect(LIST, *[page([number], f"t{number}") for number in range(7)])
    with pytest.raises(MalformedResponseError, match="the listing did not end after 7 pages"):
        listed(client)


@pytest.mark.parametrize(
    ("code", "kind", "advice"),
    [
        (
            "ResourceNotFoundException",
            service_catalog.NotFoundError,
            "Verify that it exists in eu-west-1, in the account of these credentials",
        ),
        (
            "InvalidParametersException",
            service_catalog.NoStackSetError,
            "Only provisioned products of type CFN_STACKSET have stack instances",
        ),
        ("AccessDeniedException", CallError, "Grant this action to the identity, or use different credentials"),
    ],
)
def test_a_refused_listing_is_reported_with_the_product_and_advice(
    aws: Script, client: t.Any, code: str, kind: type[CallError], advice: str
) -> None:
    aws.expect(LIST, error(code, "Reported."))
    with pytest.raises(CallError) as caught:
        listed(client)
    assert caught.value.__class__ is kind
    assert str(caught.value) == (
        f"Failed to list the stack instances of provisioned product guardrails (pp-a): Reported ({code}). {advice}."
    )
    assert caught.value.error == {"code": code, "message": "Reported.", "request_id": None}
    # Ansible follows the causes to their end.
    assert caught.value.__cause__ is not caught.value


@pytest.mark.parametrize(
    ("selected", "sent"), [({"product_id": "pp-a"}, {"Id": "pp-a"}), ({"name": "guardrails"}, {"Name": "guardrails"})]
)
def test_a_product_is_described_by_id_or_by_name(
    aws: Script, client: t.Any, selected: dict[str, str], sent: dict[str, str]
) -> None:
    aws.expect(DESCRIBE, json_response(ProvisionedProductDetail=detail("pp-a", "guardrails")))
    product = service_catalog.provisioned_product(client, **selected, accept_language=None)
    assert product["Id"] == "pp-a"
    assert aws.requests[0].parameters == sent


@pytest.mark.parametrize(
    "response",
    [
        json_response(),
        json_response(ProvisionedProductDetail={}),
        json_response(ProvisionedProductDetail={"Id": "pp-a", "Name": "x"}),
    ],
)
def test_a_description_without_a_product_is_an_error(aws: Script, client: t.Any, response: Response) -> None:
    aws.expect(DESCRIBE, response)
    with pytest.raises(MalformedResponseError, match="describe provisioned product guardrails"):
        service_catalog.provisioned_product(client, name="guardrails", accept_language=None)


def test_a_product_that_does_not_exist_is_named(aws: Script, client: t.Any) -> None:
    aws.expect(DESCRIBE, error("ResourceNotFoundException"))
    with pytest.raises(service_catalog.NotFoundError, match="describe provisioned product guardrails"):
        service_catalog.provisioned_product(client, name="guardrails", accept_language=None)


def test_a_search_is_sorted_and_contains_each_product_once(aws: Script, client: t.Any) -> None:
    found = [[detail("pp-b", "b"), detail("pp-c", "c")], [detail("pp-b", "b"), detail("pp-a", "a")]]
    aws.expect(
        SEARCH,
        json_response(ProvisionedProducts=found[0], NextPageToken="t1"),
        json_response(ProvisionedProducts=found[1]),
    )
    products = service_catalog.search_provisioned_products(
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


def test_a_search_that_selects_nothing_sends_no_filter(aws: Script, client: t.Any) -> None:
    aws.expect(SEARCH, json_response(ProvisionedProducts=[]))
    found = service_catalog.search_provisioned_products(client, [], access_level="account", accept_language=None)
    assert found == []
    assert "Filters" not in aws.requests[0].parameters


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"Status": {}}, "contained {} as Status, which must be of type string"),
        ({"Tags": [{}]}, "contained [{}] as Tags, which must be of type list"),
        ({"Tags": [{"Key": "a", "Value": 5}]}, "contained [{'Key': 'a', 'Value': 5}] as Tags"),
    ],
)
def test_a_found_product_has_the_types_of_the_model(
    aws: Script, client: t.Any, members: dict[str, t.Any], message: str
) -> None:
    aws.expect(SEARCH, json_response(ProvisionedProducts=[detail("pp-a", "a"), detail("pp-b", "b", **members)]))
    with pytest.raises(MalformedResponseError) as caught:
        service_catalog.search_provisioned_products(client, ["name:b"], access_level="account", accept_language=None)
    assert str(caught.value).startswith("Failed to search for provisioned products with name:b: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (
            "InvalidParametersException",
            "A term consists of a field, a colon and a value; the fields are"
            f" {', '.join(service_catalog.SEARCH_FIELDS)}",
        ),
        ("AccessDeniedException", "Grant this action to the identity, or use different credentials"),
    ],
)
def test_a_refused_search_is_reported_with_its_terms_and_advice(
    aws: Script, client: t.Any, code: str, advice: str
) -> None:
    aws.expect(SEARCH, error(code, "Reported."))
    with pytest.raises(CallError) as caught:
        service_catalog.search_provisioned_products(client, ["a:b", "c"], access_level="account", accept_language=None)
    assert str(caught.value) == (f"Failed to search for provisioned products with a:b, c: Reported ({code}). {advice}.")


ARTIFACT = {"Id": "pa-12", "Name": "v12"}
RECORD = {"RecordId": "rec-a", "Status": "SUCCEEDED", "ProvisionedProductId": "pp-a"}


def test_the_name_of_a_version(aws: Script, client: t.Any) -> None:
    aws.expect("DescribeProvisioningArtifact", json_response(ProvisioningArtifactDetail=ARTIFACT))
    assert service_catalog.version_name(client, "prod-a", "pa-12", accept_language="en") == "v12"
    assert aws.requests[0].parameters == {
        "ProductId": "prod-a",
        "ProvisioningArtifactId": "pa-12",
        "AcceptLanguage": "en",
    }


def test_a_record(aws: Script, client: t.Any) -> None:
    detail = {**RECORD, "RecordErrors": [{"Code": "Broken", "Description": "It broke."}]}
    aws.expect("DescribeRecord", json_response(RecordDetail=detail))
    assert service_catalog.record(client, "rec-a", accept_language=None) == detail
    assert aws.requests[0].parameters == {"Id": "rec-a"}


@pytest.mark.parametrize(
    ("operation", "members", "message"),
    [
        ("Product", {}, "contained an entry without Id: None"),
        ("Product", {"Id": "pp-b", "Name": "b", "Type": "x"}, "the response is about pp-b"),
        ("Product", {"Id": "pp-a", "Name": "a", "Type": "x", "Arn": 5}, "contained 5 as Arn, which must be of type"),
        ("Named", {"Id": "pp-b", "Name": "b", "Type": "x"}, "the response is about b"),
        ("Version", {}, "contained an entry without Id: None"),
        ("Version", {"Id": "pa-12"}, "contained an entry without Name"),
        ("Version", {**ARTIFACT, "Id": "pa-13"}, "the response is about pa-13"),
        ("Version", {**ARTIFACT, "Name": 5}, "contained an entry without Name"),
        ("Record", {}, "contained an entry without RecordId: None"),
        ("Record", {**RECORD, "RecordId": "rec-b"}, "the response is about rec-b"),
        ("Record", {**RECORD, "Status": ""}, "contained an entry without Status"),
        ("Record", {"RecordId": "rec-a", "Status": "SUCCEEDED"}, "contained an entry without ProvisionedProductId"),
        ("Record", {**RECORD, "RecordErrors": [{"Code": 5}]}, "contained [{'Code': 5}] as RecordErrors"),
    ],
)
def test_a_description_that_is_incomplete_or_of_something_else_is_an_error(
    aws: Script, client: t.Any, operation: str, members: dict[str, t.Any], message: str
) -> None:
    name, member, call = {
        "Product": (
            DESCRIBE,
            "ProvisionedProductDetail",
            lambda: service_catalog.provisioned_product(client, product_id="pp-a", accept_language=None),
        ),
        "Named": (
            DESCRIBE,
            "ProvisionedProductDetail",
            lambda: service_catalog.provisioned_product(client, name="a", accept_language=None),
        ),
        "Version": (
            "DescribeProvisioningArtifact",
            "ProvisioningArtifactDetail",
            lambda: service_catalog.version_name(client, "prod-a", "pa-12", accept_language=None),
        ),
        "Record": (
            "DescribeRecord",
            "RecordDetail",
            lambda: service_catalog.record(client, "rec-a", accept_language=None),
        ),
    }[operation]
    aws.expect(name, json_response(**({member: members} if members else {})))
    with pytest.raises(MalformedResponseError) as caught:
        call()
    assert str(caught.value).startswith("Failed to describe ")
    assert message in str(caught.value)
