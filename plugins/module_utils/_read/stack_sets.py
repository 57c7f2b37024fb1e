# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stack sets behind products, their Regions side by side, each whole or an error. Private to this collection."""

from __future__ import annotations

import itertools
import typing as t
from dataclasses import dataclass, field

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import cloudformation as _cloudformation
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import service_catalog as _service_catalog
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import (
    CallError,
    DamagedAnswerError,
    ServiceCatalogError,
)
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import stack_instance as _stack_instance
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import stack_set_name as _stack_set_name
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import provisioned_products as _products
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read.concurrency import side_by_side

if t.TYPE_CHECKING:
    from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.client import Clients
    from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.paging import Page
    from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Selection
    from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.stack_instance import StackInstance
    from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read.provisioned_products import (
        ProvisionedProduct,
    )

Check = t.Callable[[], None]
# A product's rows, or why there are none of it: it is missing, or CloudFormation can't be asked about it.
Answer = t.Union["list[StackInstance]", ServiceCatalogError]


class UnavailableError(ServiceCatalogError):
    """A product about whose stack set CloudFormation can't be asked, though Service Catalog may be."""


@dataclass
class _Reading:
    """A stack set that is being read: the lists of its instances that are to be read, and what has come of them."""

    product: ProvisionedProduct
    stack_set: _cloudformation.StackSet
    lists: list[t.Iterator[Page]]
    instances: list[StackInstance] = field(default_factory=list)
    failure: UnavailableError | None = None


class _Reader:
    """Reads for one selection, in two steps: find each stack set and see how large it is; then read all their lists."""

    def __init__(self, clients: Clients, selection: Selection) -> None:
        self._clients = clients
        self._cloudformation = clients.cloudformation
        self._selection = selection
        self._texts: _stack_instance.Texts = {}

    def begin(self, product: ProvisionedProduct, check: Check) -> _Reading | ServiceCatalogError:
        """Find a product's stack set, and plan what to read of it; the error where there is nothing to read."""
        check()
        try:
            stack_set = self._find(product)
            return self._plan(product, stack_set)
        except _service_catalog.NotFoundError as e:
            return _products.tolerated(self._selection, e)
        except ServiceCatalogError as e:
            return self._unavailable(e)

    def read(self, item: tuple[_Reading, t.Iterator[Page]], check: Check) -> None:
        """Read one list of a stack set to its end."""
        reading, pages = item
        product = reading.product
        if reading.failure is not None:
            return
        try:
            for page in pages:
                check()
                reading.instances.extend(
                    _stack_instance.from_summaries(page.entries, product["id"], product["name"], self._texts)
                )
        except ServiceCatalogError as e:
            reading.failure = self._unavailable(e)

    def finish(self, begun: _Reading | ServiceCatalogError) -> Answer:
        """The rows that the selection keeps of a stack set whose lists have been read. Raises DamagedAnswerError."""
        if isinstance(begun, ServiceCatalogError):
            return begun
        if begun.failure is not None:
            return begun.failure
        self._require_named_regions(begun)
        return _stack_instance.selected(_stack_instance.in_order(begun.instances), self._selection)

    def _find(self, product: ProvisionedProduct) -> _cloudformation.StackSet:
        names = self._names(product)
        label = _products.label(product)
        for name in names[:-1]:
            try:
                return _cloudformation.stack_set(self._cloudformation, name, label)
            except CallError as e:
                # A policy may allow only stack sets of the derived name.
                if not _is_refusal(e):
                    raise
        return _cloudformation.stack_set(self._cloudformation, names[-1], label)

    def _names(self, product: ProvisionedProduct) -> list[str]:
        """What the stack set may be called, the likeliest first."""
        named = self._selection.stack_set_names.get(product["id"])
        if named is not None:
            return [named]
        arn = product["arn"]
        if arn is None:
            arn = self._describe(product)["Arn"]
        physical = _stack_set_name.named(product["physical_id"])
        derived = _stack_set_name.derived(product["id"], arn)
        names = [name for name in dict.fromkeys((physical, derived)) if name is not None]
        if not names:
            raise UnavailableError(
                f"Failed to find the stack set of provisioned product {_products.label(product)}: AWS tells neither its"
                " physical id nor the account in its ARN; name the stack set in stack_set_names, or read with source"
                " servicecatalog"
            )
        return names

    def _describe(self, product: ProvisionedProduct) -> dict[str, t.Any]:
        """What is needed of a product that was named by its id; nobody has asked for the rest of it."""
        detail = _service_catalog.provisioned_product(
            self._clients.service_catalog,
            product_id=product["id"],
            accept_language=self._selection.accept_language,
        )
        _products.require_stack_set({**product, "type": detail["Type"]})
        return {"Arn": None, **detail}

    def _plan(self, product: ProvisionedProduct, stack_set: _cloudformation.StackSet) -> _Reading:
        """Ask for no more than is wanted, and for that in the fewest lists that can be read side by side."""
        label = _products.label(product)

        def pages(**part: str) -> t.Iterator[Page]:
            return _cloudformation.stack_instance_pages(self._cloudformation, stack_set.name, label, **part)

        accounts, regions = self._selection.accounts, self._selection.regions
        parts: list[dict[str, str]] | None
        if accounts is not None and len(accounts) < 2:
            parts = [{"account": account} for account in accounts]
        elif regions is not None and len(regions) < 2:
            parts = [{"region": region} for region in regions]
        else:
            all_pages = pages()
            first = next(all_pages)
            parts = None if first.is_last else self._parts(stack_set, first)
            if parts is None:
                return _Reading(product, stack_set, [itertools.chain([first], all_pages)])
        return _Reading(product, stack_set, [pages(**part) for part in parts])

    def _parts(self, stack_set: _cloudformation.StackSet, first: Page) -> list[dict[str, str]] | None:
        """What to ask for side by side, of a stack set that has more than a page: each Region, or each account where
        that makes fewer lists. None where it is better read in one sequence.
        """
        accounts, regions = self._selection.accounts, self._selection.regions
        known = {entry["Region"] for entry in first.entries} <= stack_set.regions
        # CloudFormation may not know, or not yet, in which Regions it has instances.
        if not known or len(stack_set.regions) < 2 or self._selection.concurrency == 1:
            return None
        wanted = stack_set.regions if regions is None else stack_set.regions & regions
        if accounts is not None and len(accounts) <= len(wanted):
            return [{"account": account} for account in sorted(accounts)]
        return [{"region": region} for region in sorted(wanted)]

    def _require_named_regions(self, reading: _Reading) -> None:
        """A Region whose list is empty, though CloudFormation says that it has instances there, is not whole."""
        if self._selection.accounts is not None:
            return
        wanted = reading.stack_set.regions
        if self._selection.regions is not None:
            wanted = wanted & self._selection.regions
        empty = wanted - {instance["region"] for instance in reading.instances}
        if empty:
            raise DamagedAnswerError(
                "Failed to list the stack instances of provisioned product"
                f" {_products.label(reading.product)}: stack set {reading.stack_set.name} has some in"
                f" {', '.join(sorted(empty))}, by its description, but lists none there; it may be changing, or an"
                " answer was not whole, so try again"
            )

    def _unavailable(self, error: ServiceCatalogError) -> UnavailableError:
        """The error as a value where Service Catalog may be asked instead, or raised."""
        if self._selection.source != "auto" or not _is_refusal(error):
            raise error
        return UnavailableError(str(error))


def read(clients: Clients, selection: Selection, products: t.Sequence[ProvisionedProduct]) -> list[Answer]:
    """The rows of each product that the selection keeps, read from its stack set, in the order of the products.

    In place of rows there is NotFoundError for a product that is missing, where the selection tolerates that, and with
    source C(auto) UnavailableError for one about which CloudFormation can't be asked.

    Each list is whole by its tokens, holds only what it was asked for, and a Region that DescribeStackSet names is not
    empty. That it names every Region is its promise (API reference, StackSet); where the first page shows another one,
    it is not believed, and the stack set is read in one sequence.

    Never makes more requests at once than the selection's concurrency. Calls DescribeStackSet and ListStackInstances,
    and DescribeProvisionedProduct for a product whose ARN is not known and whose stack set is not named.

    Raises CallError, DamagedAnswerError and ServiceCatalogError.
    """
    reader = _Reader(clients, selection)
    begun = side_by_side(reader.begin, products, selection.concurrency)
    lists = [(reading, pages) for reading in begun if isinstance(reading, _Reading) for pages in reading.lists]
    side_by_side(reader.read, lists, selection.concurrency)
    return [reader.finish(reading) for reading in begun]


def _is_refusal(error: ServiceCatalogError) -> bool:
    """Whether it says that this identity may not ask, or that there is no such stack set."""
    if isinstance(error, CallError):
        denied = error.code in ("AccessDenied", "AccessDeniedException")
        return denied or isinstance(error, _cloudformation.StackSetNotFoundError)
    return isinstance(error, UnavailableError)
