# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Provisioned products, by id, by name or by a search, whole or an error. Private to this collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from datetime import datetime, timezone

from ansible_collections.amazon.aws.plugins.module_utils.transformation import boto3_resource_to_ansible_dict

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import service_catalog as _service_catalog
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.paging import Entry
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.service_catalog import NotFoundError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import ServiceCatalogError, quote
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read.concurrency import side_by_side

if t.TYPE_CHECKING:
    from botocore.client import BaseClient

    from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import (
        ProductSearch,
        Selection,
    )

ProvisionedProduct = t.Dict[str, t.Any]

# What DescribeProvisionedProduct and SearchProvisionedProducts tell of a product, by botocore's model; neither tells
# all of it.
FIELDS = (
    "arn",
    "created_time",
    "id",
    "idempotency_token",
    "last_provisioning_record_id",
    "last_record_id",
    "last_successful_provisioning_record_id",
    "launch_role_arn",
    "name",
    "physical_id",
    "product_id",
    "product_name",
    "provisioning_artifact_id",
    "provisioning_artifact_name",
    "status",
    "status_message",
    "tags",
    "type",
    "user_arn",
    "user_arn_session",
)


@dataclass(frozen=True)
class Found:
    """The answer to a search, in its whole."""

    provisioned_products: list[ProvisionedProduct]
    """AWS' fields in snake_case, sorted by id; what the call that was made does not tell is None."""
    warnings: list[str]
    """A sentence for each thing that the user should know of, though it is no error."""


def find(client: BaseClient, search: ProductSearch) -> Found:
    """The provisioned products that the search asks for.

    Ids and names cost one DescribeProvisionedProduct each; without any, SearchProvisionedProducts finds them. Raises
    CallError (among them NotFoundError) and DamagedAnswerError.
    """
    warnings: list[str] = []
    if search.ids or search.names:
        entries, missing = _described(client, search)
        warnings += missing_as_warnings(search, missing)
    else:
        entries = _service_catalog.search_provisioned_products(
            client, _query(search), access_level=search.access_level, accept_language=search.accept_language
        )
    products = {entry["Id"]: _as_dict(entry) for entry in entries if _wanted(entry, search)}
    if not products and not (search.ids or search.names) and search.access_level != "account":
        warnings.append(
            f"No provisioned product was found at access_level {search.access_level}, which shows only those of the"
            f" {search.access_level} that asks; access_level account shows those of others too"
        )
    return Found([products[product_id] for product_id in sorted(products)], warnings)


def _described(client: BaseClient, search: ProductSearch) -> tuple[list[Entry], list[NotFoundError]]:
    """C(ProvisionedProductDetail) of each id and name, and the errors of those that are missing."""

    def describe(wanted: tuple[str, str], check: t.Callable[[], None]) -> Entry | NotFoundError:
        check()
        try:
            return _service_catalog.provisioned_product(
                client, accept_language=search.accept_language, **dict([wanted])
            )
        except NotFoundError as e:
            return tolerated(search, e)

    wanted = [("product_id", product_id) for product_id in search.ids] + [("name", name) for name in search.names]
    answers = side_by_side(describe, wanted, search.concurrency)
    return (
        [answer for answer in answers if not isinstance(answer, NotFoundError)],
        [answer for answer in answers if isinstance(answer, NotFoundError)],
    )


def label(product: t.Mapping[str, t.Any]) -> str:
    """The name of a product where it is known, and its id, for a message."""
    return f"{quote(product['name'])} ({product['id']})" if product.get("name") else str(product["id"])


def require_stack_set(product: t.Mapping[str, t.Any]) -> None:
    """Raise ServiceCatalogError where a product is known to be of a type that has no stack instances."""
    if product["type"] not in (None, _service_catalog.STACK_SET_TYPE):
        raise ServiceCatalogError(
            f"Failed to list the stack instances of provisioned product {label(product)}: it is of type"
            f" {quote(product['type'])}, and only those of type {_service_catalog.STACK_SET_TYPE} have stack instances"
        )


def tolerated(question: Selection | ProductSearch, error: NotFoundError) -> NotFoundError:
    """The error as a value, or raised where it shall be one."""
    if question.on_missing == "error":
        raise error
    return error


def missing_as_warnings(question: Selection | ProductSearch, missing: t.Sequence[NotFoundError]) -> list[str]:
    """A sentence for each product that is missing, where the user wants to be told."""
    return [str(error) for error in missing] if question.on_missing == "warn" else []


def _query(search: ProductSearch) -> list[str]:
    """The terms for AWS, which narrow the search down as far as one term can say it."""
    terms = list(search.search_query)
    for name, values in (("type", search.types), ("status", search.statuses)):
        if values is not None and len(values) == 1:
            terms.append(f"{name}:{next(iter(values))}")
    return terms


def _wanted(entry: Entry, search: ProductSearch) -> bool:
    # How AWS understands a term is not documented to the letter; a type and a status are equal or not.
    return (search.types is None or entry["Type"] in search.types) and (
        search.statuses is None or entry.get("Status") in search.statuses
    )


def _as_dict(entry: Entry) -> ProvisionedProduct:
    in_utc = {
        name: value.astimezone(timezone.utc) if isinstance(value, datetime) else value for name, value in entry.items()
    }
    told = t.cast("ProvisionedProduct", boto3_resource_to_ansible_dict(in_utc, force_tags=False))
    return {**dict.fromkeys(FIELDS), **told}
