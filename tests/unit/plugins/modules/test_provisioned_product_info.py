# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.modules import provisioned_product_info
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Script,
    detail,
    error,
    json_response,
    run_module,
)

DESCRIBE = "DescribeProvisionedProduct"
SEARCH = "SearchProvisionedProducts"

Run = t.Callable[..., t.Dict[str, t.Any]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return lambda **arguments: run_module(provisioned_product_info, capsys, arguments)


def test_products_are_sorted_by_id(aws: Script, run: Run) -> None:
    aws.expect(SEARCH, json_response(ProvisionedProducts=[detail("pp-b", "b"), detail("pp-a", "a")]))
    result = run(types="CFN_STACKSET", _ansible_check_mode=True)
    assert result["changed"] is False
    assert [product["name"] for product in result["provisioned_products"]] == ["a", "b"]


def test_warnings_are_returned(aws: Script, run: Run) -> None:
    aws.expect(SEARCH, json_response(ProvisionedProducts=[]))
    result = run(access_level="role")
    assert result["provisioned_products"] == []
    assert "access_level=account also returns others" in str(result["warnings"])


@pytest.mark.parametrize(("ids", "names"), [("ids", "names"), ("provisioned_product_ids", "provisioned_product_names")])
def test_ids_and_names_can_be_mixed_and_have_short_aliases(aws: Script, run: Run, ids: str, names: str) -> None:
    aws.expect(f"{DESCRIBE} pp-b", json_response(ProvisionedProductDetail=detail("pp-b", "b")))
    aws.expect(f"{DESCRIBE} a", json_response(ProvisionedProductDetail=detail("pp-a", "a")))
    products = run(**{ids: ["pp-b"], names: ["a"]})["provisioned_products"]
    assert [product["id"] for product in products] == ["pp-a", "pp-b"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"ids": []},
        {"provisioned_product_ids": []},
        {"names": []},
        {"provisioned_product_names": ""},
        {"ids": [], "names": []},
        {"search_query": []},
        {"search_query": [], "types": ["CFN_STACKSET"]},
    ],
)
def test_an_empty_list_finds_nothing_and_calls_nothing(aws: Script, run: Run, arguments: dict[str, t.Any]) -> None:
    assert run(**arguments)["provisioned_products"] == []
    assert aws.requests == []


@pytest.mark.parametrize("arguments", [{"types": []}, {"statuses": []}])
def test_an_empty_filter_keeps_nothing(aws: Script, run: Run, arguments: dict[str, t.Any]) -> None:
    aws.expect(SEARCH, json_response(ProvisionedProducts=[detail("pp-a", "a")]))
    assert run(**arguments)["provisioned_products"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"ids": ["pp-a"], "search_query": ["name:a"]},
            "search_query cannot be combined with provisioned_product_ids or provisioned_product_names",
        ),
        ({"names": [], "search_query": ["name:a"]}, "search_query cannot be combined with"),
        ({"search_query": ["tainted"]}, "search_query contains 'tainted', but a term consists of a field, a colon and"),
        ({"statuses": ["CURRENT"]}, "must be one or more of: AVAILABLE"),
        ({"names": 2024.10}, "names must contain strings, but contains the number 2024.1. Quote it in YAML"),
        ({"ids": [7]}, "ids must contain strings, but contains the number 7. Quote it in YAML"),
        (
            {"names": ["a b"]},
            "provisioned_product_names contains 'a b', which is not the name of a provisioned product",
        ),
    ],
)
def test_invalid_options_are_one_message(aws: Script, run: Run, arguments: dict[str, t.Any], message: str) -> None:
    result = run(**arguments)
    assert result["failed"] is True
    assert message in result["msg"]
    assert "\n" not in result["msg"]
    assert aws.requests == []


def test_a_missing_product_is_one_message_with_the_error_of_aws(aws: Script, run: Run) -> None:
    aws.expect(DESCRIBE, error("ResourceNotFoundException", "Not there."))
    result = run(names=["gone"])
    assert result["msg"].startswith(
        "Failed to describe provisioned product gone: Not there (ResourceNotFoundException). Verify that it exists in"
        " eu-west-1"
    )
    assert result["error"]["code"] == "ResourceNotFoundException"
    assert result["retryable"] is False


def test_braces_in_a_term_are_reported_as_they_are(aws: Script, run: Run) -> None:
    aws.expect(SEARCH, error("AccessDeniedException", "You may not search {0} {x}."))
    result = run(search_query=["name:a{0}{b}"])
    assert result["msg"].startswith(
        "Failed to search for provisioned products with name:a{0}{b}: You may not search {0} {x} (AccessDenied"
    )
