# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One question, the products side by side, one whole answer. Private to this collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils import (
    _products,
    _service_catalog,
    _stack_instance,
)
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import ServiceCatalogError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._selection import ProductSearch, Selection
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._side_by_side import side_by_side

if t.TYPE_CHECKING:
    from botocore.client import BaseClient

ProvisionedProduct = t.Dict[str, t.Any]

PRODUCT_FIELDS = ("id", "name", "type", "status", "status_message", "arn")


@dataclass(frozen=True)
class Listing:
    """The answer to a selection, in its whole."""

    stack_instances: list[_stack_instance.StackInstance]
    """Sorted by product, account and Region, each once."""
    provisioned_products: list[ProvisionedProduct]
    """PRODUCT_FIELDS and C("summary"), sorted by id; what was not asked of AWS is None."""
    warnings: list[str]
    """A sentence for each thing that the user should know of, though it is no error."""

    @property
    def summary(self) -> _stack_instance.Summary:
        """Counts over all products."""
        return _stack_instance.summary(self.stack_instances)


@dataclass(frozen=True)
class _Reader:
    """Reads the stack instances of products for one selection; of one that is missing it gives the error instead."""

    client: BaseClient
    selection: Selection

    def instances(
        self, product: ProvisionedProduct, check: t.Callable[[], None]
    ) -> list[_stack_instance.StackInstance] | _service_catalog.NotFoundError:
        label = _products.label(product)
        if product["type"] not in (None, _service_catalog.STACK_SET_TYPE):
            raise ServiceCatalogError(
                f"Failed to list the stack instances of provisioned product {label}: it is of type {product['type']},"
                f" and only those of type {_service_catalog.STACK_SET_TYPE} have stack instances"
            )
        listed = []
        try:
            for page in _service_catalog.stack_instance_pages(
                self.client,
                product["id"],
                label,
                page_size=self.selection.page_size,
                accept_language=self.selection.accept_language,
            ):
                check()
                listed += [_stack_instance.from_answer(entry, product["id"], product["name"]) for entry in page]
        except _service_catalog.NotFoundError as e:
            return _products.tolerated(self.selection, e)
        return _stack_instance.selected(_stack_instance.in_order(listed), self.selection)


def read(client: BaseClient, selection: Selection, *, describe_products: bool = False) -> Listing:
    """The stack instances that the selection asks for, and their products, whole or an error.

    Calls no more than it needs: SearchProvisionedProducts for a discovery, DescribeProvisionedProduct for a name, and
    for an id only with O(describe_products); then ListStackInstancesForProvisionedProduct for each product.

    Raises CallError, DamagedAnswerError and ServiceCatalogError.
    """
    products, warnings = _asked_for(client, selection, describe_products)
    answers = side_by_side(_Reader(client, selection).instances, products, selection.concurrency)

    there: list[ProvisionedProduct] = []
    instances: list[_stack_instance.StackInstance] = []
    missing: list[_service_catalog.NotFoundError] = []
    for product, answer in zip(products, answers):
        if isinstance(answer, _service_catalog.NotFoundError):
            missing.append(answer)
        else:
            there.append({**product, "summary": _stack_instance.summary(answer)})
            instances += answer
    return Listing(instances, there, warnings + _products.missing_as_warnings(selection, missing))


def _asked_for(
    client: BaseClient, selection: Selection, describe_products: bool
) -> tuple[list[ProvisionedProduct], list[str]]:
    """The products that were asked for, sorted by id, and warnings about those that were not found."""
    bare, described = selection.provisioned_product_ids, ()
    if describe_products:
        bare, described = described, bare
    products = {product_id: {**dict.fromkeys(PRODUCT_FIELDS), "id": product_id} for product_id in bare}
    warnings: list[str] = []
    if described or selection.provisioned_product_names or selection.is_discovery:
        search = ProductSearch(
            ids=described,
            names=selection.provisioned_product_names,
            types=frozenset({_service_catalog.STACK_SET_TYPE}) if selection.is_discovery else None,
            on_missing=selection.on_missing,
            access_level=selection.access_level,
            accept_language=selection.accept_language,
            concurrency=selection.concurrency,
        )
        found = _products.find(client, search)
        warnings = found.warnings
        products.update({p["id"]: {name: p[name] for name in PRODUCT_FIELDS} for p in found.provisioned_products})
    return [products[product_id] for product_id in sorted(products)], warnings
