# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.service_catalog import NotFoundError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import CallError, ServiceCatalogError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import options
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import ProductSearch
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.provisioned_product import FIELDS
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import provisioned_products
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read.provisioned_products import Found
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Script,
    connect,
    detail,
    error,
    json_response,
)

DESCRIBE = "DescribeProvisionedProduct"
SEARCH = "SearchProvisionedProducts"
GONE = error("ResourceNotFoundException", "Not there.")
EPOCH = 1768464000  # 2026-01-15T08:00:00Z


def find(**given: t.Any) -> Found:
    """Find products with these options, the names of which lack ``provisioned_product_``."""
    search = options.parse(
        ProductSearch, {f"provisioned_product_{k}" if k in ("ids", "names") else k: v for k, v in given.items()}
    )
    return provisioned_products.find(connect(concurrency=search.concurrency).service_catalog, search)


def found(*products: dict[str, t.Any], token: str | None = None) -> t.Any:
    return json_response(ProvisionedProducts=list(products), **({"NextPageToken": token} if token else {}))


def ids(result: Found) -> list[str]:
    return [product["id"] for product in result.provisioned_products]


def test_a_search_returns_every_field(aws: Script) -> None:
    tags = [{"Key": "team", "Value": "platform"}, {"Key": "CostCenter", "Value": ""}]
    aws.expect(SEARCH, found(detail("pp-a", "a", Tags=tags, CreatedTime=EPOCH, PhysicalId="SC-1-pp-a")))
    [product] = find().provisioned_products
    assert sorted(product) == sorted(FIELDS)
    assert product["tags"] == {"team": "platform", "CostCenter": ""}
    assert product["created_time"] == "2026-01-15T08:00:00+00:00"
    assert product["physical_id"] == "SC-1-pp-a"
    assert product["launch_role_arn"] is None


def test_ids_and_names_are_described_and_each_product_is_returned_once(aws: Script) -> None:
    aws.expect(
        f"{DESCRIBE} pp-b", json_response(ProvisionedProductDetail=detail("pp-b", "b", LaunchRoleArn="arn:role"))
    )
    aws.expect(f"{DESCRIBE} b", json_response(ProvisionedProductDetail=detail("pp-b", "b", LaunchRoleArn="arn:role")))
    aws.expect(f"{DESCRIBE} a", json_response(ProvisionedProductDetail=detail("pp-a", "a")))
    result = find(ids=["pp-b"], names=["b", "a"])
    assert ids(result) == ["pp-a", "pp-b"]
    assert result.provisioned_products[1]["launch_role_arn"] == "arn:role"
    assert result.provisioned_products[1]["tags"] is None
    assert set(aws.operations) == {DESCRIBE}


@pytest.mark.parametrize(
    ("options", "terms", "expected"),
    [
        ({}, None, ["pp-a", "pp-b", "pp-c"]),
        ({"types": ["CFN_STACK"]}, ["type:CFN_STACK"], ["pp-b"]),
        ({"types": ["CFN_STACK", "CFN_STACKSET"]}, None, ["pp-a", "pp-b", "pp-c"]),
        ({"types": []}, None, []),
        ({"statuses": []}, None, []),
        ({"statuses": ["TAINTED"]}, ["status:TAINTED"], ["pp-c"]),
        (
            {"search_query": ["tags:x"], "types": ["CFN_STACKSET"], "statuses": ["AVAILABLE", "ERROR"]},
            ["tags:x", "type:CFN_STACKSET"],
            ["pp-a"],
        ),
    ],
)
def test_filters_reduce_the_search_and_are_exact(
    aws: Script, options: dict[str, t.Any], terms: list[str] | None, expected: list[str]
) -> None:
    aws.expect(
        SEARCH,
        found(detail("pp-b", "b", "CFN_STACK"), detail("pp-a", "a"), detail("pp-c", "c", Status="TAINTED")),
    )
    assert ids(find(**options)) == expected
    assert aws.requests[0].parameters.get("Filters") == ({"SearchQuery": terms} if terms else None)


def test_filters_apply_to_ids_too(aws: Script) -> None:
    aws.expect(DESCRIBE, json_response(ProvisionedProductDetail=detail("pp-a", "a")))
    result = find(ids=["pp-a"], statuses=["TAINTED"], access_level="user")
    assert (result.provisioned_products, result.warnings) == ([], [])


@pytest.mark.parametrize(("level", "warns"), [("account", False), ("role", True), ("user", True)])
def test_an_empty_result_of_a_narrow_access_level_is_a_warning(aws: Script, level: str, warns: bool) -> None:
    aws.expect(SEARCH, found())
    warnings = find(access_level=level).warnings
    assert bool(warnings) is warns
    assert all(f"access_level={level}," in warning and "access_level=account" in warning for warning in warnings)


@pytest.mark.parametrize(("on_missing", "count"), [("warn", 2), ("skip", 0)])
def test_missing_products_are_skipped_if_wanted(aws: Script, on_missing: str, count: int) -> None:
    aws.expect(f"{DESCRIBE} pp-gone", GONE)
    aws.expect(f"{DESCRIBE} gone", GONE)
    aws.expect(f"{DESCRIBE} a", json_response(ProvisionedProductDetail=detail("pp-a", "a")))
    result = find(ids=["pp-gone"], names=["gone", "a"], on_missing=on_missing)
    assert ids(result) == ["pp-a"]
    assert len(result.warnings) == count


def test_a_missing_product_is_an_error_otherwise(aws: Script) -> None:
    aws.expect(DESCRIBE, GONE)
    with pytest.raises(NotFoundError, match="pp-gone"):
        find(ids=["pp-gone"])


def test_a_refused_search_is_reported_with_its_terms(aws: Script) -> None:
    aws.expect(SEARCH, error("InvalidParametersException", "Bad filter."))
    with pytest.raises(CallError) as caught:
        find(search_query=["color:red"])
    assert str(caught.value).startswith(
        "Failed to search for provisioned products with color:red: Bad filter (InvalidParametersException). A"
        " term consists of a field, a colon and a value; the fields are arn, createdTime, id, "
    )


def test_a_denied_search_is_one_message(aws: Script) -> None:
    aws.expect(SEARCH, error("AccessDeniedException", "No permission."))
    with pytest.raises(CallError, match="Failed to search for provisioned products: No permission"):
        find()


@pytest.mark.parametrize("empty", [{"ids": []}, {"names": []}, {"ids": "", "names": []}, {"search_query": []}])
def test_an_empty_list_finds_nothing_and_sends_no_request(aws: Script, empty: dict[str, t.Any]) -> None:
    assert find(**empty) == Found([], [])
    assert aws.requests == []


@pytest.mark.parametrize(("type_", "refused"), [(None, False), ("CFN_STACKSET", False), ("CFN_STACK", True)])
def test_only_stack_sets_have_stack_instances(type_: str | None, refused: bool) -> None:
    product = {"id": "pp-a", "name": None, "type": type_}
    if not refused:
        provisioned_products.require_stack_set(product)
        return
    with pytest.raises(ServiceCatalogError) as caught:
        provisioned_products.require_stack_set(product)
    assert str(caught.value) == (
        "Failed to list the stack instances of provisioned product pp-a: it has the type CFN_STACK. Only products of"
        " type CFN_STACKSET have stack instances."
    )
