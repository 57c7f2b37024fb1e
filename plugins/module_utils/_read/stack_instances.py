# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One question, the products side by side, one whole answer. Private to this collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import service_catalog as _service_catalog
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import stack_instance as _stack_instance
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import ProductSearch, Selection
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import provisioned_products as _products
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import stack_sets as _stack_set_listing
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read.concurrency import side_by_side

if t.TYPE_CHECKING:
    from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.client import Clients

ProvisionedProduct = t.Dict[str, t.Any]
_Answer = t.Union["list[_stack_instance.StackInstance]", _service_catalog.NotFoundError]

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


def read(clients: Clients, selection: Selection, *, describe_products: bool = False) -> Listing:
    """The stack instances that the selection asks for, and their products, whole or an error.

    Calls no more than it needs: SearchProvisionedProducts for a discovery, DescribeProvisionedProduct for a name, and
    for an id only with O(describe_products); then ListStackInstancesForProvisionedProduct for each product, or what
    the stack sets behind the products need.

    Raises CallError, DamagedAnswerError and ServiceCatalogError.
    """
    products, warnings = _asked_for(clients, selection, describe_products)
    for product in products:
        _products.require_stack_set(product)
    answers: t.Sequence[_Answer]
    if selection.source == "servicecatalog":
        answers = _from_service_catalog(clients, selection, products)
    else:
        answers, fallen_back = _from_stack_sets(clients, selection, products)
        warnings += fallen_back

    there: list[ProvisionedProduct] = []
    instances: list[_stack_instance.StackInstance] = []
    missing: list[_service_catalog.NotFoundError] = []
    for product, answer in zip(products, answers):
        if isinstance(answer, _service_catalog.NotFoundError):
            missing.append(answer)
        else:
            told = {name: product[name] for name in PRODUCT_FIELDS}
            there.append({**told, "summary": _stack_instance.summary(answer)})
            instances += answer
    return Listing(instances, there, warnings + _products.missing_as_warnings(selection, missing))


def _from_service_catalog(
    clients: Clients, selection: Selection, products: t.Sequence[ProvisionedProduct]
) -> list[_Answer]:
    client = clients.service_catalog
    texts: _stack_instance.Texts = {}

    def instances(product: ProvisionedProduct, check: t.Callable[[], None]) -> _Answer:
        listed: list[_stack_instance.StackInstance] = []
        try:
            for page in _service_catalog.stack_instance_pages(
                client,
                product["id"],
                _products.label(product),
                page_size=selection.page_size,
                accept_language=selection.accept_language,
            ):
                check()
                listed += _stack_instance.from_answers(page, product["id"], product["name"], texts)
        except _service_catalog.NotFoundError as e:
            return _products.tolerated(selection, e)
        return _stack_instance.selected(_stack_instance.in_order(listed), selection)

    return side_by_side(instances, products, selection.concurrency)


def _from_stack_sets(
    clients: Clients, selection: Selection, products: t.Sequence[ProvisionedProduct]
) -> tuple[list[_Answer], list[str]]:
    """With source C(auto) those products about which CloudFormation can't be asked come from Service Catalog, each as
    a whole, and one warning says so.
    """
    answers = _stack_set_listing.read(clients, selection, products)
    unavailable = [
        (product, answer)
        for product, answer in zip(products, answers)
        if isinstance(answer, _stack_set_listing.UnavailableError)
    ]
    if not unavailable:
        return t.cast("list[_Answer]", answers), []
    instead = iter(_from_service_catalog(clients, selection, [product for product, _error in unavailable]))
    whole = [next(instead) if isinstance(answer, _stack_set_listing.UnavailableError) else answer for answer in answers]
    which = "a provisioned product" if len(products) == 1 else f"{len(unavailable)} of {len(products)} products"
    warning = f"The stack instances of {which} come from Service Catalog, without reasons: {unavailable[0][1]}"
    return t.cast("list[_Answer]", whole), [warning]


def _asked_for(
    clients: Clients, selection: Selection, describe_products: bool
) -> tuple[list[ProvisionedProduct], list[str]]:
    """The products that were asked for, sorted by id, with C("physical_id") beside PRODUCT_FIELDS, and warnings about
    those that were not found.
    """
    bare, described = selection.provisioned_product_ids, ()
    if describe_products:
        bare, described = described, bare
    fields = (*PRODUCT_FIELDS, "physical_id")
    products = {product_id: {**dict.fromkeys(fields), "id": product_id} for product_id in bare}
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
        found = _products.find(clients.service_catalog, search)
        warnings = found.warnings
        products.update({p["id"]: {name: p[name] for name in fields} for p in found.provisioned_products})
    return [products[product_id] for product_id in sorted(products)], warnings
