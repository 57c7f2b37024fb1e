# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Service Catalog's operations on provisioned products."""

from __future__ import annotations

import json
import typing as t
from datetime import datetime
from functools import partial

from moto.cloudformation.models import cloudformation_backends
from moto.servicecatalog.models import servicecatalog_backends
from moto.servicecatalog.responses import ServiceCatalogResponse

from mock_endpoint import iam, validation
from mock_endpoint.cloudformation.models import instances_of
from mock_endpoint.errors import InvalidParameters, ResourceNotFound
from mock_endpoint.paging import page
from mock_endpoint.servicecatalog.models import LEVELS, STACK_SET_TYPE, Backend, is_visible, sort

# The size of a page if the client sends none or 0 (a guess; the model allows 0).
DEFAULT_PAGE_SIZE = 20


class Responses(ServiceCatalogResponse):
    """moto's Service Catalog, extended by operations on provisioned products."""

    @property
    def backend(self) -> Backend:
        """The backend of the account and Region of the request."""
        return t.cast(Backend, servicecatalog_backends[self.current_account][self.region])

    def list_stack_instances_for_provisioned_product(self) -> str:
        """Return a page of the stack instances of a product."""
        request = self._request()
        product = self.backend.provisioned_product(request["ProvisionedProductId"])
        if product.type != STACK_SET_TYPE:
            # The error is a guess.
            raise InvalidParameters(f"Provisioned product {product.id} is not of type {STACK_SET_TYPE}.")
        stack_set = cloudformation_backends[product.account][product.region].describe_stack_set(product.stack_set_name)
        rows, token = page(
            instances_of(stack_set),
            f"instances of {product.id}",
            request.get("PageToken"),
            request.get("PageSize") or DEFAULT_PAGE_SIZE,
        )
        listed = [
            {"Account": row.account_id, "Region": row.region_name, "StackInstanceStatus": row.status} for row in rows
        ]
        return self._result({"StackInstances": listed, "NextPageToken": token})

    def describe_provisioned_product(self) -> str:
        """Return one product, by ID or by name."""
        request = self._request()
        product = self.backend.provisioned_product(request.get("Id"), request.get("Name"))
        return self._result({"ProvisionedProductDetail": product.detail(), "CloudWatchDashboards": []})

    def describe_record(self) -> str:
        """Return the last record of a product."""
        return self._result({"RecordDetail": self.backend.record(self._request()["Id"]), "RecordOutputs": []})

    def describe_provisioning_artifact(self) -> str:
        """Return the version of a provisioned product, by the IDs of product and version."""
        request = self._request()
        version_id = request.get("ProvisioningArtifactId", "")
        name = self.backend.version_name(request.get("ProductId", ""), version_id)
        detail = {"Id": version_id, "Name": name, "Active": True, "Guidance": "DEFAULT"}
        return self._result({"ProvisioningArtifactDetail": detail, "Info": {}, "Status": "AVAILABLE"})

    def search_provisioned_products(self) -> str:
        """Return a page of the products that match and that are visible at the access level."""
        request = self._request()
        level = request.get("AccessLevelFilter") or {}
        terms = (request.get("Filters") or {}).get("SearchQuery") or []
        sort_by, sort_order = request.get("SortBy"), request.get("SortOrder")
        if (level.get("Value") or "self") != "self":
            raise InvalidParameters(f"AccessLevelFilter has the value {level['Value']}; only self is supported.")
        # Without a filter, a search returns the caller's own products (SearchProvisionedProducts, AccessLevelFilter).
        found = self.backend.search(terms, level.get("Key") or "User", self._identity())
        sort(found, sort_by, sort_order == "DESCENDING")
        products, token = page(
            found,
            f"search {terms} {sorted(level.items())} {sort_by} {sort_order}",
            request.get("PageToken"),
            request.get("PageSize") or DEFAULT_PAGE_SIZE,
        )
        return self._result(
            {
                "ProvisionedProducts": [product.attribute() for product in products],
                "TotalResultsCount": len(found),
                "NextPageToken": token,
            }
        )

    def _request(self) -> dict[str, t.Any]:
        request = json.loads(self.body or "{}")
        validation.check("servicecatalog", self._get_action(), request)
        return t.cast("dict[str, t.Any]", request)

    def _result(self, result: dict[str, t.Any]) -> str:
        # moto's serializer takes longer than the rest of the request.
        self.response_headers["Content-Type"] = "application/x-amz-json-1.1"
        return json.dumps(_without_none(result), default=datetime.timestamp)

    def _identity(self) -> str:
        return iam.identity(self.current_account, self.partition, self.access_key, self.headers)

    def _authenticate_and_authorize_normal_action(self, resource: str = "*") -> None:
        """Authorize as moto does, but evaluate conditions on access levels."""
        checked = partial(iam.LevelRequest, levels=self._levels)
        self._authenticate_and_authorize_action(t.cast(type, checked), resource)

    def _levels(self) -> set[str]:
        """Return the access levels of a request: that of a search, or all at which the product is visible."""
        try:
            request = json.loads(self.body or "{}")
            if self._get_action() == "SearchProvisionedProducts":
                return {(request.get("AccessLevelFilter") or {}).get("Key") or "User"}
            product = self.backend.provisioned_product(
                request.get("ProvisionedProductId") or request.get("Id"), request.get("Name")
            )
        except (ValueError, AttributeError, InvalidParameters, ResourceNotFound):
            return set(LEVELS)
        return {level for level in LEVELS if is_visible(product, level, self._identity())}


def _without_none(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {name: _without_none(item) for name, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if isinstance(value, list) else value
