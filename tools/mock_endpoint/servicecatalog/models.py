# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Service Catalog's provisioned products, in addition to moto's portfolios and products."""

from __future__ import annotations

import random
import typing as t
from dataclasses import dataclass, field
from datetime import datetime, timezone

from moto.servicecatalog.models import ServiceCatalogBackend

from mock_endpoint.errors import InvalidParameters, ResourceNotFound

STACK_SET_TYPE = "CFN_STACKSET"
LEVELS = ("Account", "Role", "User")
PLATFORM_ROLE = "arn:aws:iam::123456789012:role/platform"

# The search terms that SearchProvisionedProducts documents, and the field that each compares.
SEARCH_TERMS = {
    "arn": "Arn",
    "createdTime": "CreatedTime",
    "id": "Id",
    "idempotencyToken": "IdempotencyToken",
    "lastProvisioningRecordId": "LastProvisioningRecordId",
    "lastRecordId": "LastRecordId",
    "lastSuccessfulProvisioningRecordId": "LastSuccessfulProvisioningRecordId",
    "name": "Name",
    "physicalId": "PhysicalId",
    "productId": "ProductId",
    "productName": "ProductName",
    "provisioningArtifactId": "ProvisioningArtifactId",
    "provisioningArtifactName": "ProvisioningArtifactName",
    "status": "Status",
    "tags": "Tags",
    "type": "Type",
    "userArn": "UserArn",
    "userArnSession": "UserArnSession",
}
SORT_FIELDS = {"arn": "Arn", "id": "Id", "name": "Name", "lastRecordId": "LastRecordId", "createdTime": "CreatedTime"}


@dataclass
class ProvisionedProduct:
    """A provisioned product. Its stack instances are stored in a CloudFormation stack set."""

    id: str
    name: str
    account: str
    region: str
    type: str = STACK_SET_TYPE
    status: str = "AVAILABLE"
    status_message: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    user_arn: str = PLATFORM_ROLE
    user_arn_session: str | None = None
    created_time: str = "2026-01-15T08:00:00+00:00"
    provisioning_artifact_id: str | None = None
    provisioning_artifact_name: str = "v1"
    record_id: str | None = None
    record_status: str | None = None
    record_errors: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Derive the IDs that were not given."""
        self.provisioning_artifact_id = self.provisioning_artifact_id or f"pa-{self._suffix}"
        self.record_id = self.record_id or f"rec-{self._suffix}"

    @property
    def _suffix(self) -> str:
        return self.id[-13:]

    @property
    def product_id(self) -> str:
        """The ID of the product in the catalog."""
        return f"prod-{self._suffix}"

    @property
    def arn(self) -> str:
        """The ARN, in the format that AWS uses for stacks and stack sets."""
        return f"arn:aws:servicecatalog:{self.region}:{self.account}:stack/{self.name}/{self.id}"

    @property
    def created(self) -> datetime:
        """``created_time``, which can end in Z; Python 3.10 does not parse that."""
        time = datetime.fromisoformat(self.created_time.replace("Z", "+00:00"))
        return time if time.tzinfo else time.replace(tzinfo=timezone.utc)

    @property
    def stack_set_name(self) -> str:
        """The name of the stack set, inferred from managed policies and a published sample of AWS; not verified."""
        return f"SC-{self.account}-{self.id}"

    def detail(self) -> dict[str, t.Any]:
        """Return the fields of ``ProvisionedProductDetail``."""
        return {
            "Id": self.id,
            "Name": self.name,
            "Arn": self.arn,
            "Type": self.type,
            "Status": self.status,
            "StatusMessage": self.status_message,
            "CreatedTime": self.created,
            "IdempotencyToken": f"token-{self._suffix}",
            "LastRecordId": self.record_id,
            "LastProvisioningRecordId": self.record_id,
            "LastSuccessfulProvisioningRecordId": self.record_id,
            "ProductId": self.product_id,
            "ProvisioningArtifactId": self.provisioning_artifact_id,
        }

    def record(self) -> dict[str, t.Any]:
        """Return the fields of ``RecordDetail`` of the last operation; its status follows the product by default."""
        status = {"UNDER_CHANGE": "IN_PROGRESS", "TAINTED": "FAILED", "ERROR": "FAILED"}.get(self.status, "SUCCEEDED")
        return {
            "RecordId": self.record_id,
            "ProvisionedProductId": self.id,
            "ProvisionedProductName": self.name,
            "ProvisionedProductType": self.type,
            "ProductId": self.product_id,
            "ProvisioningArtifactId": self.provisioning_artifact_id,
            "RecordType": "PROVISION_PRODUCT",
            "Status": self.record_status or status,
            "RecordErrors": self.record_errors,
            "CreatedTime": self.created,
            "UpdatedTime": self.created,
        }

    def attribute(self) -> dict[str, t.Any]:
        """Return the fields of ``ProvisionedProductAttribute``, which searches return."""
        return {
            **self.detail(),
            "Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()],
            "PhysicalId": self.stack_set_name if self.type == STACK_SET_TYPE else None,
            "ProductName": self.name,
            "ProvisioningArtifactName": self.provisioning_artifact_name,
            "UserArn": self.user_arn,
            "UserArnSession": self.user_arn_session or self.user_arn,
        }


class Backend(ServiceCatalogBackend):
    """moto's backend of an account and Region, extended by provisioned products."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.provisioned_products: dict[str, ProvisionedProduct] = {}

    def provisioned_product(self, product_id: str | None = None, name: str | None = None) -> ProvisionedProduct:
        """Return a product by ID or by name.

        Raises:
            InvalidParameters: Both or neither are given.
            ResourceNotFound: The product does not exist.
        """
        if (product_id is None) == (name is None):
            raise InvalidParameters("Exactly one of Id and Name is required.")
        for product in self.provisioned_products.values():
            if product_id == product.id or (name is not None and name == product.name):
                return product
        raise ResourceNotFound(f"Provisioned product not found: {product_id or name}")

    def record(self, record_id: str) -> dict[str, t.Any]:
        """Return ``RecordDetail`` of the last record of a product. Raises ResourceNotFound."""
        for product in self.provisioned_products.values():
            if product.record_id == record_id:
                return product.record()
        raise ResourceNotFound(f"Record not found: {record_id}")

    def version_name(self, product_id: str, version_id: str) -> str:
        """Return the name of a version that a provisioned product has. Raises ResourceNotFound."""
        for product in self.provisioned_products.values():
            if (product.product_id, product.provisioning_artifact_id) == (product_id, version_id):
                return product.provisioning_artifact_name
        raise ResourceNotFound(f"Provisioning artifact not found: {version_id}")

    def search(self, terms: t.Sequence[str], level: str, identity: str) -> list[ProvisionedProduct]:
        """Return the products that match all terms and are visible to the identity at an access level."""
        parsed = [_parse_term(term) for term in terms]
        return [
            product
            for product in self.provisioned_products.values()
            if is_visible(product, level, identity) and all(_matches(product.attribute(), *term) for term in parsed)
        ]


def sort(products: list[ProvisionedProduct], sort_by: str | None, descending: bool) -> None:
    """Sort products by a field; without one shuffle them, so that pages repeat and skip products, as seen on AWS."""
    if sort_by is None:
        random.shuffle(products)
    elif sort_by in SORT_FIELDS:
        products.sort(key=lambda product: product.attribute()[SORT_FIELDS[sort_by]], reverse=descending)
    else:
        raise InvalidParameters(f"SortBy must be one of {', '.join(SORT_FIELDS)}, not {sort_by}.")


def is_visible(product: ProvisionedProduct, level: str, identity: str) -> bool:
    """Return whether an identity sees a product at an access level. How AWS compares the ARNs is a guess."""
    if level == "Account":
        return True
    if level == "Role":
        return product.user_arn == _role_of(identity)
    return (product.user_arn_session or product.user_arn) == identity


def _role_of(identity: str) -> str:
    # arn:aws:sts::123456789012:assumed-role/NAME/SESSION belongs to arn:aws:iam::123456789012:role/NAME
    if ":assumed-role/" not in identity:
        return identity
    head, name, _session = identity.replace(":sts:", ":iam:").split("/", 2)
    return f"{head.replace(':assumed-role', ':role')}/{name}"


def _parse_term(term: str) -> tuple[str, str]:
    name, colon, value = term.partition(":")
    if not colon or name not in SEARCH_TERMS:
        raise InvalidParameters(f"Invalid search query: {term}")
    return SEARCH_TERMS[name], value


def _matches(attribute: dict[str, t.Any], name: str, value: str) -> bool:
    if name == "Tags":
        # The format of a tag in a search term is a guess: its key, its value, or key=value.
        return any(value in (tag["Key"], tag["Value"], f"{tag['Key']}={tag['Value']}") for tag in attribute["Tags"])
    return str(attribute[name]).lower() == value.lower()
