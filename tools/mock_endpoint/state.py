# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the control calls change, and what the responses depend on."""

from __future__ import annotations

import threading
import typing as t

from moto.moto_api._internal.models import moto_api_backend

from mock_endpoint import iam, products, request_log
from mock_endpoint.faults import Faults
from mock_endpoint.organizations import description


class State:
    """The state of an endpoint, apart from that of moto."""

    def __init__(self, copy_of_log: t.TextIO | None = None) -> None:
        """Create the state of an endpoint without products.

        Args:
            copy_of_log: A file to which requests are also logged.
        """
        self.faults = Faults()
        self.log = request_log.RequestLog(copy_of_log)
        self.stopped = threading.Event()
        self.latency = 0.0
        """The minimum duration of each AWS request, in seconds."""

    def reset(self) -> None:
        """Remove all products, faults and logged requests; disable latency and IAM enforcement."""
        moto_api_backend.reset()
        self.faults.clear()
        self.log.clear()
        self.latency = 0.0
        iam.enforce(False)

    def add_products(self, fleet: dict[str, t.Any]) -> list[str]:
        """Create or replace the products and the organization of a fleet, and return the IDs of the products.

        Raises:
            InvalidProduct, InvalidOrganization: The fleet is invalid.
        """
        described = products.of_fleet(fleet)
        organization = description.parse(fleet["organization"]) if "organization" in fleet else None
        added = [products.add(product).id for product in described]
        if organization is not None:
            description.add(organization)
        return added

    def set_latency(self, milliseconds: float) -> None:
        """Set the minimum duration of each AWS request."""
        self.latency = max(0.0, float(milliseconds) / 1000)
