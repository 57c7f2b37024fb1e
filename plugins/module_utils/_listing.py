# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One question, the products side by side, one whole answer. Private to this collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils import (
    _service_catalog,
    _stack_instance,
)
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import ServiceCatalogError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._side_by_side import side_by_side

if t.TYPE_CHECKING:
    from botocore.client import BaseClient

    from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._selection import Selection

ProvisionedProduct = t.Dict[str, t.Any]


@dataclass(frozen=True)
class Listing:
    """The answer to a selection, in its whole."""

    stack_instances: list[_stack_instance.StackInstance]
    """Sorted by product, account and Region, each once."""
    provisioned_products: list[ProvisionedProduct]
    """C({"id", "name", "type", "status", "status_message", "arn", "summary"}), sorted by id; what was not asked of AWS
    is None."""
    missing: list[str] = field(default_factory=list)
    """A sentence for each product that does not exist, where the selection wants these as warnings."""

    @property
    def summary(self) -> _stack_instance.Summary:
        """Counts over all products."""
        return _stack_instance.summary(self.stack_instances)


@dataclass(frozen=True)
class _Reader:
    """Reads products for one selection with one client; an id or name that is missing gives the error instead."""

    client: BaseClient
    selection: Selection

    def discover(self) -> list[ProvisionedProduct]:
        found = _service_catalog.search_provisioned_products(
            self.client,
            [f"type:{_service_catalog.STACK_SET_TYPE}"],
            access_level=self.selection.access_level,
            accept_language=self.selection.accept_language,
        )
        # A search term is AWS' to interpret; the type is not.
        return [_product(entry) for entry in found if entry["Type"] == _service_catalog.STACK_SET_TYPE]

    def describe(
        self, wanted: tuple[str, str], check: t.Callable[[], None]
    ) -> ProvisionedProduct | _service_catalog.NotFoundError:
        """O(wanted) is C((parameter, value)), such as C(("name", "guardrails"))."""
        check()
        try:
            return _product(
                _service_catalog.provisioned_product(
                    self.client, accept_language=self.selection.accept_language, **dict([wanted])
                )
            )
        except _service_catalog.NotFoundError as e:
            return self._missing(e)

    def instances(
        self, product: ProvisionedProduct, check: t.Callable[[], None]
    ) -> list[_stack_instance.StackInstance] | _service_catalog.NotFoundError:
        label = f"{product['name']} ({product['id']})" if product["name"] else product["id"]
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
            return self._missing(e)
        return _stack_instance.selected(_stack_instance.in_order(listed), self.selection)

    def _missing(self, error: _service_catalog.NotFoundError) -> _service_catalog.NotFoundError:
        if self.selection.on_missing == "error":
            raise error
        return error


def read(client: BaseClient, selection: Selection, *, describe_products: bool = False) -> Listing:
    """The stack instances that the selection asks for, and their products, whole or an error.

    Calls no more than it needs: SearchProvisionedProducts for a discovery, DescribeProvisionedProduct for a name, and
    for an id only with O(describe_products); then ListStackInstancesForProvisionedProduct for each product.

    Raises CallError, DamagedAnswerError and ServiceCatalogError.
    """
    reader = _Reader(client, selection)
    products, missing = _products(reader, selection, describe_products)
    in_order = [products[product_id] for product_id in sorted(products)]
    answers = side_by_side(reader.instances, in_order, selection.concurrency)

    there: list[ProvisionedProduct] = []
    instances: list[_stack_instance.StackInstance] = []
    for product, answer in zip(in_order, answers):
        if isinstance(answer, _service_catalog.NotFoundError):
            missing.append(answer)
        else:
            there.append({**product, "summary": _stack_instance.summary(answer)})
            instances += answer
    return Listing(instances, there, [str(e) for e in missing] if selection.on_missing == "warn" else [])


def _products(
    reader: _Reader, selection: Selection, describe_products: bool
) -> tuple[dict[str, ProvisionedProduct], list[_service_catalog.NotFoundError]]:
    """The products that were asked for, by id, and those that don't exist."""
    if selection.is_discovery:
        return {product["id"]: product for product in reader.discover()}, []
    wanted = [("name", name) for name in selection.provisioned_product_names]
    if describe_products:
        wanted += [("product_id", product_id) for product_id in selection.provisioned_product_ids]
        products = {}
    else:
        products = {product_id: _product({"Id": product_id}) for product_id in selection.provisioned_product_ids}
    described = side_by_side(reader.describe, wanted, selection.concurrency)
    missing = [answer for answer in described if isinstance(answer, _service_catalog.NotFoundError)]
    products.update({answer["id"]: answer for answer in described if isinstance(answer, dict)})
    return products, missing


def _product(entry: t.Mapping[str, t.Any]) -> ProvisionedProduct:
    return {
        "id": entry["Id"],
        "name": entry.get("Name"),
        "type": entry.get("Type"),
        "status": entry.get("Status"),
        "status_message": entry.get("StatusMessage"),
        "arn": entry.get("Arn"),
    }
