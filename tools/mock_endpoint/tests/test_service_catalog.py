# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Service Catalog's operations on provisioned products: answers, pages, tokens, refusals."""

from __future__ import annotations

import typing as t

import pytest

from mock_endpoint.process import MockEndpoint
from mock_endpoint.tests.clients import Botocore, Json, Keys

LIST = "ListStackInstancesForProvisionedProduct"
DESCRIBE = "DescribeProvisionedProduct"
SEARCH = "SearchProvisionedProducts"
EVERYONES = {"AccessLevelFilter": {"Key": "Account", "Value": "self"}}


def matrix(accounts: int, *regions: str) -> Json:
    """A fleet in short."""
    return {"accounts": accounts, "regions": list(regions)}


@pytest.fixture
def aws(endpoint: MockEndpoint) -> Botocore:
    """An account with two products."""
    endpoint.add_products(
        [
            {"id": "pp-abc", "name": "guardrails", "tags": {"team": "x"}, "matrix": matrix(47, "eu-west-1")},
            {"id": "pp-stack", "type": "CFN_STACK", "status": "TAINTED", "status_message": "It failed."},
        ]
    )
    return Botocore(endpoint.url)


def pages(aws: Botocore, operation: str, key: str, parameters: Json) -> t.Iterator[list[Json]]:
    """The pages of a listing."""
    while True:
        answer = aws.call("servicecatalog", operation, parameters).answer
        assert answer is not None
        yield answer[key]
        if "NextPageToken" not in answer:
            return
        parameters = {**parameters, "PageToken": answer["NextPageToken"]}


@pytest.mark.parametrize(
    ("size", "lengths"), [(None, [20, 20, 7]), (0, [20, 20, 7]), (20, [20, 20, 7]), (19, [19, 19, 9]), (1, [1] * 47)]
)
def test_instances_come_in_pages(aws: Botocore, size: int | None, lengths: list[int]) -> None:
    parameters: Json = (
        {"ProvisionedProductId": "pp-abc"}
        if size is None
        else {
            "ProvisionedProductId": "pp-abc",
            "PageSize": size,
        }
    )
    listed = list(pages(aws, LIST, "StackInstances", parameters))
    assert [len(page) for page in listed] == lengths
    rows = [row for page in listed for row in page]
    assert rows[0] == {"Account": "200000000000", "Region": "eu-west-1", "StackInstanceStatus": "CURRENT"}
    assert len({row["Account"] for row in rows}) == 47


def test_a_product_without_instances_has_an_empty_page(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.add_products([{"id": "pp-none"}])
    assert aws.call("servicecatalog", LIST, {"ProvisionedProductId": "pp-none"}).answer == {"StackInstances": []}


@pytest.mark.parametrize("accounts", [20, 40])
def test_a_full_last_page_has_no_token(endpoint: MockEndpoint, aws: Botocore, accounts: int) -> None:
    endpoint.add_products([{"id": "pp-full", "matrix": matrix(accounts, "eu-west-1")}])
    listed = list(pages(aws, LIST, "StackInstances", {"ProvisionedProductId": "pp-full"}))
    assert [len(page) for page in listed] == [20] * (accounts // 20)


NOT_FOUND, INVALID, BAD = "ResourceNotFoundException", "InvalidParametersException", "ValidationException"


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        (LIST, {"ProvisionedProductId": "pp-nothing"}, NOT_FOUND),
        (LIST, {"ProvisionedProductId": "pp-stack"}, INVALID),
        (LIST, {}, BAD),
        (LIST, {"ProvisionedProductId": ""}, BAD),
        (LIST, {"ProvisionedProductId": "p" * 101}, BAD),
        (LIST, {"ProvisionedProductId": "pp abc"}, BAD),
        (LIST, {"ProvisionedProductId": "pp-abc", "PageSize": 21}, BAD),
        (LIST, {"ProvisionedProductId": "pp-abc", "PageSize": -1}, BAD),
        (LIST, {"ProvisionedProductId": "pp-abc", "PageToken": ""}, BAD),
        (LIST, {"ProvisionedProductId": "pp-abc", "PageToken": "WzIwXQ=="}, BAD),
        (LIST, {"ProvisionedProductId": "pp-abc", "PageToken": "t" * 2025}, BAD),
        (LIST, {"ProvisionedProductId": "pp-abc", "AcceptLanguage": "l" * 101}, BAD),
        (DESCRIBE, {"Id": "pp-nothing"}, NOT_FOUND),
        (DESCRIBE, {"Name": "nothing"}, NOT_FOUND),
        (DESCRIBE, {"Id": "pp-abc", "Name": "guardrails"}, INVALID),
        (DESCRIBE, {}, INVALID),
        (DESCRIBE, {"Name": "-guardrails"}, BAD),
        (SEARCH, {"PageSize": 101}, BAD),
        (SEARCH, {"PageToken": ""}, BAD),
        (SEARCH, {"SortOrder": "UPWARD"}, BAD),
        (SEARCH, {"SortBy": "colour"}, INVALID),
        (SEARCH, {"Filters": {"Query": ["type:CFN_STACKSET"]}}, BAD),
        (SEARCH, {"Filters": {"SearchQuery": ["CFN_STACKSET"]}}, INVALID),
        (SEARCH, {"Filters": {"SearchQuery": ["colour:green"]}}, INVALID),
        (SEARCH, {"AccessLevelFilter": {"Key": "Everyone"}}, BAD),
        (SEARCH, {"AccessLevelFilter": {"Key": "Account", "Value": "123456789012"}}, INVALID),
    ],
)
def test_refusals(aws: Botocore, operation: str, parameters: Json, code: str) -> None:
    outcome = aws.call("servicecatalog", operation, parameters)
    assert (outcome.code, outcome.answer) == (code, None)
    assert outcome.message


def test_a_token_of_another_product_is_foreign(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.add_products([{"id": "pp-other", "matrix": matrix(30, "eu-west-1")}])
    first = aws.call("servicecatalog", LIST, {"ProvisionedProductId": "pp-abc"}).answer
    assert first is not None
    foreign = {"ProvisionedProductId": "pp-other", "PageToken": first["NextPageToken"]}
    assert aws.call("servicecatalog", LIST, foreign).code == BAD


@pytest.mark.parametrize("key", [{"Id": "pp-abc"}, {"Name": "guardrails"}])
def test_describe(aws: Botocore, key: Json) -> None:
    answer = aws.call("servicecatalog", DESCRIBE, key).answer
    assert answer is not None
    detail = answer["ProvisionedProductDetail"]
    assert detail["Arn"] == "arn:aws:servicecatalog:us-east-1:123456789012:stack/guardrails/pp-abc"
    assert detail["CreatedTime"] == 1768464000.0
    assert {name: detail[name] for name in ("Id", "Name", "Type", "Status")} == {
        "Id": "pp-abc",
        "Name": "guardrails",
        "Type": "CFN_STACKSET",
        "Status": "AVAILABLE",
    }
    assert "StatusMessage" not in detail


def test_describe_tells_why_a_product_is_tainted(aws: Botocore) -> None:
    answer = aws.call("servicecatalog", DESCRIBE, {"Id": "pp-stack"}).answer
    assert answer is not None
    assert answer["ProvisionedProductDetail"]["StatusMessage"] == "It failed."


@pytest.mark.parametrize(
    ("terms", "ids"),
    [
        ([], ["pp-abc", "pp-stack"]),
        (["type:CFN_STACKSET"], ["pp-abc"]),
        (["status:TAINTED"], ["pp-stack"]),
        (["name:guardrails"], ["pp-abc"]),
        (["tags:team=x"], ["pp-abc"]),
        (["tags:team=y"], []),
        (["physicalId:SC-123456789012-pp-abc"], ["pp-abc"]),
        (["type:CFN_STACKSET", "status:TAINTED"], []),
    ],
)
def test_search_terms(aws: Botocore, terms: list[str], ids: list[str]) -> None:
    parameters = {**EVERYONES, "Filters": {"SearchQuery": terms}, "SortBy": "id"}
    answer = aws.call("servicecatalog", SEARCH, parameters).answer
    assert answer is not None
    assert [product["Id"] for product in answer["ProvisionedProducts"]] == ids
    assert answer["TotalResultsCount"] == len(ids)


def test_search_gives_every_attribute(aws: Botocore) -> None:
    parameters = {**EVERYONES, "Filters": {"SearchQuery": ["id:pp-abc"]}}
    answer = aws.call("servicecatalog", SEARCH, parameters).answer
    assert answer is not None
    shape = aws.of("servicecatalog").meta.service_model.shape_for("ProvisionedProductAttribute")
    [product] = answer["ProvisionedProducts"]
    assert set(product) == set(shape.members) - {"StatusMessage"}
    assert product["Tags"] == [{"Key": "team", "Value": "x"}]


ROLE = "arn:aws:iam::123456789012:role/platform"


@pytest.mark.parametrize(
    ("level", "ids"),
    [
        (None, ["pp-session"]),
        ("User", ["pp-session"]),
        ("Role", ["pp-role", "pp-session"]),
        ("Account", ["pp-other", "pp-role", "pp-session"]),
    ],
)
def test_access_levels(endpoint: MockEndpoint, level: str | None, ids: list[str]) -> None:
    session = "arn:aws:sts::123456789012:assumed-role/platform/me"
    endpoint.add_products(
        [
            {"id": "pp-session", "user_arn": ROLE, "user_arn_session": session},
            {"id": "pp-role", "user_arn": ROLE},
            {"id": "pp-other", "user_arn": "arn:aws:iam::123456789012:user/someone"},
        ]
    )
    assumed = Botocore(endpoint.url).of("sts").assume_role(RoleArn=ROLE, RoleSessionName="me")["Credentials"]
    keys = Keys(assumed["AccessKeyId"], assumed["SecretAccessKey"], assumed["SessionToken"])
    levels: Json = {"AccessLevelFilter": {"Key": level, "Value": "self"}} if level else {}
    answer = Botocore(endpoint.url, keys).call("servicecatalog", SEARCH, {**levels, "SortBy": "id"}).answer
    assert answer is not None
    assert [product["Id"] for product in answer["ProvisionedProducts"]] == ids


@pytest.mark.parametrize("sort_by", ["arn", "id", "name", "lastRecordId", "createdTime"])
@pytest.mark.parametrize("sort_order", ["ASCENDING", "DESCENDING"])
def test_search_pages_are_whole_when_sorted(endpoint: MockEndpoint, sort_by: str, sort_order: str) -> None:
    ids = [f"pp-{number:03}" for number in range(45)]
    endpoint.add_products([{"id": name, "created_time": f"2026-01-15T08:00:{name[-2:]}Z"} for name in reversed(ids)])
    parameters = {**EVERYONES, "SortBy": sort_by, "SortOrder": sort_order}
    listed = list(pages(Botocore(endpoint.url), SEARCH, "ProvisionedProducts", parameters))
    assert [len(page) for page in listed] == [20, 20, 5]
    seen = [product["Id"] for page in listed for product in page]
    assert seen == (ids if sort_order == "ASCENDING" else ids[::-1])


def test_search_pages_repeat_and_skip_when_not_sorted(endpoint: MockEndpoint) -> None:
    endpoint.add_products([{"id": f"pp-{number:03}"} for number in range(45)])
    listed = pages(Botocore(endpoint.url), SEARCH, "ProvisionedProducts", EVERYONES)
    seen = [product["Id"] for page in listed for product in page]
    assert len(seen) == 45
    # That three shuffles make a whole listing by chance is less likely than a broken machine.
    assert len(set(seen)) < 45


def test_products_belong_to_an_account_and_a_region(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.add_products([{"id": "pp-there", "region": "eu-west-1"}, {"id": "pp-theirs", "account": "210987654321"}])
    for product in ("pp-there", "pp-theirs"):
        assert aws.call("servicecatalog", DESCRIBE, {"Id": product}).code == NOT_FOUND
