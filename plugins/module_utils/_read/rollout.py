# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One poll of a rollout: what a verdict needs, read from AWS. Private to this collection."""

from __future__ import annotations

import typing as t

from .._aws import service_catalog
from .._errors import quote
from .._rollout import judge
from . import stack_instances

if t.TYPE_CHECKING:
    from .._aws.client import Clients
    from .._model.options import Query
    from .._model.provisioned_product import ListedProduct
    from .._model.wait_options import WaitOptions


def read(clients: Clients, query: Query, options: WaitOptions) -> tuple[judge.Observation, judge.Verdict, list[str]]:
    """Poll once.

    In addition to the calls of ``stack_instances.read`` this makes DescribeRecord with ``record_id``, and
    DescribeProvisioningArtifact with ``provisioning_artifact_name``, as DescribeProvisionedProduct returns only the ID
    of a version.

    Returns:
        The observation, the verdict, and warnings.

    Raises:
        CallError: A call failed.
        MalformedResponseError: A response is incomplete.
        ServiceCatalogError: A product has no stack instances, or no stack set can be found for it.
    """
    record = None
    if options.record_id is not None:
        record = _record(clients, options.record_id, query.accept_language)
    listing = stack_instances.read(clients, query, describe_products=True, are_accounts_required=True)
    products = listing.provisioned_products
    if options.provisioning_artifact_name is not None:
        products = [_with_version_name(clients, product, query.accept_language) for product in products]
    observation, terminal = judge.observe(products, listing.stack_instances, listing.missing, query, options)
    return observation, judge.judge(observation, terminal, query, options, record), listing.warnings


def _record(clients: Clients, record_id: str, accept_language: str | None) -> judge.Record:
    detail = service_catalog.record(clients.service_catalog, record_id, accept_language=accept_language)
    errors = tuple(
        quote(": ".join(filter(None, (error.get("Code"), error.get("Description")))))
        for error in detail.get("RecordErrors", ())
    )
    return judge.Record(record_id, detail["Status"], errors, detail["ProvisionedProductId"])


def _with_version_name(clients: Clients, product: ListedProduct, accept_language: str | None) -> ListedProduct:
    """Add the name of the version, unless a search has returned it."""
    if product["provisioning_artifact_name"] or not (product["product_id"] and product["provisioning_artifact_id"]):
        return product
    name = service_catalog.version_name(
        clients.service_catalog,
        product["product_id"],
        product["provisioning_artifact_id"],
        accept_language=accept_language,
    )
    return {**product, "provisioning_artifact_name": name}
