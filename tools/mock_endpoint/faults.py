# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults on demand: for each product or operation a script of steps, one for each request."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
import typing as t
from dataclasses import dataclass, field

from mock_endpoint import answer
from mock_endpoint.answer import Answer

if t.TYPE_CHECKING:
    from cheroot.server import HTTPRequest

Step = t.Dict[str, t.Any]

_IN_PLACE_OF_THE_ANSWER = ("pass", "error", "raw", "edit")
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
# What is in the steps that are objects, and what must be.
_PARTS: dict[str, tuple[_Types, set[str]]] = {
    "error": ({"code": str, "message": str, "status": int}, {"code"}),
    "raw": ({"status": int, "headers": dict, "body": str}, set()),
    "edit": ({"set": dict, "remove": list}, set()),
    "trickle": ({"bytes": int, "interval": _NUMBER}, {"bytes", "interval"}),
}

_PRODUCT_PARAMETERS = ("ProvisionedProductId", "Id", "Name")
# A name (SC-<account>-<product>), or an id or an ARN that begin and end with more.
_STACK_SET = re.compile(r"(?:arn:.*:stackset/)?SC-\d{12}-(?P<product>[^:]+)(?::.*)?")


class BadFault(ValueError):
    """A script that can't be played; the text says why."""


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


class Faults:
    """The scripts that are to be played."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._scripts: list[_Script] = []

    def clear(self) -> None:
        """Play nothing more."""
        with self._lock:
            self._scripts.clear()

    def add(self, script: dict[str, t.Any]) -> None:
        """Plan C({"product", "operation", "steps", "repeat"}); the steps are told in README.md. Raises BadFault."""
        unknown = set(script) - {"product", "operation", "steps", "repeat"}
        steps = script.get("steps")
        if unknown or not isinstance(steps, list) or not steps:
            raise BadFault("A fault has product, operation and repeat if it needs them, and steps: a list of objects.")
        for step in steps:
            _check(step)
        planned = _Script(script.get("product"), script.get("operation"), steps, bool(script.get("repeat")))
        with self._lock:
            self._scripts.append(planned)

    def step_for(self, operation: str, parameters: dict[str, t.Any]) -> Step:
        """The step to be played for a request; C({}) where none is planned."""
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


def _check(step: t.Any) -> None:
    _check_object("step", step, _STEP_TYPES, set())
    for name, (types, needed) in _PARTS.items():
        if name in step:
            _check_object(f"step's {name}", step[name], types, needed)
    if not step or len(set(step) & set(_IN_PLACE_OF_THE_ANSWER)) > 1:
        raise BadFault(f"A step says what happens, and is no more than one of {', '.join(_IN_PLACE_OF_THE_ANSWER)}.")
    if step.get("drop", "fin") not in ("fin", "rst"):
        raise BadFault(f"A connection is dropped with fin or rst, not {step['drop']}.")
    if step.get("trickle", {}).get("bytes", 1) < 1:
        raise BadFault("A trickle needs at least one byte at a time.")


def _check_object(what: str, value: t.Any, types: _Types, needed: set[str]) -> None:
    if not isinstance(value, dict) or not needed <= set(value) <= set(types):
        raise BadFault(f"A {what} is an object of {', '.join(types)}; this is not: {value!r}.")
    wrong = [name for name, item in value.items() if not isinstance(item, types[name]) or not _is_sound(item)]
    if wrong:
        raise BadFault(f"A {what} can't have {wrong[0]} {value[wrong[0]]!r}.")


def _is_sound(value: t.Any) -> bool:
    return not isinstance(value, (int, float)) or value >= 0


def _products_in(parameters: dict[str, t.Any]) -> set[str]:
    products = {str(parameters[name]) for name in _PRODUCT_PARAMETERS if name in parameters}
    stack_set = _STACK_SET.fullmatch(str(parameters.get("StackSetName", "")))
    return products | {stack_set["product"]} if stack_set else products


def answer_instead(step: Step, environ: answer.Environ) -> Answer | None:
    """The answer that O(step) gives in place of the real one, if it does."""
    if "error" in step:
        told = step["error"]
        return answer.error(environ, told["code"], told.get("message", ""), told.get("status", 400))
    if "raw" in step:
        raw = step["raw"]
        return Answer(
            raw.get("status", 200),
            raw.get("body", "").encode(),
            [(name, str(value)) for name, value in raw.get("headers", {}).items()],
        )
    return None


def edited(step: Step, real: Answer) -> Answer:
    """The real answer with what O(step) sets in its JSON, or removes. Raises BadFault where it is not JSON."""
    if "edit" not in step:
        return real
    try:
        value = {**json.loads(real.body), **step["edit"].get("set", {})}
    except ValueError:
        raise BadFault("Only an answer in JSON can be edited.") from None
    for name in step["edit"].get("remove", ()):
        value.pop(name, None)
    return Answer(real.status, json.dumps(value).encode(), real.headers)


def announced_length(step: Step, given: Answer) -> int:
    """What Content-Length says: the whole answer, unless a cut one is to be honest."""
    return len(_kept(step, given)) if step.get("honest_length") else len(given.body)


def pieces_of(step: Step, given: Answer) -> list[bytes]:
    """The answer's body as O(step) sends it, piece by piece; always one at least."""
    body = _kept(step, given)
    size = step["trickle"]["bytes"] if "trickle" in step else len(body)
    return [body[start : start + size] for start in range(0, len(body), size)] if body else [b""]


def cuts(step: Step, given: Answer) -> str | None:
    """How the connection ends after the body, C(fin) or C(rst); None if it lives on."""
    cut_short = len(_kept(step, given)) < announced_length(step, given)
    return step.get("drop", "fin") if cut_short else step.get("drop")


def drop(request: HTTPRequest, how: str) -> None:
    """End the connection under a request: O(how) is C(fin) for a close, C(rst) for a reset."""
    connection = request.conn
    request.sent_headers = True
    request.close_connection = True
    if how == "rst":
        # A close with no time to linger sends RST, unless a shutdown has sent FIN before.
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection._close_kernel_socket = lambda: None
    else:
        connection.socket.shutdown(socket.SHUT_RDWR)


def _kept(step: Step, given: Answer) -> bytes:
    return given.body[: step["truncate"]] if "truncate" in step else given.body
