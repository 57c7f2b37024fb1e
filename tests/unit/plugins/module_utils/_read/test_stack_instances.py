# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.service_catalog import NotFoundError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import (
    MalformedResponseError,
    ServiceCatalogError,
)
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import options
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Query
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.provisioned_product import LISTED_FIELDS
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import stack_instances
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read.stack_instances import Listing
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
GONE = error("ResourceNotFoundException", "Not there.")
NOT_THERE = (
    "Not there (ResourceNotFoundException). Verify that it exists in eu-west-1, in the account of these credentials."
)


def read(describe_products: bool = False, **given: t.Any) -> Listing:
    query = options.parse(Query, given)
    return stack_instances.read(connect(concurrency=query.concurrency), query, describe_products=describe_products)


def described(*arguments: t.Any, **more: t.Any) -> t.Any:
    return json_response(ProvisionedProductDetail=detail(*arguments, **more))


def products_of(listing: Listing) -> list[tuple[t.Any, ...]]:
    return [(p["id"], p["name"], p["status"], p["summary"]["total"]) for p in listing.provisioned_products]


def test_an_id_only_lists_its_stack_instances(aws: Script) -> None:
    aws.expect(LIST, page([2, 1]))
    listing = read(provisioned_product_ids=["pp-a"])
    assert aws.operations == [LIST]
    assert [i["account"] for i in listing.stack_instances] == ["000000000001", "000000000002"]
    assert listing.stack_instances[0]["provisioned_product_name"] is None
    assert listing.provisioned_products == [
        {
            **dict.fromkeys(LISTED_FIELDS),
            "id": "pp-a",
            "summary": {"total": 2, "current": 2, "outdated": 0, "inoperable": 0, "other": 0, "all_current": True},
        }
    ]


def test_a_described_product_has_a_name_and_a_status(aws: Script) -> None:
    aws.expect(DESCRIBE, described("pp-a", "guardrails", StatusMessage="Half done.", ProvisioningArtifactId="pa-1"))
    aws.expect(LIST, page([]))
    product = read(provisioned_product_ids=["pp-a"], describe_products=True).provisioned_products[0]
    assert (product["name"], product["type"], product["status"]) == ("guardrails", "CFN_STACKSET", "AVAILABLE")
    assert (product["status_message"], product["arn"]) == ("Half done.", "arn:pp-a")
    assert (product["provisioning_artifact_id"], product["provisioning_artifact_name"]) == ("pa-1", None)


def test_ids_and_names_can_be_combined_and_each_product_is_listed_once(aws: Script) -> None:
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


def test_without_names_all_stack_sets_are_listed(aws: Script) -> None:
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


def test_filters_apply_to_rows_and_both_summaries(aws: Script) -> None:
    aws.expect(LIST, page(range(5)))
    listing = read(provisioned_product_ids=["pp-a"], accounts=["000000000003"])
    assert [i["account"] for i in listing.stack_instances] == ["000000000003"]
    assert listing.summary["total"] == listing.provisioned_products[0]["summary"]["total"] == 1


def test_many_products_are_listed_completely_and_in_order(aws: Script) -> None:
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
def test_missing_products_are_skipped_if_wanted(aws: Script, on_missing: str, warnings: list[str]) -> None:
    aws.expect(f"{DESCRIBE} gone", GONE)
    aws.expect(f"{LIST} pp-gone", GONE)
    aws.expect(f"{LIST} pp-a", page([1]))
    listing = read(
        provisioned_product_ids=["pp-gone", "pp-a"], provisioned_product_names=["gone"], on_missing=on_missing
    )
    assert [p["id"] for p in listing.provisioned_products] == ["pp-a"]
    assert listing.warnings == warnings
    assert listing.summary["all_current"] is False


@pytest.mark.parametrize("describe_products", [False, True])
def test_a_missing_product_is_an_error_otherwise(aws: Script, describe_products: bool) -> None:
    aws.expect(DESCRIBE if describe_products else LIST, GONE)
    with pytest.raises(NotFoundError, match="pp-gone"):
        read(provisioned_product_ids=["pp-gone"], describe_products=describe_products)


def test_a_product_that_is_known_to_be_no_stack_set_is_not_listed(aws: Script) -> None:
    aws.expect(DESCRIBE, described("pp-a", "bucket", "CFN_STACK"))
    with pytest.raises(ServiceCatalogError) as caught:
        read(provisioned_product_names=["bucket"])
    assert str(caught.value) == (
        "Failed to list the stack instances of provisioned product bucket (pp-a): it has the type CFN_STACK. Only"
        " products of type CFN_STACKSET have stack instances."
    )


def test_a_failure_of_one_product_is_a_failure_of_all(aws: Script) -> None:
    aws.expect(f"{LIST} pp-a", page([1]))
    aws.expect(f"{LIST} pp-b", page([1], "t1"), json_response(NextPageToken="t2"))
    with pytest.raises(MalformedResponseError, match="pp-b"):
        read(provisioned_product_ids=["pp-a", "pp-b"], concurrency=1)


def rows(*statuses: str) -> Response:
    """Return a page of stack instances in the accounts 1, 2, ... with these statuses."""
    return json_response(StackInstances=[stack_instance(number, status) for number, status in enumerate(statuses, 1)])


@pytest.mark.parametrize(
    "empty",
    [
        {"provisioned_product_ids": []},
        {"provisioned_product_names": []},
        {"provisioned_product_ids": "", "provisioned_product_names": []},
    ],
)
@pytest.mark.parametrize("source", ["servicecatalog", "cloudformation", "auto"])
@pytest.mark.parametrize("describe_products", [False, True])
def test_an_empty_selection_lists_nothing_and_sends_no_request(
    aws: Script, empty: dict[str, t.Any], source: str, describe_products: bool
) -> None:
    listing = read(describe_products, source=source, **empty)
    assert (listing.stack_instances, listing.provisioned_products, listing.missing) == ([], [], [])
    assert listing.summary["all_current"] is False
    assert aws.requests == []


@pytest.mark.parametrize("empty", [{"accounts": []}, {"regions": []}, {"statuses": []}])
def test_an_empty_filter_keeps_nothing(aws: Script, empty: dict[str, t.Any]) -> None:
    aws.expect(LIST, page([1, 2]))
    listing = read(provisioned_product_ids=["pp-a"], **empty)
    assert listing.stack_instances == []
    assert listing.summary["total"] == 0


@pytest.mark.parametrize("duplicate", [("OUTDATED", "CURRENT"), ("CURRENT", "OUTDATED")])
def test_the_worse_of_two_rows_of_a_stack_instance_is_kept(aws: Script, duplicate: tuple[str, str]) -> None:
    aws.expect(LIST, json_response(StackInstances=[stack_instance(1, status) for status in duplicate]))
    listing = read(provisioned_product_ids=["pp-a"])
    assert [instance["stack_instance_status"] for instance in listing.stack_instances] == ["OUTDATED"]
    assert listing.summary["all_current"] is False


def test_a_product_without_stack_instances_is_not_current(aws: Script) -> None:
    aws.expect(f"{LIST} pp-a", page([1]))
    aws.expect(f"{LIST} pp-b", page([]))
    listing = read(provisioned_product_ids=["pp-a", "pp-b"])
    assert [product["summary"]["all_current"] for product in listing.provisioned_products] == [True, False]
    assert listing.summary["all_current"] is False


@pytest.mark.parametrize(
    ("given", "total"),
    [
        ({"statuses": ["CURRENT"]}, 1),
        ({"not_current": True}, 2),
        ({"statuses": ["INOPERABLE"], "not_current": True}, 0),
    ],
)
def test_a_filter_by_status_does_not_change_the_verdict(aws: Script, given: dict[str, t.Any], total: int) -> None:
    aws.expect(LIST, rows("CURRENT", "OUTDATED", "PAUSED"))
    listing = read(provisioned_product_ids=["pp-a"], **given)
    assert len(listing.stack_instances) == listing.summary["total"] == total
    assert listing.summary["all_current"] is False


def test_what_was_named_and_does_not_exist_is_missing_in_each_product(aws: Script) -> None:
    aws.expect(f"{LIST} pp-a", page([1, 2]))
    aws.expect(f"{LIST} pp-b", page([1]))
    listing = read(
        provisioned_product_ids=["pp-a", "pp-b"], accounts=["000000000001", "000000000002"], regions=["eu-west-1"]
    )
    assert [
        (row["provisioned_product_id"], row["account"], row["region"], row["stack_instance_status"])
        for row in listing.missing
    ] == [("pp-b", "000000000002", "eu-west-1", "MISSING")]
    # It is no row of the listing, but the product is not complete.
    assert len(listing.stack_instances) == listing.summary["total"] == 3
    assert [product["summary"]["all_current"] for product in listing.provisioned_products] == [True, False]
    assert listing.summary["all_current"] is False


def test_a_stack_instance_that_a_filter_by_status_removes_is_not_missing(aws: Script) -> None:
    aws.expect(LIST, rows("OUTDATED"))
    listing = read(provisioned_product_ids=["pp-a"], accounts=["000000000001"], statuses=["CURRENT"])
    assert (listing.stack_instances, listing.missing) == ([], [])


def test_excluded_accounts_are_neither_listed_nor_present(aws: Script) -> None:
    aws.expect(LIST, page([1, 2]))
    listing = read(provisioned_product_ids=["pp-a"], exclude_accounts=["000000000001"], regions=["eu-west-1"])
    assert [instance["account"] for instance in listing.stack_instances] == ["000000000002"]
    assert listing.missing == []
    aws.expect(LIST, page([1]))
    listing = read(provisioned_product_ids=["pp-a"], exclude_accounts=["000000000001"], regions=["eu-west-1"])
    assert [(row["account"], row["region"]) for row in listing.missing] == [("*", "eu-west-1")]
