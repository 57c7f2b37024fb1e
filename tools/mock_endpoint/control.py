# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control API under C(/mock/): what tests tell the endpoint, and what it tells them."""

from __future__ import annotations

import json
import typing as t

from mock_endpoint import iam, products

if t.TYPE_CHECKING:
    from mock_endpoint.server import Endpoint


class BadCall(ValueError):
    """A call that can't be understood; the text says why."""


def respond(endpoint: Endpoint, method: str, path: str, body: bytes) -> tuple[int, t.Any]:
    """The status and the JSON value that answer a call of the control API."""
    try:
        given = json.loads(body or b"{}")
        if not isinstance(given, dict):
            raise BadCall("The body must be a JSON object.")
        return _respond(endpoint, f"{method} {path}", given)
    except json.JSONDecodeError:
        return 400, {"error": "The body is not JSON."}
    except ValueError as e:
        return 400, {"error": str(e)}


def _respond(endpoint: Endpoint, call: str, given: dict[str, t.Any]) -> tuple[int, t.Any]:
    _prefix, _slash, product_id = call.partition("/mock/products/")
    if product_id and call.startswith("PATCH"):
        products.update(product_id, given)
    elif product_id and call.startswith("DELETE"):
        products.remove(product_id)
    elif call == "POST /mock/products":
        return 200, {"products": endpoint.add_products(given)}
    elif call == "GET /mock/requests":
        return 200, endpoint.log.as_dict()
    elif call == "PUT /mock/latency":
        endpoint.set_latency(_value(given, "milliseconds", (int, float)))
    elif call == "PUT /mock/iam":
        iam.enforce(_value(given, "enforce", bool))
    elif call != "GET /mock/health":
        return _do(endpoint, call, given)
    return 200, {"ok": True}


def _do(endpoint: Endpoint, call: str, given: dict[str, t.Any]) -> tuple[int, t.Any]:
    """What takes no value, or a whole one."""
    actions: dict[str, t.Callable[[], object]] = {
        "POST /mock/reset": endpoint.reset,
        "POST /mock/stop": endpoint.stopped.set,
        "POST /mock/faults": lambda: endpoint.faults.add(given),
        "DELETE /mock/faults": endpoint.faults.clear,
        "DELETE /mock/requests": endpoint.log.clear,
        "DELETE /mock/sessions": iam.expire_sessions,
    }
    if call not in actions:
        return 404, {"error": f"There is no {call}."}
    actions[call]()
    return 200, {"ok": True}


def _value(given: dict[str, t.Any], name: str, kind: type | tuple[type, ...]) -> t.Any:
    value = given.get(name)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool) or given[name] < 0:
        raise BadCall(f"This needs {name}, and {value!r} won't do.")
    return value
