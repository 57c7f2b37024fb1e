# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stack instances of a selection, complete or an error. Private to this collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from .._aws import service_catalog
from .._aws.service_catalog import NotFoundError
from .._model import provisioned_product, stack_instance
from .._model.options import ProductSearch
from .._model.summary import summarize
from .._rollout.coverage import missing_instances, not_found
from . import accounts, provisioned_products, stack_sets
from .concurrency import run_concurrently

if t.TYPE_CHECKING:
    from .._aws.client import Clients
    from .._model.options import Query
    from .._model.provisioned_product import FoundProduct, ListedProduct, ProvisionedProduct
    from .._model.stack_instance import StackInstance
    from .._model.summary import Summary
    from .concurrency import Check

_Rows = t.Union["list[StackInstance]", NotFoundError]


@dataclass(frozen=True)
class Listing:
    """The complete result of a query."""

    stack_instances: list[StackInstance]
    """Sorted by product, account and Region, without duplicates."""
    provisioned_products: list[ListedProduct]
    """Sorted by ID."""
    warnings: list[str]
    missing: list[StackInstance]
    """A row for each required account and Region in which a product has no stack instance."""
    query: Query
    """The query, with the accounts of its organizational units among its accounts."""

    @property
    def summary(self) -> Summary:
        """Counts over all products."""
        products = self.provisioned_products
        # A named product that was not found is not current, whatever on_missing is.
        is_complete = bool(products) and not not_found(self.query, products)
        every = is_complete and all(product["summary"]["all_current"] for product in products)
        return summarize(self.stack_instances, every)


def read(
    clients: Clients, query: Query, *, describe_products: bool = False, are_accounts_required: bool = False
) -> Listing:
    """List the stack instances of a query, and their products.

    Makes only the calls that it needs: SearchProvisionedProducts without IDs and names, DescribeProvisionedProduct for
    a name, and for an ID with ``describe_products``; then ListStackInstancesForProvisionedProduct for each product, or
    the calls of ``stack_sets.read``. Organizations is called with ``organizational_unit_ids`` and with
    ``describe_accounts``.

    Args:
        clients: The clients.
        query: The query.
        describe_products: Whether to describe products that were selected by ID.
        are_accounts_required: Whether organizational units without active accounts are an error.

    Raises:
        CallError: A call failed, or a product was not found.
        MalformedResponseError: A response is incomplete.
        ServiceCatalogError: A product has no stack instances, or no stack set can be found for it.
    """
    organization = accounts.Organization(clients, query)
    query = replace(query, accounts=organization.selected_accounts(are_required=are_accounts_required))
    products, warnings = _find_products(clients, query, describe_products)
    for product in products:
        provisioned_products.require_stack_set(product)
    if query.source == "servicecatalog":
        rows: t.Sequence[_Rows] = _from_service_catalog(clients, query, products)
    else:
        rows, fallback_warnings = _from_stack_sets(clients, query, products)
        warnings += fallback_warnings
    listing = assemble(query, products, rows, warnings)
    if query.describe_accounts:
        organization.describe(listing.stack_instances, listing.missing)
    return listing


def assemble(
    query: Query,
    products: t.Sequence[ProvisionedProduct],
    rows: t.Sequence[_Rows],
    warnings: list[str],
) -> Listing:
    """Return the listing of products, with counts and without rows that the query excludes by status.

    Args:
        query: The query.
        products: The products.
        rows: For each product its rows in the selected accounts and Regions, or why there are none.
        warnings: The warnings so far.
    """
    listing = Listing([], [], warnings, [], query)
    errors: list[NotFoundError] = []
    for product, found in zip(products, rows):
        if isinstance(found, NotFoundError):
            errors.append(found)
            continue
        missing = missing_instances(product, found, query.required_accounts, query.regions)
        kept = stack_instance.with_status(found, query)
        # A filter by status must not make a product look current.
        summary = summarize(kept, summarize(found)["all_current"] and not missing)
        listing.provisioned_products.append(provisioned_product.listed(product, summary))
        listing.stack_instances.extend(kept)
        listing.missing.extend(missing)
    listing.warnings.extend(provisioned_products.missing_as_warnings(query, errors))
    return listing


def _from_service_catalog(clients: Clients, query: Query, products: t.Sequence[FoundProduct]) -> list[_Rows]:
    if not products:
        return []
    client = clients.service_catalog
    strings: stack_instance.Strings = {}

    def instances(product: FoundProduct, check: Check) -> _Rows:
        rows: list[StackInstance] = []
        try:
            for page in service_catalog.stack_instance_pages(
                client,
                product["id"],
                provisioned_product.label(product),
                page_size=query.page_size,
                accept_language=query.accept_language,
            ):
                check()
                rows += stack_instance.from_service_catalog(page, product["id"], product["name"], strings)
        except NotFoundError as e:
            return provisioned_products.tolerate_missing(query, e)
        return stack_instance.in_scope(stack_instance.without_duplicates(rows), query)

    return run_concurrently(instances, products, query.concurrency)


def _from_stack_sets(
    clients: Clients, query: Query, products: t.Sequence[FoundProduct]
) -> tuple[list[_Rows], list[str]]:
    """With ``source=auto``, list products whose stack set cannot be read from Service Catalog, with one warning."""
    rows = stack_sets.read(clients, query, products)
    unavailable = [
        (product, error) for product, error in zip(products, rows) if isinstance(error, stack_sets.UnavailableError)
    ]
    if not unavailable:
        return t.cast("list[_Rows]", rows), []
    fallback = iter(_from_service_catalog(clients, query, [product for product, _error in unavailable]))
    complete = [next(fallback) if isinstance(found, stack_sets.UnavailableError) else found for found in rows]
    which = "a provisioned product" if len(products) == 1 else f"{len(unavailable)} of {len(products)} products"
    warning = f"The stack instances of {which} come from Service Catalog, without reasons: {unavailable[0][1]}"
    return t.cast("list[_Rows]", complete), [warning]


def _find_products(clients: Clients, query: Query, describe_products: bool) -> tuple[list[FoundProduct], list[str]]:
    """Return the selected products, sorted by ID, and warnings about those that were not found."""
    bare, described = query.provisioned_product_ids or (), ()
    if describe_products:
        bare, described = described, bare
    names = query.provisioned_product_names or ()
    products = {product_id: provisioned_product.from_id(product_id) for product_id in bare}
    warnings: list[str] = []
    if described or names or query.is_discovery:
        search = ProductSearch(
            provisioned_product_ids=None if query.is_discovery else described,
            provisioned_product_names=None if query.is_discovery else names,
            types=frozenset({service_catalog.STACK_SET_TYPE}) if query.is_discovery else None,
            tags=query.tags,
            on_missing=query.on_missing,
            access_level=query.access_level,
            accept_language=query.accept_language,
            concurrency=query.concurrency,
        )
        found = provisioned_products.find(clients.service_catalog, search)
        warnings = found.warnings
        products.update({product["id"]: product for product in found.provisioned_products})
    return [products[product_id] for product_id in sorted(products)], warnings
