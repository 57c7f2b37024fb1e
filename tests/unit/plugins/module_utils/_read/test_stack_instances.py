# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client as _client
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.service_catalog import NotFoundError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import (
    DamagedAnswerError,
    ServiceCatalogError,
)
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import from_options
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import stack_instances as _listing
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Script,
    detail,
    error,
    json_response,
    make_client,
    page,
)

LIST = "ListStackInstancesForProvisionedProduct"
DESCRIBE = "DescribeProvisionedProduct"
SEARCH = "SearchProvisionedProducts"
GONE = error("ResourceNotFoundException", "Not there.")
NOT_THERE = (
    "Not there (ResourceNotFoundException); look whether it exists in eu-west-1, in the account of these credentials"
)


def read(describe_products: bool = False, **options: t.Any) -> _listing.Listing:
    selection = from_options(options)
    clients = _client.connect(make_client, concurrency=selection.concurrency)
    return _listing.read(clients, selection, describe_products=describe_products)


def described(*arguments: t.Any, **more: t.Any) -> t.Any:
    return json_response(ProvisionedProductDetail=detail(*arguments, **more))


def products_of(listing: _listing.Listing) -> list[tuple[t.Any, ...]]:
    return [(p["id"], p["name"], p["status"], p["summary"]["total"]) for p in listing.provisioned_products]


def test_an_id_asks_for_nothing_but_its_instances(aws: Script) -> None:
    aws.expect(LIST, page([2, 1]))
    listing = read(provisioned_product_ids=["pp-a"])
    assert aws.operations == [LIST]
    assert [i["account"] for i in listing.stack_instances] == ["000000000001", "000000000002"]
    assert listing.stack_instances[0]["provisioned_product_name"] is None
    assert listing.provisioned_products == [
        {
            "id": "pp-a",
            "name": None,
            "type": None,
            "status": None,
            "status_message": None,
            "arn": None,
            "summary": {"total": 2, "current": 2, "outdated": 0, "inoperable": 0, "all_current": True},
        }
    ]


def test_describing_fills_in_what_an_id_leaves_open(aws: Script) -> None:
    aws.expect(DESCRIBE, described("pp-a", "guardrails", StatusMessage="Half done."))
    aws.expect(LIST, page([]))
    product = read(provisioned_product_ids=["pp-a"], describe_products=True).provisioned_products[0]
    assert (product["name"], product["type"], product["status"]) == ("guardrails", "CFN_STACKSET", "AVAILABLE")
    assert (product["status_message"], product["arn"]) == ("Half done.", "arn:pp-a")


def test_ids_and_names_mix_and_the_same_product_is_listed_once(aws: Script) -> None:
    aws.expect(f"{DESCRIBE} first", described("pp-a", "first"))
    aws.expect(f"{DESCRIBE} second", described("pp-c", "second"))
    aws.expect(f"{LIST} pp-a", page([1]))
    aws.expect(f"{LIST} pp-b", page([1, 2]))
    aws.expect(f"{LIST} pp-c", page([1, 2, 3]))
    listing = read(provisioned_product_ids=["pp-b", "pp-a"], provisioned_product_names=["second", "first"])
    assert products_of(listing) == [
        ("pp-a", "first", "AVAILABLE", 1),
        ("pp-b", None, None, 2),
        ("pp-c", "second", "AVAILABLE", 3),
    ]
    assert listing.summary["total"] == len(listing.stack_instances) == 6


def test_naming_nothing_discovers_stack_sets(aws: Script) -> None:
    aws.expect(SEARCH, json_response(ProvisionedProducts=[detail("pp-b", "b"), detail("pp-x", "x", "CFN_STACK")]))
    aws.expect(f"{LIST} pp-b", page([1]))
    listing = read(describe_products=True, access_level="user")
    assert products_of(listing) == [("pp-b", "b", "AVAILABLE", 1)]
    assert aws.operations == [SEARCH, LIST]
    assert aws.requests[0].parameters["AccessLevelFilter"] == {"Key": "User", "Value": "self"}


def test_a_discovery_that_finds_nothing_is_empty(aws: Script) -> None:
    aws.expect(SEARCH, json_response(ProvisionedProducts=[]))
    listing = read()
    assert (listing.stack_instances, listing.provisioned_products) == ([], [])
    assert listing.summary["all_current"] is False


def test_filters_shape_rows_and_both_summaries(aws: Script) -> None:
    aws.expect(LIST, page(range(5)))
    listing = read(provisioned_product_ids=["pp-a"], accounts=["000000000003"])
    assert [i["account"] for i in listing.stack_instances] == ["000000000003"]
    assert listing.summary["total"] == listing.provisioned_products[0]["summary"]["total"] == 1


def test_many_products_are_listed_whole_and_in_order(aws: Script) -> None:
    ids = [f"pp-{number:02d}" for number in range(40)]
    for number, product_id in enumerate(ids):
        aws.expect(f"{LIST} {product_id}", page(range(20), "t1"), page(range(20, 20 + number)))
    listing = read(provisioned_product_ids=ids[::-1], concurrency=16)
    assert [(p["id"], p["summary"]["total"]) for p in listing.provisioned_products] == [
        (product_id, 20 + number) for number, product_id in enumerate(ids)
    ]


@pytest.mark.parametrize(
    ("on_missing", "warnings"),
    [
        ("skip", []),
        (
            "warn",
            [
                f"Failed to describe provisioned product gone: {NOT_THERE}",
                f"Failed to list the stack instances of provisioned product pp-gone: {NOT_THERE}",
            ],
        ),
    ],
)
def test_missing_products_are_left_out_where_wanted(aws: Script, on_missing: str, warnings: list[str]) -> None:
    aws.expect(f"{DESCRIBE} gone", GONE)
    aws.expect(f"{LIST} pp-gone", GONE)
    aws.expect(f"{LIST} pp-a", page([1]))
    listing = read(
        provisioned_product_ids=["pp-gone", "pp-a"], provisioned_product_names=["gone"], on_missing=on_missing
    )
    assert [p["id"] for p in listing.provisioned_products] == ["pp-a"]
    assert listing.warnings == warnings


@pytest.mark.parametrize("describe_products", [False, True])
def test_a_missing_product_is_an_error_otherwise(aws: Script, describe_products: bool) -> None:
    aws.expect(DESCRIBE if describe_products else LIST, GONE)
    with pytest.raises(NotFoundError, match="pp-gone"):
        read(provisioned_product_ids=["pp-gone"], describe_products=describe_products)


def test_a_product_known_to_be_no_stack_set_is_not_listed(aws: Script) -> None:
    aws.expect(DESCRIBE, described("pp-a", "bucket", "CFN_STACK"))
    with pytest.raises(ServiceCatalogError) as caught:
        read(provisioned_product_names=["bucket"])
    assert str(caught.value) == (
        "Failed to list the stack instances of provisioned product bucket (pp-a): it is of type CFN_STACK, and only"
        " those of type CFN_STACKSET have stack instances"
    )


def test_one_product_that_fails_fails_the_whole(aws: Script) -> None:
    aws.expect(f"{LIST} pp-a", page([1]))
    aws.expect(f"{LIST} pp-b", page([1], "t1"), json_response(NextPageToken="t2"))
    with pytest.raises(DamagedAnswerError, match="pp-b"):
        read(provisioned_product_ids=["pp-a", "pp-b"], concurrency=1)
