# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Provisioned products by ID, by name or by a search, complete or an error. Private to this collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._aws import service_catalog
from .._aws.service_catalog import NotFoundError
from .._errors import ServiceCatalogError, quote
from .._model.provisioned_product import from_entry, label
from .concurrency import run_concurrently

if t.TYPE_CHECKING:
    from .._aws.client import Client
    from .._aws.paging import Entry
    from .._model.options import Lookup, ProductSearch
    from .._model.provisioned_product import FoundProduct
    from .concurrency import Check


@dataclass(frozen=True)
class Found:
    """The result of a search."""

    provisioned_products: list[FoundProduct]
    """Sorted by ID; what the call in use does not return is None."""
    warnings: list[str]


def find(client: Client, search: ProductSearch) -> Found:
    """Find provisioned products.

    IDs and names cost one DescribeProvisionedProduct each; without them SearchProvisionedProducts is called.

    Raises:
        CallError: A call failed, or a product was not found.
        MalformedResponseError: A response is incomplete.
    """
    warnings: list[str] = []
    if not search.is_search:
        entries, missing = _describe(client, search)
        warnings += missing_as_warnings(search, missing)
    elif search.search_query == () or search.tags == {}:
        entries = []
    else:
        entries = service_catalog.search_provisioned_products(
            client, _terms(search), access_level=search.access_level, accept_language=search.accept_language
        )
        if search.access_level != "account" and not any(_is_wanted(entry, search) for entry in entries):
            warnings.append(
                f"No provisioned product was found with access_level={search.access_level}, which returns only those"
                f" of the {search.access_level} of these credentials; access_level=account also returns others"
            )
    products = {entry["Id"]: from_entry(entry) for entry in entries if _is_wanted(entry, search)}
    return Found([products[product_id] for product_id in sorted(products)], warnings)


def require_stack_set(product: t.Mapping[str, t.Any]) -> None:
    """Raise ServiceCatalogError if a product is known to have a type without stack instances."""
    if product["type"] not in (None, service_catalog.STACK_SET_TYPE):
        raise ServiceCatalogError(
            f"Failed to list the stack instances of provisioned product {label(product)}: it has the type"
            f" {quote(product['type'])}. Only products of type {service_catalog.STACK_SET_TYPE} have stack instances."
        )


def tolerate_missing(lookup: Lookup, error: NotFoundError) -> NotFoundError:
    """Return the error, or raise it with ``on_missing=error``; complete it unless it is not shown."""
    if lookup.on_missing != "skip":
        error.identify()
    if lookup.on_missing == "error":
        raise error
    return error


def missing_as_warnings(lookup: Lookup, missing: t.Iterable[NotFoundError]) -> list[str]:
    """Return a warning for each missing product with ``on_missing=warn``."""
    return [str(error) for error in missing] if lookup.on_missing == "warn" else []


def _describe(client: Client, search: ProductSearch) -> tuple[list[Entry], list[NotFoundError]]:
    def describe(wanted: tuple[str, str], check: Check) -> Entry | NotFoundError:
        check()
        try:
            return service_catalog.provisioned_product(client, accept_language=search.accept_language, **dict([wanted]))
        except NotFoundError as e:
            return tolerate_missing(search, e)

    ids, names = search.provisioned_product_ids or (), search.provisioned_product_names or ()
    wanted = [("product_id", product_id) for product_id in ids] + [("name", name) for name in names]
    described = run_concurrently(describe, wanted, search.concurrency)
    return (
        [entry for entry in described if not isinstance(entry, NotFoundError)],
        [entry for entry in described if isinstance(entry, NotFoundError)],
    )


def _terms(search: ProductSearch) -> list[str]:
    """Return the terms of the search, which reduce what AWS returns as far as a term can."""
    terms = list(search.search_query or ())
    for name, values in (("type", search.types), ("status", search.statuses)):
        if values is not None and len(values) == 1:
            terms.append(f"{name}:{next(iter(values))}")
    return terms


def _is_wanted(entry: Entry, search: ProductSearch) -> bool:
    # The documentation does not define exactly what a term matches, so types and statuses are compared here too. It
    # does not define a term for the value of a tag at all.
    tags = {tag.get("Key"): tag.get("Value") for tag in entry.get("Tags") or ()}
    return (
        (search.types is None or entry["Type"] in search.types)
        and (search.statuses is None or entry.get("Status") in search.statuses)
        and all(tags.get(key) == wanted for key, wanted in (search.tags or {}).items())
    )
