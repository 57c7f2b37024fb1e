# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults on demand: for each product or operation a script of steps, one for each request."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
import typing as t
from dataclasses import dataclass, field

if t.TYPE_CHECKING:
    from cheroot.server import HTTPRequest

_STEP_KEYS = {"pass", "error", "raw", "edit", "truncate", "honest_length", "delay", "trickle", "drop"}
_PRODUCT_PARAMETERS = ("ProvisionedProductId", "Id", "Name", "StackSetName")

Step = t.Dict[str, t.Any]


class BadFault(Exception):
    """A script that can't be played; the text says why."""


@dataclass
class Answer:
    """An HTTP answer on its way to the client."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


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
        with self._lock:
            self._scripts.clear()

    def add(self, script: dict[str, t.Any]) -> None:
        """Plan C({"product", "operation", "steps", "repeat"}). Raises BadFault."""
        steps = script.get("steps")
        if not isinstance(steps, list) or not steps or not all(isinstance(step, dict) and step for step in steps):
            raise BadFault("A fault needs steps, a list of objects.")
        unknown = {key for step in steps for key in step} - _STEP_KEYS
        if unknown:
            raise BadFault(f"A step knows no {', '.join(sorted(unknown))}, but {', '.join(sorted(_STEP_KEYS))}.")
        with self._lock:
            self._scripts.append(
                _Script(script.get("product"), script.get("operation"), steps, bool(script.get("repeat")))
            )

    def step_for(self, operation: str, parameters: dict[str, t.Any]) -> Step:
        """The step to be played for a request; C({}) where none is planned."""
        products = [parameters[name] for name in _PRODUCT_PARAMETERS if name in parameters]
        with self._lock:
            for script in self._scripts:
                if script.operation not in (None, operation):
                    continue
                # A stack set's name ends in the id of its product.
                if script.product is not None and not any(str(name).endswith(script.product) for name in products):
                    continue
                step = script.next()
                if step is not None:
                    return step
        return {}


def answer_instead(step: Step) -> Answer | None:
    """The answer that O(step) gives in place of the real one, if it does."""
    if "error" in step:
        error = step["error"]
        body = json.dumps({"__type": error["code"], "message": error.get("message", "")}).encode()
        return Answer(error.get("status", 400), [("Content-Type", "application/x-amz-json-1.1")], body)
    if "raw" in step:
        raw = step["raw"]
        return Answer(raw.get("status", 200), list(raw.get("headers", {}).items()), raw.get("body", "").encode())
    return None


def edited(step: Step, answer: Answer) -> Answer:
    """The real answer with what O(step) sets in its JSON, or removes."""
    if "edit" not in step:
        return answer
    value = {**json.loads(answer.body), **step["edit"].get("set", {})}
    for name in step["edit"].get("remove", ()):
        value.pop(name, None)
    return Answer(answer.status, answer.headers, json.dumps(value).encode())


def body_of(step: Step, answer: Answer, request: HTTPRequest) -> t.Iterator[bytes]:
    """The answer's body as O(step) sends it, and the connection's end if it cuts one."""
    body = answer.body[: step["truncate"]] if "truncate" in step else answer.body
    trickle = step.get("trickle")
    if trickle:
        for start in range(0, len(body), trickle["bytes"]):
            time.sleep(trickle["interval"] if start else 0)
            yield body[start : start + trickle["bytes"]]
    else:
        yield body
    if step.get("drop") or ("truncate" in step and not step.get("honest_length")):
        drop(request, step.get("drop", "fin"))


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
