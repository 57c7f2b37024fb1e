# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stack instances from the stack sets behind products, complete or an error. Private to this collection."""

from __future__ import annotations

import itertools
import typing as t
from dataclasses import dataclass, field

from .._aws import cloudformation, service_catalog
from .._aws.service_catalog import NotFoundError
from .._errors import CallError, MalformedResponseError, ServiceCatalogError
from .._model import stack_instance, stack_set_name
from .._model.provisioned_product import label
from . import provisioned_products
from .concurrency import run_concurrently

if t.TYPE_CHECKING:
    from .._aws.client import Clients
    from .._aws.paging import Entry, Page
    from .._model.options import Query
    from .._model.provisioned_product import FoundProduct
    from .._model.stack_instance import StackInstance
    from .concurrency import Check

# The rows of a product, or why there are none.
Rows = t.Union["list[StackInstance]", ServiceCatalogError]


class UnavailableError(ServiceCatalogError):
    """CloudFormation does not return the stack set of a product, but Service Catalog may return its stack instances."""


@dataclass
class _Reading:
    """The listings of a stack set that are to be read, and the rows so far."""

    product: FoundProduct
    stack_set: cloudformation.StackSet
    listings: list[t.Iterator[Page]]
    rows: list[StackInstance] = field(default_factory=list)
    failure: UnavailableError | None = None


class _Reader:
    """Reads the stack sets of one query: first finds each and plans its listings, then reads all listings."""

    def __init__(self, clients: Clients, query: Query) -> None:
        self._clients = clients
        self._query = query
        self._strings: stack_instance.Strings = {}

    def plan(self, product: FoundProduct, check: Check) -> _Reading | ServiceCatalogError:
        """Find the stack set of a product and plan its listings, or return why it cannot be read."""
        check()
        try:
            stack_set = self._find(product)
            return _Reading(product, stack_set, self._listings(product, stack_set))
        except NotFoundError as e:
            return provisioned_products.tolerate_missing(self._query, e)
        except ServiceCatalogError as e:
            return self._as_unavailable(e)

    def read(self, item: tuple[_Reading, t.Iterator[Page]], check: Check) -> None:
        """Read one listing of a stack set to its end."""
        reading, pages = item
        product = reading.product
        if reading.failure is not None:
            return
        try:
            for page in pages:
                check()
                reading.rows.extend(
                    stack_instance.from_cloudformation(page.entries, product["id"], product["name"], self._strings)
                )
        except ServiceCatalogError as e:
            reading.failure = self._as_unavailable(e)

    def finish(self, planned: _Reading | ServiceCatalogError) -> Rows:
        """Return the rows of a stack set whose listings have been read. Raises MalformedResponseError."""
        if isinstance(planned, ServiceCatalogError):
            return planned
        if planned.failure is not None:
            return planned.failure
        self._require_described_regions(planned)
        return stack_instance.in_scope(stack_instance.without_duplicates(planned.rows), self._query)

    def _find(self, product: FoundProduct) -> cloudformation.StackSet:
        *others, last = self._names(product)
        for name in others:
            try:
                return cloudformation.stack_set(self._clients.cloudformation, name, label(product))
            except CallError as e:
                # A policy may allow only stack sets of the derived name.
                if not _is_refusal(e):
                    raise
        return cloudformation.stack_set(self._clients.cloudformation, last, label(product))

    def _names(self, product: FoundProduct) -> list[str]:
        """Return the possible names of the stack set, the most likely first."""
        given = (self._query.stack_set_names or {}).get(product["id"])
        if given is not None:
            return [given]
        arn = product["arn"]
        if arn is None:
            arn = self._describe(product).get("Arn")
        physical = stack_set_name.parse(product["physical_id"])
        derived = stack_set_name.derive(product["id"], arn)
        names = [name for name in dict.fromkeys((physical, derived)) if name is not None]
        if not names:
            raise UnavailableError(
                f"Failed to find the stack set of provisioned product {label(product)}: AWS returned neither its"
                " physical ID nor an ARN with an account. Set stack_set_names, or set source to servicecatalog."
            )
        return names

    def _describe(self, product: FoundProduct) -> Entry:
        """Describe a product that was named by its ID."""
        detail = service_catalog.provisioned_product(
            self._clients.service_catalog,
            product_id=product["id"],
            accept_language=self._query.accept_language,
        )
        provisioned_products.require_stack_set({**product, "type": detail["Type"]})
        return detail

    def _listings(self, product: FoundProduct, stack_set: cloudformation.StackSet) -> list[t.Iterator[Page]]:
        """Return listings that together hold all selected rows: as few as possible that can be read concurrently."""

        def pages(**part: str) -> t.Iterator[Page]:
            return cloudformation.stack_instance_pages(
                self._clients.cloudformation, stack_set.name, label(product), **part
            )

        accounts, regions = self._query.accounts, self._query.regions
        if accounts is not None and len(accounts) < 2:
            return [pages(account=account) for account in accounts]
        if regions is not None and len(regions) < 2:
            return [pages(region=region) for region in regions]
        all_pages = pages()
        first = next(all_pages)
        parts = None if first.is_last else self._parts(stack_set, first)
        if parts is None:
            return [itertools.chain([first], all_pages)]
        return [pages(**part) for part in parts]

    def _parts(self, stack_set: cloudformation.StackSet, first: Page) -> list[dict[str, str]] | None:
        """Split a stack set of several pages into Regions, or into accounts if fewer; None leaves it in one part."""
        accounts, regions = self._query.accounts, self._query.regions
        is_described = {entry["Region"] for entry in first.entries} <= stack_set.regions
        # The description may lack a Region, or lag behind.
        if not is_described or len(stack_set.regions) < 2 or self._query.concurrency == 1:
            return None
        wanted = stack_set.regions if regions is None else stack_set.regions & regions
        if accounts is not None and len(accounts) <= len(wanted):
            return [{"account": account} for account in sorted(accounts)]
        return [{"region": region} for region in sorted(wanted)]

    def _require_described_regions(self, reading: _Reading) -> None:
        """Refuse a listing without a Region in which the stack set has stack instances by its description."""
        if self._query.accounts is not None:
            return
        wanted = reading.stack_set.regions
        if self._query.regions is not None:
            wanted = wanted & self._query.regions
        empty = wanted - {row["region"] for row in reading.rows}
        if empty:
            raise MalformedResponseError(
                f"Failed to list the stack instances of provisioned product {label(reading.product)}: stack set"
                f" {reading.stack_set.name} has stack instances in {', '.join(sorted(empty))} by its description, but"
                " the listing contains none. The stack set may be changing; try again."
            )

    def _as_unavailable(self, error: ServiceCatalogError) -> UnavailableError:
        """Return the error if Service Catalog can be used instead, or raise it."""
        if self._query.source != "auto" or not _is_refusal(error):
            raise error
        return UnavailableError(str(error))


def read(clients: Clients, query: Query, products: t.Sequence[FoundProduct]) -> list[Rows]:
    """List the stack instances of products from their stack sets.

    Calls DescribeStackSet and ListStackInstances, and DescribeProvisionedProduct for a product whose ARN is unknown and
    whose stack set was not named. There are never more requests at a time than the query's concurrency.

    A listing is complete by its tokens, contains only what was requested, and has rows in every Region that
    DescribeStackSet returns. If its first page contains another Region, the description is not used, and the stack set
    is read in one sequence.

    Returns:
        The rows of each product in the selected accounts and Regions, in the order of the products. In place of rows
        there is NotFoundError for a product that was not found, unless ``on_missing=error``, and UnavailableError with
        ``source=auto`` for one whose stack set cannot be read.

    Raises:
        CallError: A call failed.
        MalformedResponseError: A listing is incomplete.
        ServiceCatalogError: No stack set can be found.
    """
    if not products:
        return []
    reader = _Reader(clients, query)
    planned = run_concurrently(reader.plan, products, query.concurrency)
    listings = [(reading, pages) for reading in planned if isinstance(reading, _Reading) for pages in reading.listings]
    run_concurrently(reader.read, listings, query.concurrency)
    return [reader.finish(reading) for reading in planned]


def _is_refusal(error: ServiceCatalogError) -> bool:
    """Return whether this identity has no permission, or the stack set does not exist."""
    if isinstance(error, CallError):
        is_denied = error.code in ("AccessDenied", "AccessDeniedException")
        return is_denied or isinstance(error, cloudformation.StackSetNotFoundError)
    return isinstance(error, UnavailableError)
