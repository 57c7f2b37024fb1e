# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""moto behind a server that keeps connections alive, logs requests and plays faults."""

from __future__ import annotations

import io
import json
import sys
import threading
import time
import traceback
import typing as t
from functools import lru_cache
from http.client import responses
from pathlib import Path

import moto.settings
from cheroot import wsgi
from cheroot.ssl.builtin import BuiltinSSLAdapter
from moto.cloudformation.models import cloudformation_backends
from moto.core.authorization import ActionAuthenticatorMixin
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.servicecatalog.models import servicecatalog_backends

from mock_endpoint import cloudformation, control, faults, products, request_log, servicecatalog
from mock_endpoint.cloudformation import models as cloudformation_models
from mock_endpoint.faults import Answer, Faults
from mock_endpoint.servicecatalog import models as servicecatalog_models

__all__ = ["Endpoint", "cloudformation", "servicecatalog"]

THREADS = 64


class _Moto(DomainDispatcherApplication):
    """moto's choice of a service for a request, without looking through all of its folders each time."""

    @lru_cache(maxsize=None)  # noqa: B019 (there is one, and it lives as long as the process)
    def get_backend_for_host(self, host: str | None) -> t.Any:
        return super().get_backend_for_host(host)


class _Gateway(wsgi.Gateway_10):
    """Lets the application reach the connection, which faults cut."""

    def get_environ(self) -> dict[str, t.Any]:
        environ = t.cast("dict[str, t.Any]", super().get_environ())
        environ["mock_endpoint.request"] = self.req
        return environ


class Endpoint:
    """The whole endpoint: its state, its log and its server."""

    def __init__(self, host: str, port: int, tls_cert: Path | None = None, tls_key: Path | None = None) -> None:
        # moto makes its backends at their first use, of the classes that it finds here.
        servicecatalog_backends.backend = servicecatalog_models.Backend
        cloudformation_backends.backend = cloudformation_models.Backend
        self.faults = Faults()
        self.log = request_log.RequestLog()
        self.stopped = threading.Event()
        self._latency = 0.0
        self._moto = _Moto(create_backend_app)
        self._server = wsgi.Server((host, port), self._application, numthreads=THREADS, request_queue_size=THREADS)
        self._server.gateway = _Gateway
        self._tls = tls_cert is not None
        if tls_cert is not None:
            self._server.ssl_adapter = BuiltinSSLAdapter(str(tls_cert), str(tls_key))

    @property
    def port(self) -> int:
        return int(self._server.bind_addr[1])

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://{self._server.bind_addr[0]}:{self.port}"

    def start(self) -> None:
        """Accept connections, and serve them in threads of their own."""
        self._server.prepare()
        threading.Thread(target=self._server.serve, daemon=True).start()

    def stop(self) -> None:
        """Finish what is under way, and end."""
        self._server.stop()

    def reset(self) -> None:
        """Back to an empty AWS: no products, faults, log, latency or IAM enforcement."""
        moto_api_backend.reset()
        self.faults.clear()
        self.log.clear()
        self.set_latency(0)
        self.enforce_iam(False)

    def add_products(self, fleet: dict[str, t.Any]) -> list[str]:
        """Create or replace C(fleet["products"]); their ids. Raises BadProduct."""
        return [products.add(description).id for description in fleet["products"]]

    def set_latency(self, milliseconds: float) -> None:
        """How long each AWS request takes at least."""
        self._latency = float(milliseconds) / 1000

    def enforce_iam(self, enforce: bool) -> None:
        """Whether signatures and policies are checked from now on."""
        moto.settings.INITIAL_NO_AUTH_ACTION_COUNT = 0 if enforce else float("inf")
        ActionAuthenticatorMixin.request_count = 0

    def _application(self, environ: dict[str, t.Any], start_response: t.Any) -> t.Iterable[bytes]:
        began = time.monotonic()
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        path = environ["PATH_INFO"]
        if path.startswith("/mock/"):
            status, value = control.respond(self, environ["REQUEST_METHOD"], path, body)
            return _send(Answer(status, [("Content-Type", "application/json")], json.dumps(value).encode()), start_response)
        if path == "/moto-api/reset":
            self.reset()
            return _send(Answer(200, [], b'{"status": "ok"}'), start_response)
        entry = request_log.entry_of(environ, body)
        self.log.begin(entry)
        try:
            return self._aws(environ, start_response, entry, began)
        finally:
            self.log.end(entry)

    def _aws(
        self, environ: dict[str, t.Any], start_response: t.Any, entry: request_log.Entry, began: float
    ) -> t.Iterable[bytes]:
        step = self.faults.step_for(entry.operation, entry.parameters)
        request = environ["mock_endpoint.request"]
        time.sleep(max(0.0, step.get("delay", 0) + self._latency - (time.monotonic() - began)))
        if "drop" in step and "truncate" not in step:
            faults.drop(request, step["drop"])
            return []
        answer = faults.answer_instead(step) or faults.edited(step, self._moto_answer(environ))
        entry.status = answer.status
        length = len(answer.body[: step["truncate"]]) if step.get("honest_length") else len(answer.body)
        return _send(answer, start_response, length, faults.body_of(step, answer, request))

    def _moto_answer(self, environ: dict[str, t.Any]) -> Answer:
        status, headers = 500, [("Content-Type", "application/x-amz-json-1.1")]

        def start_response(line: str, given: list[tuple[str, str]], exc_info: t.Any = None) -> None:
            nonlocal status, headers
            status, headers = int(line.split()[0]), [h for h in given if h[0].lower() != "content-length"]

        try:
            body = b"".join(self._moto(environ, start_response))
        except NotImplementedError as e:
            # moto's own server answers this with a page of HTML and a status that clients retry.
            return Answer(400, headers, json.dumps({"__type": "UnknownOperationException", "message": str(e)}).encode())
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return Answer(500, headers, b'{"__type": "InternalFailure", "message": "The mock endpoint itself failed."}')
        return Answer(status, headers, body)


def _send(
    answer: Answer, start_response: t.Any, length: int | None = None, body: t.Iterable[bytes] | None = None
) -> t.Iterable[bytes]:
    announced = len(answer.body) if length is None else length
    headers = [h for h in answer.headers if h[0].lower() != "content-length"]
    start_response(
        f"{answer.status} {responses.get(answer.status, 'Unknown')}", [*headers, ("Content-Length", str(announced))]
    )
    return [answer.body] if body is None else body
