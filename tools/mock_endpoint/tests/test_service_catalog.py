# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Service Catalog's operations on provisioned products: responses, pages, tokens and errors."""

from __future__ import annotations

import typing as t

import pytest

from mock_endpoint.process import MockEndpoint
from mock_endpoint.tests.clients import Botocore, Json, Keys

LIST = "ListStackInstancesForProvisionedProduct"
DESCRIBE = "DescribeProvisionedProduct"
SEARCH = "SearchProvisionedProducts"
ACCOUNT_LEVEL = {"AccessLevelFilter": {"Key": "Account", "Value": "self"}}


def matrix(accounts: int, *regions: str) -> Json:
    """Return a matrix of stack instances."""
    return {"accounts": accounts, "regions": list(regions)}


@pytest.fixture
def aws(endpoint: MockEndpoint) -> Botocore:
    """Create two products."""
    endpoint.add_products(
        [
            {"id": "pp-abc", "name": "guardrails", "tags": {"team": "x"}, "matrix": matrix(47, "eu-west-1")},
            {"id": "pp-stack", "type": "CFN_STACK", "status": "TAINTED", "status_message": "It failed."},
        ]
    )
    return Botocore(endpoint.url)


def pages(aws: Botocore, operation: str, key: str, parameters: Json) -> t.Iterator[list[Json]]:
    """Yield the pages of a listing."""
    while True:
        response = aws.call("servicecatalog", operation, parameters).response
        assert response is not None
        yield response[key]
        if "NextPageToken" not in response:
            return
        parameters = {**parameters, "PageToken": response["NextPageToken"]}


@pytest.mark.parametrize(
    ("size", "lengths"), [(None, [20, 20, 7]), (0, [20, 20, 7]), (20, [20, 20, 7]), (19, [19, 19, 9]), (1, [1] * 47)]
)
def test_pages_of_instances(aws: Botocore, size: int | None, lengths: list[int]) -> None:
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


def test_product_without_instances_has_an_empty_page(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.add_products([{"id": "pp-none"}])
    assert aws.call("servicecatalog", LIST, {"ProvisionedProductId": "pp-none"}).response == {"StackInstances": []}


@pytest.mark.parametrize("accounts", [20, 40])
def test_full_last_page_has_no_token(endpoint: MockEndpoint, aws: Botocore, accounts: int) -> None:
    endpoint.add_products([{"id": "pp-full", "matrix": matrix(accounts, "eu-west-1")}])
    listed = list(pages(aws, LIST, "StackInstances", {"ProvisionedProductId": "pp-full"}))
    assert [len(page) for page in listed] == [20] * (accounts // 20)


NOT_FOUND, INVALID, BAD = "ResourceNotFoundException", "InvalidParametersException", "ValidationException"


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        (LIST, {"ProvisionedProductId": "pp-missing"}, NOT_FOUND),
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
        (DESCRIBE, {"Id": "pp-missing"}, NOT_FOUND),
        (DESCRIBE, {"Name": "nothing"}, NOT_FOUND),
        (DESCRIBE, {"Id": "pp-abc", "Name": "guardrails"}, INVALID),
        (DESCRIBE, {}, INVALID),
        (DESCRIBE, {"Name": "-guardrails"}, BAD),
        (SEARCH, {"PageSize": 101}, BAD),
        (SEARCH, {"PageToken": ""}, BAD),
        (SEARCH, {"SortOrder": "UPWARD"}, BAD),
        (SEARCH, {"SortBy": "color"}, INVALID),
        (SEARCH, {"Filters": {"Query": ["type:CFN_STACKSET"]}}, BAD),
        (SEARCH, {"Filters": {"SearchQuery": ["CFN_STACKSET"]}}, INVALID),
        (SEARCH, {"Filters": {"SearchQuery": ["color:green"]}}, INVALID),
        (SEARCH, {"AccessLevelFilter": {"Key": "Everyone"}}, BAD),
        (SEARCH, {"AccessLevelFilter": {"Key": "Account", "Value": "123456789012"}}, INVALID),
    ],
)
def test_errors(aws: Botocore, operation: str, parameters: Json, code: str) -> None:
    outcome = aws.call("servicecatalog", operation, parameters)
    assert (outcome.code, outcome.response) == (code, None)
    assert outcome.message


def test_token_of_another_product_is_rejected(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.add_products([{"id": "pp-other", "matrix": matrix(30, "eu-west-1")}])
    first = aws.call("servicecatalog", LIST, {"ProvisionedProductId": "pp-abc"}).response
    assert first is not None
    foreign = {"ProvisionedProductId": "pp-other", "PageToken": first["NextPageToken"]}
    assert aws.call("servicecatalog", LIST, foreign).code == BAD


@pytest.mark.parametrize("key", [{"Id": "pp-abc"}, {"Name": "guardrails"}])
def test_describe(aws: Botocore, key: Json) -> None:
    response = aws.call("servicecatalog", DESCRIBE, key).response
    assert response is not None
    detail = response["ProvisionedProductDetail"]
    assert detail["Arn"] == "arn:aws:servicecatalog:us-east-1:123456789012:stack/guardrails/pp-abc"
    assert detail["CreatedTime"] == 1768464000.0
    assert {name: detail[name] for name in ("Id", "Name", "Type", "Status")} == {
        "Id": "pp-abc",
        "Name": "guardrails",
        "Type": "CFN_STACKSET",
        "Status": "AVAILABLE",
    }
    assert "StatusMessage" not in detail


def test_describe_returns_the_status_message(aws: Botocore) -> None:
    response = aws.call("servicecatalog", DESCRIBE, {"Id": "pp-stack"}).response
    assert response is not None
    assert response["ProvisionedProductDetail"]["StatusMessage"] == "It failed."


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
    parameters = {**ACCOUNT_LEVEL, "Filters": {"SearchQuery": terms}, "SortBy": "id"}
    response = aws.call("servicecatalog", SEARCH, parameters).response
    assert response is not None
    assert [product["Id"] for product in response["ProvisionedProducts"]] == ids
    assert response["TotalResultsCount"] == len(ids)


def test_search_returns_every_attribute(aws: Botocore) -> None:
    parameters = {**ACCOUNT_LEVEL, "Filters": {"SearchQuery": ["id:pp-abc"]}}
    response = aws.call("servicecatalog", SEARCH, parameters).response
    assert response is not None
    shape = aws.of("servicecatalog").meta.service_model.shape_for("ProvisionedProductAttribute")
    [product] = response["ProvisionedProducts"]
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
    response = Botocore(endpoint.url, keys).call("servicecatalog", SEARCH, {**levels, "SortBy": "id"}).response
    assert response is not None
    assert [product["Id"] for product in response["ProvisionedProducts"]] == ids


@pytest.mark.parametrize("sort_by", ["arn", "id", "name", "lastRecordId", "createdTime"])
@pytest.mark.parametrize("sort_order", ["ASCENDING", "DESCENDING"])
def test_sorted_search_pages_are_complete(endpoint: MockEndpoint, sort_by: str, sort_order: str) -> None:
    ids = [f"pp-{number:03}" for number in range(45)]
    endpoint.add_products([{"id": name, "created_time": f"2026-01-15T08:00:{name[-2:]}Z"} for name in reversed(ids)])
    parameters = {**ACCOUNT_LEVEL, "SortBy": sort_by, "SortOrder": sort_order}
    listed = list(pages(Botocore(endpoint.url), SEARCH, "ProvisionedProducts", parameters))
    assert [len(page) for page in listed] == [20, 20, 5]
    seen = [product["Id"] for page in listed for product in page]
    assert seen == (ids if sort_order == "ASCENDING" else ids[::-1])


def test_unsorted_search_pages_repeat_and_skip(endpoint: MockEndpoint) -> None:
    endpoint.add_products([{"id": f"pp-{number:03}"} for number in range(45)])
    listed = pages(Botocore(endpoint.url), SEARCH, "ProvisionedProducts", ACCOUNT_LEVEL)
    seen = [product["Id"] for page in listed for product in page]
    assert len(seen) == 45
    # Three shuffles are practically never complete by chance.
    assert len(set(seen)) < 45


def test_products_belong_to_an_account_and_region(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.add_products([{"id": "pp-region", "region": "eu-west-1"}, {"id": "pp-account", "account": "210987654321"}])
    for product in ("pp-region", "pp-account"):
        assert aws.call("servicecatalog", DESCRIBE, {"Id": product}).code == NOT_FOUND


@pytest.mark.parametrize(
    ("fields", "status", "errors"),
    [
        ({}, "SUCCEEDED", []),
        ({"status": "UNDER_CHANGE"}, "IN_PROGRESS", []),
        ({"status": "TAINTED", "record_errors": [{"Code": "x", "Description": "y"}]}, "FAILED", [("x", "y")]),
        ({"status": "UNDER_CHANGE", "record_status": "IN_PROGRESS_IN_ERROR"}, "IN_PROGRESS_IN_ERROR", []),
    ],
)
def test_record_follows_its_product(
    endpoint: MockEndpoint, aws: Botocore, fields: Json, status: str, errors: list[tuple[str, str]]
) -> None:
    endpoint.add_products([{"id": "pp-r", "record_id": "rec-r", **fields}])
    response = aws.call("servicecatalog", "DescribeRecord", {"Id": "rec-r"}).response
    assert response is not None
    record = response["RecordDetail"]
    assert (record["ProvisionedProductId"], record["Status"]) == ("pp-r", status)
    assert [(error["Code"], error["Description"]) for error in record.get("RecordErrors", [])] == errors


def test_version_has_a_name(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.add_products(
        [{"id": "pp-v", "provisioning_artifact_id": "pa-2", "provisioning_artifact_name": "v2", "region": "us-east-1"}]
    )
    described = aws.call("servicecatalog", DESCRIBE, {"Id": "pp-v"}).response
    assert described is not None
    version = {
        "ProductId": described["ProvisionedProductDetail"]["ProductId"],
        "ProvisioningArtifactId": described["ProvisionedProductDetail"]["ProvisioningArtifactId"],
    }
    found = aws.call("servicecatalog", "DescribeProvisioningArtifact", version).response
    assert found is not None
    assert found["ProvisioningArtifactDetail"]["Id"] == "pa-2"
    assert found["ProvisioningArtifactDetail"]["Name"] == "v2"


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("DescribeRecord", {"Id": "rec-unknown"}),
        ("DescribeProvisioningArtifact", {"ProductId": "prod-x", "ProvisioningArtifactId": "pa-unknown"}),
    ],
)
def test_unknown_records_and_versions_are_not_found(aws: Botocore, operation: str, parameters: Json) -> None:
    assert aws.call("servicecatalog", operation, parameters).code == "ResourceNotFoundException"
