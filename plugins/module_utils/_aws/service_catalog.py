# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API calls to Service Catalog. Private to this collection."""

from __future__ import annotations

import re
import typing as t

from .._errors import CallError, MalformedResponseError, quote
from . import paging
from .paging import Entry

if t.TYPE_CHECKING:
    from .client import Client

STACK_SET_TYPE = "CFN_STACKSET"
_STACK_INSTANCES = paging.Operation(
    "list_stack_instances_for_provisioned_product", "StackInstances", ("Account", "Region", "StackInstanceStatus")
)
_PROVISIONED_PRODUCTS = paging.Operation("search_provisioned_products", "ProvisionedProducts", ("Id", "Name", "Type"))
_ID_OF_AWS = re.compile("pp-[a-z0-9]{13}")
SEARCH_PAGE_SIZE = 100  # the maximum of SearchProvisionedProducts in botocore's model
# The fields of a search term, from the API reference of SearchProvisionedProducts.
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
    """The provisioned product has another type, and no stack instances."""


class NotFoundError(CallError):
    """The provisioned product does not exist, or this identity has no access to it."""

    def __init__(self, error: CallError, client: Client, hint: str) -> None:
        self._client, self._hint = client, hint
        super().__init__(error.message, error.exception, self._where("the account of these credentials"))

    def identify(self) -> None:
        """Complete the advice with the account and the identity, which requires a further request."""
        identity = self._client.identify()
        if identity:
            self.advice = self._where(identity)

    def _where(self, account: str) -> str:
        return f"Verify that it exists in {self._client.region}, in {account}{self._hint}"


def stack_instance_pages(
    client: Client, product_id: str, label: str, *, page_size: int, accept_language: str | None
) -> t.Iterator[list[Entry]]:
    """Read the pages of ListStackInstancesForProvisionedProduct.

    Args:
        client: The client.
        product_id: The ID of the provisioned product.
        label: The product in messages.
        page_size: The number of entries on a page.
        accept_language: The language of messages.

    Yields:
        Lists of ``{"Account", "Region", "StackInstanceStatus"}``, all of them strings.

    Raises:
        NotFoundError, NoStackSetError, CallError: A call failed.
        MalformedResponseError: The listing cannot be complete.
    """
    description = f"list the stack instances of provisioned product {label}"
    has_begun = False
    try:
        for page in paging.pages(
            client,
            _STACK_INSTANCES,
            description,
            ProvisionedProductId=product_id,
            PageSize=page_size,
            AcceptLanguage=accept_language,
        ):
            has_begun = True
            yield page.entries
    except CallError as e:
        if e.code == "InvalidParametersException" and not has_begun:
            # The likely response for a product of another type; nobody has verified it.
            advice = f"Only provisioned products of type {STACK_SET_TYPE} have stack instances"
            raise NoStackSetError(e.message, e.exception, advice) from e
        _raise_if_not_found(e, client, product_id=product_id)
        raise


def provisioned_product(
    client: Client, *, product_id: str | None = None, name: str | None = None, accept_language: str | None
) -> Entry:
    """Return ``ProvisionedProductDetail`` of DescribeProvisionedProduct, which takes either an ID or a name.

    Raises:
        NotFoundError, CallError: The call failed.
        MalformedResponseError: The response is incomplete, or about another product.
    """
    description = f"describe provisioned product {quote(product_id or name)}"
    try:
        response = client.call(
            "describe_provisioned_product", description, Id=product_id, Name=name, AcceptLanguage=accept_language
        )
    except CallError as e:
        _raise_if_not_found(e, client, product_id=product_id, name=name)
        raise
    [detail] = paging.entries([response.get("ProvisionedProductDetail")], ("Id", "Name", "Type"), description)
    paging.require_model(client, "ProvisionedProductDetail", [detail], description)
    if product_id is not None and detail["Id"] != product_id:
        raise MalformedResponseError(f"Failed to {description}: the response is about {quote(detail['Id'])}")
    if name is not None and detail["Name"] != name:
        raise MalformedResponseError(f"Failed to {description}: the response is about {quote(detail['Name'])}")
    return detail


def search_provisioned_products(
    client: Client, search_query: t.Sequence[str], *, access_level: str, accept_language: str | None
) -> list[Entry]:
    """Return every entry that SearchProvisionedProducts finds, sorted by ID, without duplicates.

    Without a sort order AWS returns a random order, in which pages repeat and omit entries (seen by users).

    Args:
        client: The client.
        search_query: Terms such as ``type:CFN_STACKSET``; none finds everything.
        access_level: ``account``, ``role`` or ``user``.
        accept_language: The language of messages.

    Raises:
        CallError: A call failed.
        MalformedResponseError: The listing cannot be complete.
    """
    terms = f" with {quote(', '.join(search_query))}" if search_query else ""
    description = f"search for provisioned products{terms}"
    pages = paging.pages(
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
            advice = f"A term consists of a field, a colon and a value; the fields are {', '.join(SEARCH_FIELDS)}"
            raise CallError(e.message, e.exception, advice) from e
        raise
    paging.require_model(client, "ProvisionedProductAttribute", found.values(), description)
    return [found[product_id] for product_id in sorted(found)]


def version_name(client: Client, product_id: str, version_id: str, *, accept_language: str | None) -> str:
    """Return the name of a version (provisioning artifact) of a product.

    DescribeProvisionedProduct returns only its ID.

    Raises:
        CallError: The call failed.
        MalformedResponseError: The response is incomplete.
    """
    description = f"describe version {quote(version_id)} of product {quote(product_id)}"
    response = client.call(
        "describe_provisioning_artifact",
        description,
        ProductId=product_id,
        ProvisioningArtifactId=version_id,
        AcceptLanguage=accept_language,
    )
    [detail] = paging.entries([response.get("ProvisioningArtifactDetail")], ("Id", "Name"), description)
    if detail["Id"] != version_id:
        raise MalformedResponseError(f"Failed to {description}: the response is about {quote(detail['Id'])}")
    return str(detail["Name"])


def record(client: Client, record_id: str, *, accept_language: str | None) -> Entry:
    """Return ``RecordDetail`` of DescribeRecord.

    Raises:
        CallError: The call failed.
        MalformedResponseError: The response is incomplete, or about another record.
    """
    description = f"describe record {quote(record_id)}"
    response = client.call("describe_record", description, Id=record_id, AcceptLanguage=accept_language)
    required = ("RecordId", "Status", "ProvisionedProductId")
    [detail] = paging.entries([response.get("RecordDetail")], required, description)
    paging.require_model(client, "RecordDetail", [detail], description)
    if detail["RecordId"] != record_id:
        raise MalformedResponseError(f"Failed to {description}: the response is about {quote(detail['RecordId'])}")
    return detail


def _raise_if_not_found(error: CallError, client: Client, *, product_id: str | None, name: str | None = None) -> None:
    if error.code != "ResourceNotFoundException":
        return
    hint = ""
    if name is not None and _ID_OF_AWS.fullmatch(name):
        hint = ". The name looks like an ID, which you specify in provisioned_product_ids"
    elif product_id is not None and not product_id.startswith("pp-"):
        hint = ". IDs start with pp-; specify names in provisioned_product_names"
    raise NotFoundError(error, client, hint) from error
