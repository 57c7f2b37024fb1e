# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client as _client
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.service_catalog import NotFoundError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import CallError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import (
    product_search_from_options,
)
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import provisioned_products as _products
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Script,
    detail,
    error,
    json_response,
    make_client,
)

DESCRIBE = "DescribeProvisionedProduct"
SEARCH = "SearchProvisionedProducts"
GONE = error("ResourceNotFoundException", "Not there.")
EPOCH = 1768464000  # 2026-01-15T08:00:00Z


def find(**options: t.Any) -> _products.Found:
    search = product_search_from_options(options)
    clients = _client.connect(make_client, concurrency=search.concurrency)
    return _products.find(clients.service_catalog, search)


def found(*products: dict[str, t.Any], token: str | None = None) -> t.Any:
    return json_response(ProvisionedProducts=list(products), **({"NextPageToken": token} if token else {}))


def ids(answer: _products.Found) -> list[str]:
    return [product["id"] for product in answer.provisioned_products]


def test_a_search_gives_every_field(aws: Script) -> None:
    tags = [{"Key": "team", "Value": "platform"}, {"Key": "CostCenter", "Value": ""}]
    aws.expect(SEARCH, found(detail("pp-a", "a", Tags=tags, CreatedTime=EPOCH, PhysicalId="SC-1-pp-a")))
    [product] = find().provisioned_products
    assert sorted(product) == sorted(_products.FIELDS)
    assert product["tags"] == {"team": "platform", "CostCenter": ""}
    assert product["created_time"] == "2026-01-15T08:00:00+00:00"
    assert product["physical_id"] == "SC-1-pp-a"
    assert product["launch_role_arn"] is None


def test_ids_and_names_are_described_and_a_product_comes_once(aws: Script) -> None:
    aws.expect(
        f"{DESCRIBE} pp-b", json_response(ProvisionedProductDetail=detail("pp-b", "b", LaunchRoleArn="arn:role"))
    )
    aws.expect(f"{DESCRIBE} b", json_response(ProvisionedProductDetail=detail("pp-b", "b", LaunchRoleArn="arn:role")))
    aws.expect(f"{DESCRIBE} a", json_response(ProvisionedProductDetail=detail("pp-a", "a")))
    answer = find(ids=["pp-b"], names=["b", "a"])
    assert ids(answer) == ["pp-a", "pp-b"]
    assert answer.provisioned_products[1]["launch_role_arn"] == "arn:role"
    assert answer.provisioned_products[1]["tags"] is None
    assert set(aws.operations) == {DESCRIBE}


@pytest.mark.parametrize(
    ("options", "terms", "expected"),
    [
        ({}, None, ["pp-a", "pp-b", "pp-c"]),
        ({"types": ["CFN_STACK"]}, ["type:CFN_STACK"], ["pp-b"]),
        ({"types": ["CFN_STACK", "CFN_STACKSET"]}, None, ["pp-a", "pp-b", "pp-c"]),
        ({"types": []}, None, []),
        ({"statuses": ["TAINTED"]}, ["status:TAINTED"], ["pp-c"]),
        (
            {"search_query": ["tags:x"], "types": ["CFN_STACKSET"], "statuses": ["AVAILABLE", "ERROR"]},
            ["tags:x", "type:CFN_STACKSET"],
            ["pp-a"],
        ),
    ],
)
def test_filters_narrow_the_search_down_and_are_exact(
    aws: Script, options: dict[str, t.Any], terms: list[str] | None, expected: list[str]
) -> None:
    aws.expect(
        SEARCH,
        found(detail("pp-b", "b", "CFN_STACK"), detail("pp-a", "a"), detail("pp-c", "c", Status="TAINTED")),
    )
    assert ids(find(**options)) == expected
    assert aws.requests[0].parameters.get("Filters") == ({"SearchQuery": terms} if terms else None)


def test_filters_hold_for_ids_too(aws: Script) -> None:
    aws.expect(DESCRIBE, json_response(ProvisionedProductDetail=detail("pp-a", "a")))
    answer = find(ids=["pp-a"], statuses=["TAINTED"], access_level="user")
    assert (answer.provisioned_products, answer.warnings) == ([], [])


@pytest.mark.parametrize(("level", "warns"), [("account", False), ("role", True), ("user", True)])
def test_an_empty_answer_at_a_narrow_level_tells_of_others(aws: Script, level: str, warns: bool) -> None:
    aws.expect(SEARCH, found())
    warnings = find(access_level=level).warnings
    assert bool(warnings) is warns
    assert all(f"access_level {level}" in warning and "access_level account" in warning for warning in warnings)


@pytest.mark.parametrize(("on_missing", "count"), [("warn", 2), ("skip", 0)])
def test_missing_products_are_left_out_where_wanted(aws: Script, on_missing: str, count: int) -> None:
    aws.expect(f"{DESCRIBE} pp-gone", GONE)
    aws.expect(f"{DESCRIBE} gone", GONE)
    aws.expect(f"{DESCRIBE} a", json_response(ProvisionedProductDetail=detail("pp-a", "a")))
    answer = find(ids=["pp-gone"], names=["gone", "a"], on_missing=on_missing)
    assert ids(answer) == ["pp-a"]
    assert len(answer.warnings) == count


def test_a_missing_product_is_an_error_otherwise(aws: Script) -> None:
    aws.expect(DESCRIBE, GONE)
    with pytest.raises(NotFoundError, match="pp-gone"):
        find(ids=["pp-gone"])


def test_a_search_that_aws_refuses_names_its_terms(aws: Script) -> None:
    aws.expect(SEARCH, error("InvalidParametersException", "Bad filter."))
    with pytest.raises(CallError) as caught:
        find(search_query=["colour:red"])
    assert str(caught.value).startswith(
        "Failed to search for provisioned products with colour:red: Bad filter (InvalidParametersException);"
        " a term has one of the fields arn, createdTime, id, "
    )


def test_a_denied_search_is_one_sentence(aws: Script) -> None:
    aws.expect(SEARCH, error("AccessDeniedException", "You may not."))
    with pytest.raises(CallError, match="Failed to search for provisioned products: You may not"):
        find()
