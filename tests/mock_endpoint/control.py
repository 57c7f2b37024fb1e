# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control API under C(/mock/): what tests tell the endpoint, and what it tells them."""

from __future__ import annotations

import json
import typing as t

from mock_endpoint import products
from mock_endpoint.faults import BadFault

if t.TYPE_CHECKING:
    from mock_endpoint.server import Endpoint


def respond(endpoint: Endpoint, method: str, path: str, body: bytes) -> tuple[int, t.Any]:
    """The status and the JSON value that answer a call of the control API."""
    try:
        return _respond(endpoint, f"{method} {path}", json.loads(body or b"{}"))
    except (BadFault, products.BadProduct) as e:
        return 400, {"error": str(e)}
    except (AttributeError, KeyError, TypeError, ValueError) as e:
        return 400, {"error": f"This can't be understood: {e!r}"}


def _respond(endpoint: Endpoint, call: str, given: dict[str, t.Any]) -> tuple[int, t.Any]:
    _prefix, _slash, product_id = call.partition("/mock/products/")
    if product_id and call.startswith("PATCH"):
        products.update(product_id, given)
    elif product_id and call.startswith("DELETE"):
        products.remove(product_id)
    elif call == "POST /mock/products":
        return 200, {"products": endpoint.add_products(given)}
    elif call == "POST /mock/reset":
        endpoint.reset()
    elif call == "POST /mock/stop":
        endpoint.stopped.set()
    elif call == "POST /mock/faults":
        endpoint.faults.add(given)
    elif call == "DELETE /mock/faults":
        endpoint.faults.clear()
    elif call == "GET /mock/requests":
        return 200, endpoint.log.as_dict()
    elif call == "DELETE /mock/requests":
        endpoint.log.clear()
    elif call == "PUT /mock/latency":
        endpoint.set_latency(given["milliseconds"])
    elif call == "PUT /mock/iam":
        endpoint.enforce_iam(given["enforce"])
    elif call != "GET /mock/health":
        return 404, {"error": f"There is no {call}."}
    return 200, {"ok": True}
