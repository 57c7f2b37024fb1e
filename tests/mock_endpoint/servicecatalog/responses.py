# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of Service Catalog on provisioned products, and its refusals."""

from __future__ import annotations

import json
import typing as t

from moto.cloudformation.models import cloudformation_backends
from moto.core.exceptions import AccessDeniedError, InvalidClientTokenIdError, SignatureDoesNotMatchError
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.iam.access_control import CreateAccessKeyFailure, create_access_key
from moto.servicecatalog.models import servicecatalog_backends
from moto.servicecatalog.responses import ServiceCatalogResponse
from moto.settings import __dict__ as settings
from moto.sts.models import sts_backends

from mock_endpoint import validation
from mock_endpoint.errors import InvalidParameters, Refusal
from mock_endpoint.paging import page
from mock_endpoint.servicecatalog.models import STACK_SET_TYPE, Backend

DEFAULT_PAGE_SIZE = 20


class Responses(ServiceCatalogResponse):
    """moto's Service Catalog with the operations on provisioned products that it lacks."""

    @property
    def backend(self) -> Backend:
        return t.cast(Backend, servicecatalog_backends[self.current_account][self.region])

    def list_stack_instances_for_provisioned_product(self) -> ActionResult:
        request = self._request()
        product = self.backend.provisioned_product(request["ProvisionedProductId"])
        if product.type != STACK_SET_TYPE:
            # A guess: nobody has told what AWS answers here.
            raise InvalidParameters(f"Provisioned product {product.id} is not of type {STACK_SET_TYPE}.")
        stack_set = cloudformation_backends[product.account][product.region].describe_stack_set(product.stack_set_name)
        rows, token = page(
            stack_set.instances.stack_instances,
            f"instances of {product.id}",
            request.get("PageToken"),
            request.get("PageSize") or DEFAULT_PAGE_SIZE,
        )
        listed = [
            {"Account": row.account_id, "Region": row.region_name, "StackInstanceStatus": row.status} for row in rows
        ]
        return ActionResult({"StackInstances": listed, "NextPageToken": token})

    def describe_provisioned_product(self) -> ActionResult:
        request = self._request()
        product = self.backend.provisioned_product(request.get("Id"), request.get("Name"))
        return ActionResult({"ProvisionedProductDetail": product.detail()})

    def search_provisioned_products(self) -> ActionResult:
        request = self._request()
        level = request.get("AccessLevelFilter") or {}
        terms = (request.get("Filters") or {}).get("SearchQuery") or []
        found = self.backend.search(
            terms,
            # Without a filter AWS shows a caller only its own products (documented).
            level.get("Key") or "User",
            level.get("Value") or "self",
            self._identity(),
            request.get("SortBy"),
            request.get("SortOrder") == "DESCENDING",
        )
        products, token = page(
            found, f"search {terms} {level}", request.get("PageToken"), request.get("PageSize") or DEFAULT_PAGE_SIZE
        )
        return ActionResult(
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

    def _identity(self) -> str:
        try:
            return create_access_key(self.current_account, "aws", self.access_key, self.headers).arn
        except CreateAccessKeyFailure:
            return f"arn:aws:iam::{self.current_account}:user/moto"

    def _authenticate_and_authorize_normal_action(self, resource: str = "*") -> None:
        """moto's check of signature and policies, with the errors of a JSON service instead of IAM's XML."""
        if settings["INITIAL_NO_AUTH_ACTION_COUNT"] != float("inf"):
            if "Authorization" not in self.headers:
                raise Refusal("MissingAuthenticationTokenException", "Missing Authentication Token")
            self._refuse_expired_session()
        try:
            super()._authenticate_and_authorize_normal_action(resource)
        except AccessDeniedError:
            action = f"servicecatalog:{self._get_action()}"
            raise Refusal(
                "AccessDeniedException",
                f"User: {self._identity()} is not authorized to perform: {action}"
                f" because no identity-based policy allows the {action} action",
            ) from None
        except InvalidClientTokenIdError:
            raise Refusal(
                "UnrecognizedClientException", "The security token included in the request is invalid."
            ) from None
        except SignatureDoesNotMatchError:
            raise Refusal(
                "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret"
                " Access Key and signing method. Consult the service documentation for details.",
            ) from None

    def _refuse_expired_session(self) -> None:
        for role in sts_backends[self.current_account]["aws"].assumed_roles:
            if role.access_key_id == self.access_key and role.expiration < utcnow():
                raise Refusal("ExpiredTokenException", "The security token included in the request is expired")
