# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fault injection: for each product or operation a script of steps, one for each request."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import typing as t
from dataclasses import dataclass, field

from mock_endpoint import response
from mock_endpoint.response import Response

if t.TYPE_CHECKING:
    from cheroot.server import HTTPRequest

Step = t.Dict[str, t.Any]

# At most one of these in a step.
_EXCLUSIVE = ("pass", "error", "raw", "edit")
_NUMBER = (int, float)
_Types = t.Dict[str, t.Union[type, t.Tuple[type, ...]]]
_STEP_TYPES: _Types = {
    "pass": bool,
    "error": dict,
    "raw": dict,
    "edit": dict,
    "truncate": int,
    "honest_length": bool,
    "delay": _NUMBER,
    "trickle": dict,
    "drop": str,
}
# The keys of those steps that are objects, and the required keys.
_STEP_KEYS: dict[str, tuple[_Types, set[str]]] = {
    "error": ({"code": str, "message": str, "status": int}, {"code"}),
    "raw": ({"status": int, "headers": dict, "body": str}, set()),
    "edit": ({"set": dict, "remove": list}, set()),
    "trickle": ({"bytes": int, "interval": _NUMBER}, {"bytes", "interval"}),
}
_PRODUCT_PARAMETERS = ("ProvisionedProductId", "Id", "Name")
# SC-<account>-<product>, alone, in an ID or in an ARN.
_STACK_SET = re.compile(r"(?:arn:.*:stackset/)?SC-\d{12}-(?P<product>[^:]+)(?::.*)?")


class InvalidFault(ValueError):
    """An invalid script. The message describes the problem."""


@dataclass
class _Script:
    product: str | None
    operation: str | None
    steps: list[Step]
    repeat: bool
    position: int = field(default=0)

    def next(self) -> Step | None:
        if self.position >= len(self.steps):
            if not self.repeat:
                return None
            self.position = 0
        self.position += 1
        return self.steps[self.position - 1]


def _planned(script: t.Any) -> _Script:
    known = {"product", "operation", "steps", "repeat"}
    steps = script.get("steps") if isinstance(script, dict) and set(script) <= known else None
    if not isinstance(steps, list) or not steps:
        raise InvalidFault("A fault requires steps (a list of objects). It can have product, operation and repeat.")
    for step in steps:
        _validate(step)
    return _Script(script.get("product"), script.get("operation"), steps, bool(script.get("repeat")))


class Faults:
    """The scripts that are not used up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._scripts: list[_Script] = []

    def clear(self) -> None:
        """Remove all scripts."""
        with self._lock:
            self._scripts.clear()

    def add(self, scripts: t.Any) -> None:
        """Add scripts: all of them, or none.

        Args:
            scripts: A list of ``{"product", "operation", "steps", "repeat"}``; README.md describes the steps.

        Raises:
            InvalidFault: A script is invalid.
        """
        if not isinstance(scripts, list) or not scripts:
            raise InvalidFault("scripts must be a list of objects.")
        planned = [_planned(script) for script in scripts]
        with self._lock:
            self._scripts.extend(planned)

    def step_for(self, operation: str, parameters: dict[str, t.Any]) -> Step:
        """Return the next step for a request, ``{}`` if no script matches."""
        with self._lock:
            for script in self._scripts:
                if script.operation not in (None, operation):
                    continue
                if script.product is not None and script.product not in _products_in(parameters):
                    continue
                step = script.next()
                if step is not None:
                    return step
        return {}


def _validate(step: t.Any) -> None:
    _validate_object("step", step, _STEP_TYPES, set())
    for name, (types, required) in _STEP_KEYS.items():
        if name in step:
            _validate_object(f"step's {name}", step[name], types, required)
    if not step or len(set(step) & set(_EXCLUSIVE)) > 1:
        raise InvalidFault(f"A step must not be empty, and can have only one of {', '.join(_EXCLUSIVE)}.")
    if step.get("drop", "fin") not in ("fin", "rst"):
        raise InvalidFault(f"A step's drop must be fin or rst, not {step['drop']}.")
    if step.get("trickle", {}).get("bytes", 1) < 1:
        raise InvalidFault("A step's trickle requires at least one byte at a time.")


def _validate_object(what: str, value: t.Any, types: _Types, required: set[str]) -> None:
    if not isinstance(value, dict) or not required <= set(value) <= set(types):
        raise InvalidFault(f"A {what} must be an object of {', '.join(types)}, not {value!r}.")
    for name, item in value.items():
        if not isinstance(item, types[name]) or (isinstance(item, (int, float)) and item < 0):
            raise InvalidFault(f"A {what} has an invalid value for {name}: {item!r}.")


def _products_in(parameters: dict[str, t.Any]) -> set[str]:
    products = {str(parameters[name]) for name in _PRODUCT_PARAMETERS if name in parameters}
    stack_set = _STACK_SET.fullmatch(str(parameters.get("StackSetName", "")))
    return products | {stack_set["product"]} if stack_set else products


def scripted_response(step: Step, environ: response.Environ) -> Response | None:
    """Return the response that replaces the real one, None if the step does not replace it."""
    if "error" in step:
        error = step["error"]
        return response.error(environ, error["code"], error.get("message", ""), error.get("status", 400))
    if "raw" in step:
        raw = step["raw"]
        return Response(
            raw.get("status", 200),
            raw.get("body", "").encode(),
            [(name, str(value)) for name, value in raw.get("headers", {}).items()],
        )
    return None


def edit(step: Step, real: Response) -> Response:
    """Return the real response with the step's changes to its JSON.

    Raises:
        InvalidFault: The response is not JSON.
    """
    if "edit" not in step:
        return real
    try:
        value = {**json.loads(real.body), **step["edit"].get("set", {})}
    except ValueError:
        raise InvalidFault("Only responses in JSON can be edited.") from None
    for name in step["edit"].get("remove", ()):
        value.pop(name, None)
    return Response(real.status, json.dumps(value).encode(), real.headers)


def content_length(step: Step, response_: Response) -> int:
    """Return the Content-Length to send: that of the complete body, unless ``honest_length`` is set."""
    return len(_truncate(step, response_)) if step.get("honest_length") else len(response_.body)


def split_body(step: Step, response_: Response) -> list[bytes]:
    """Return the pieces in which the body is sent, at least one."""
    body = _truncate(step, response_)
    size = step["trickle"]["bytes"] if "trickle" in step else len(body)
    return [body[start : start + size] for start in range(0, len(body), size)] if body else [b""]


def drop_after_body(step: Step, response_: Response) -> str | None:
    """Return how the connection ends after the body, ``fin`` or ``rst``; None if it stays open."""
    is_incomplete = len(_truncate(step, response_)) < content_length(step, response_)
    return step.get("drop", "fin") if is_incomplete else step.get("drop")


def drop(request: HTTPRequest, how: str) -> None:
    """End the connection of a request: ``fin`` closes it, ``rst`` resets it."""
    connection = request.conn
    request.sent_headers = True
    request.close_connection = True
    if how == "rst":
        # A close without time to linger sends RST, unless a shutdown has sent FIN before.
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection._close_kernel_socket = lambda: None
    else:
        connection.socket.shutdown(socket.SHUT_RDWR)


def _truncate(step: Step, response_: Response) -> bytes:
    return response_.body[: step["truncate"]] if "truncate" in step else response_.body
