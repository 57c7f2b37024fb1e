# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls to Service Catalog, page by page, and nothing else. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client as _client
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import paging as _paging
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.paging import Entry
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import (
    CallError,
    DamagedAnswerError,
    quote,
)

if t.TYPE_CHECKING:
    from botocore.client import BaseClient

STACK_SET_TYPE = "CFN_STACKSET"
_STACK_INSTANCES = _paging.Operation(
    "list_stack_instances_for_provisioned_product", "StackInstances", ("Account", "Region", "StackInstanceStatus")
)
_PROVISIONED_PRODUCTS = _paging.Operation("search_provisioned_products", "ProvisionedProducts", ("Id", "Name", "Type"))
SEARCH_PAGE_SIZE = 100  # SearchProvisionedProducts, by botocore's model
# What a search term may look at, by the API reference of SearchProvisionedProducts.
SEARCH_FIELDS = (
    "arn",
    "createdTime",
    "id",
    "idempotencyToken",
    "lastProvisioningRecordId",
    "lastRecordId",
    "lastSuccessfulProvisioningRecordId",
    "name",
    "physicalId",
    "productId",
    "productName",
    "provisioningArtifactId",
    "provisioningArtifactName",
    "status",
    "tags",
    "type",
    "userArn",
    "userArnSession",
)


class NoStackSetError(CallError):
    """A product of another type, which has no stack instances."""


class NotFoundError(CallError):
    """A provisioned product that does not exist, or that this identity can't see."""


def stack_instance_pages(
    client: BaseClient, product_id: str, label: str, *, page_size: int, accept_language: str | None
) -> t.Iterator[list[Entry]]:
    """The pages of ListStackInstancesForProvisionedProduct, each a list of C({"Account", "Region",
    "StackInstanceStatus"}), all of them strings.

    One after another, as a page's token comes with the page before (botocore's model). O(label) names the product
    in messages. Raises NotFoundError, NoStackSetError, CallError and DamagedAnswerError.
    """
    description = f"list the stack instances of provisioned product {label}"
    begun = False
    try:
        for page in _paging.pages(
            client,
            _STACK_INSTANCES,
            description,
            ProvisionedProductId=product_id,
            PageSize=page_size,
            AcceptLanguage=accept_language,
        ):
            begun = True
            yield page.entries
    except CallError as e:
        if e.code == "InvalidParametersException" and not begun:
            # Not verified against AWS: the likely answer for a product of another type.
            advice = f"only provisioned products of type {STACK_SET_TYPE} have stack instances"
            raise NoStackSetError(e.message, e.exception, advice) from e
        _raise_if_not_found(e, client)
        raise


def provisioned_product(
    client: BaseClient, *, product_id: str | None = None, name: str | None = None, accept_language: str | None
) -> Entry:
    """C(ProvisionedProductDetail) of DescribeProvisionedProduct, by id or by name: it takes only one of them.

    Raises NotFoundError, CallError and DamagedAnswerError.
    """
    description = f"describe provisioned product {quote(product_id or name)}"
    try:
        answer = _client.call(
            client,
            "describe_provisioned_product",
            description,
            Id=product_id,
            Name=name,
            AcceptLanguage=accept_language,
        )
    except CallError as e:
        _raise_if_not_found(e, client)
        raise
    [detail] = _paging.entries([answer.get("ProvisionedProductDetail")], ("Id", "Name", "Type"), description)
    _paging.require_model(client, "ProvisionedProductDetail", [detail], description)
    if product_id is not None and detail["Id"] != product_id:
        raise DamagedAnswerError(f"Failed to {description}: AWS' answer is about {quote(detail['Id'])}")
    return detail


def search_provisioned_products(
    client: BaseClient, search_query: t.Sequence[str], *, access_level: str, accept_language: str | None
) -> list[Entry]:
    """Every C(ProvisionedProducts) entry that SearchProvisionedProducts finds, sorted by id, each once.

    O(access_level) is account, role or user. Without a sort order AWS' order is random, and pages repeat and skip
    entries (seen by users of the service). Raises CallError and DamagedAnswerError.
    """
    terms = f" with {quote(', '.join(search_query))}" if search_query else ""
    description = f"search for provisioned products{terms}"
    pages = _paging.pages(
        client,
        _PROVISIONED_PRODUCTS,
        description,
        Filters={"SearchQuery": list(search_query)} if search_query else None,
        AccessLevelFilter={"Key": access_level.capitalize(), "Value": "self"},
        SortBy="id",
        SortOrder="ASCENDING",
        PageSize=SEARCH_PAGE_SIZE,
        AcceptLanguage=accept_language,
    )
    try:
        found = {product["Id"]: product for page in pages for product in page.entries}
    except CallError as e:
        if e.code == "InvalidParametersException":
            raise CallError(e.message, e.exception, f"a term has one of the fields {', '.join(SEARCH_FIELDS)}") from e
        raise
    _paging.require_model(client, "ProvisionedProductAttribute", found.values(), description)
    return [found[product_id] for product_id in sorted(found)]


def _raise_if_not_found(error: CallError, client: BaseClient) -> None:
    if error.code == "ResourceNotFoundException":
        advice = f"look whether it exists in {client.meta.region_name}, in the account of these credentials"
        raise NotFoundError(error.message, error.exception, advice) from error
