# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control calls under ``/mock/``, with which tests change and observe the state."""

from __future__ import annotations

import json
import typing as t

from mock_endpoint import iam, products

if t.TYPE_CHECKING:
    from mock_endpoint.state import State


class InvalidCall(ValueError):
    """A control call with an invalid body. The message describes the problem."""


def respond(state: State, method: str, path: str, body: bytes) -> tuple[int, t.Any]:
    """Run a control call and return the HTTP status and the JSON value of its response."""
    try:
        parameters = json.loads(body or b"{}")
        if not isinstance(parameters, dict):
            raise InvalidCall("The body must be a JSON object.")
        return _dispatch(state, f"{method} {path}", parameters)
    except json.JSONDecodeError:
        return 400, {"error": "The body is not valid JSON."}
    except ValueError as e:
        return 400, {"error": str(e)}


def _dispatch(state: State, call: str, parameters: dict[str, t.Any]) -> tuple[int, t.Any]:
    _prefix, _slash, product_id = call.partition("/mock/products/")
    if product_id and call.startswith("PATCH"):
        products.update(product_id, parameters)
        return 200, {"ok": True}
    if product_id and call.startswith("DELETE"):
        products.remove(product_id)
        return 200, {"ok": True}
    if call == "POST /mock/products":
        return 200, {"products": state.add_products(parameters)}
    if call == "GET /mock/requests":
        return 200, state.log.as_dict()
    actions: dict[str, t.Callable[[], object]] = {
        "GET /mock/health": lambda: None,
        "PUT /mock/latency": lambda: state.set_latency(_value(parameters, "milliseconds", (int, float))),
        "PUT /mock/iam": lambda: iam.enforce(_value(parameters, "enforce", bool)),
        "POST /mock/reset": state.reset,
        "POST /mock/stop": state.stopped.set,
        "POST /mock/faults": lambda: state.faults.add(parameters.get("scripts", [parameters])),
        "DELETE /mock/faults": state.faults.clear,
        "DELETE /mock/requests": state.log.clear,
        "DELETE /mock/sessions": iam.expire_sessions,
    }
    if call not in actions:
        return 404, {"error": f"Unknown control call: {call}."}
    actions[call]()
    return 200, {"ok": True}


def _value(parameters: dict[str, t.Any], name: str, kind: type | tuple[type, ...]) -> t.Any:
    value = parameters.get(name)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool) or parameters[name] < 0:
        raise InvalidCall(f"Missing or invalid value for {name}: {value!r}.")
    return value
