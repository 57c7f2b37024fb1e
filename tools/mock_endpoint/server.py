# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""moto behind a server that keeps connections alive, logs requests and plays faults."""

from __future__ import annotations

import io
import json
import re
import ssl
import sys
import threading
import time
import traceback
import typing as t
from http import HTTPStatus
from pathlib import Path

from botocore.exceptions import BotoCoreError
from cheroot import wsgi
from cheroot.ssl.builtin import BuiltinSSLAdapter
from moto.cloudformation.models import cloudformation_backends
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.servicecatalog.models import servicecatalog_backends
from moto.sts.responses import TokenResponse

from mock_endpoint import answer, control, faults, iam, products, request_log
from mock_endpoint.answer import Answer, Environ
from mock_endpoint.cloudformation import models as cloudformation_models
from mock_endpoint.faults import Faults
from mock_endpoint.servicecatalog import models as servicecatalog_models

THREADS = 64
# How long a connection may be idle: longer than a client pauses between two attempts, or it would lose one by chance.
IDLE_SECONDS = 60
_HTML = re.compile(rb"<title>|<!doctype html>", re.IGNORECASE)


class _Moto(DomainDispatcherApplication):
    """moto's choice of a service for a request, without looking through all of its folders each time."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self._backends: dict[str | None, t.Any] = {}

    def get_backend_for_host(self, host: str | None) -> t.Any:
        """The service that answers for O(host); None for none."""
        if host not in self._backends:
            self._backends[host] = super().get_backend_for_host(host)
        return self._backends[host]

    def knows(self, environ: Environ) -> bool:
        """Whether moto has the service that O(environ) is for."""
        host = self.infer_service_region_host(environ, environ["PATH_INFO"])
        return host is None or self.get_backend_for_host(host) is not None


class _Gateway(wsgi.Gateway_10):
    """Lets the application reach the connection, which faults cut."""

    def get_environ(self) -> Environ:  # type: ignore[override]  # cheroot's types say None
        environ: Environ = super().get_environ()
        environ["mock_endpoint.request"] = self.req
        return environ


class _Server(wsgi.Server):
    """cheroot's server, which takes it for an error that a client has left a TLS connection before its answer."""

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        """Write down what went wrong in the server itself."""
        if not isinstance(sys.exc_info()[1], ssl.SSLEOFError):
            super().error_log(msg, level, traceback)


class Endpoint:
    """The whole endpoint: its state, its log and its server."""

    def __init__(
        self,
        address: tuple[str, int],
        tls: tuple[Path, Path] | None = None,
        copy_of_log: t.TextIO | None = None,
    ) -> None:
        """O(tls) are the files of a certificate and its key."""
        # moto makes its backends at their first use, of the classes that it finds here.
        servicecatalog_backends.backend = servicecatalog_models.Backend
        cloudformation_backends.backend = cloudformation_models.Backend
        token_response: t.Any = TokenResponse
        token_response._authenticate_and_authorize_normal_action = iam.authorize_unless_unsigned
        self.faults = Faults()
        self.log = request_log.RequestLog(copy_of_log)
        self.stopped = threading.Event()
        self._latency = 0.0
        self._moto = _Moto()
        self._server = _Server(
            address, self._application, numthreads=THREADS, request_queue_size=THREADS, timeout=IDLE_SECONDS
        )
        self._server.gateway = _Gateway
        self._tls = tls is not None
        if tls is not None:
            self._server.ssl_adapter = BuiltinSSLAdapter(*map(str, tls))

    @property
    def port(self) -> int:
        """Where it listens, once it has been started."""
        return int(self._server.bind_addr[1])

    @property
    def url(self) -> str:
        """What clients take as their endpoint."""
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
        iam.enforce(False)

    def add_products(self, fleet: dict[str, t.Any]) -> list[str]:
        """Create or replace C(fleet["products"]); their ids. Raises BadProduct."""
        return [products.add(description).id for description in products.in_fleet(fleet)]

    def set_latency(self, milliseconds: float) -> None:
        """How long each AWS request takes at least."""
        self._latency = max(0.0, float(milliseconds) / 1000)

    def _application(self, environ: Environ, start_response: t.Any) -> t.Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        path = environ["PATH_INFO"]
        if path.startswith("/mock/"):
            status, value = control.respond(self, environ["REQUEST_METHOD"], path, body)
            told = Answer(status, json.dumps(value).encode(), [("Content-Type", "application/json")])
            return _send(told, start_response)
        if path == "/moto-api/reset":
            self.reset()
            return _send(Answer(200, b'{"status": "ok"}'), start_response)
        if path.startswith("/moto-api"):
            return _send(self._moto_answer(environ), start_response)
        return self._aws(environ, start_response, request_log.entry_of(environ, body))

    def _aws(self, environ: Environ, start_response: t.Any, entry: request_log.Entry) -> t.Iterator[bytes]:
        """A generator, so that a request ends in the log when the last of its answer has left."""
        self.log.begin(entry)
        began = time.monotonic()
        try:
            step = self.faults.step_for(entry.operation, entry.parameters)
            request = environ["mock_endpoint.request"]
            wait = step.get("delay", 0) + self._latency - (time.monotonic() - began)
            if wait > 0:
                time.sleep(wait)
            if "drop" in step and "truncate" not in step:
                faults.drop(request, step["drop"])
                return
            given = faults.answer_instead(step, environ) or self._real_answer(environ, entry, step)
            entry.status = given.status
            _send(given, start_response, faults.announced_length(step, given))
            yield from self._pieces(faults.pieces_of(step, given), step, entry)
            how = faults.cuts(step, given)
            if how is not None:
                request.ensure_headers_sent()
                faults.drop(request, how)
        finally:
            self.log.end(entry)

    def _pieces(self, pieces: list[bytes], step: faults.Step, entry: request_log.Entry) -> t.Iterator[bytes]:
        for number, piece in enumerate(pieces, 1):
            if number > 1:
                time.sleep(step["trickle"]["interval"])
            if number == len(pieces):
                # Before it leaves: who has it asks for the next page, which is not at the same time.
                self.log.end(entry)
            yield piece

    def _real_answer(self, environ: Environ, entry: request_log.Entry, step: faults.Step) -> Answer:
        refused = iam.refusal(environ, entry.operation)
        given = refused or iam.as_aws_refuses(environ, self._moto_answer(environ))
        try:
            return faults.edited(step, given)
        except faults.BadFault as e:
            return answer.error(environ, "InternalFailure", str(e), 500)

    def _moto_answer(self, environ: Environ) -> Answer:
        given = Answer(500)

        def start_response(line: str, headers: list[tuple[str, str]], exc_info: t.Any = None) -> None:
            given.status, given.headers = int(line.split(maxsplit=1)[0]), headers

        try:
            if not self._moto.knows(environ):
                return answer.error(environ, "UnknownOperationException", "The mock endpoint has no such service.")
            given.body = b"".join(self._moto(environ, start_response))
        except (NotImplementedError, BotoCoreError) as e:
            # moto's own server answers this with a page of HTML and a status that clients retry.
            return answer.error(environ, "UnknownOperationException", str(e))
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return answer.error(environ, "InternalFailure", "The mock endpoint itself failed.", 500)
        if given.status in (404, 405) and _HTML.search(given.body):
            return answer.error(environ, "UnknownOperationException", "The service has no such operation.")
        return given


def _send(given: Answer, start_response: t.Any, length: int | None = None) -> list[bytes]:
    announced = len(given.body) if length is None else length
    headers = [header for header in given.headers if header[0].lower() != "content-length"]
    try:
        reason = HTTPStatus(given.status).phrase
    except ValueError:
        reason = "Unknown"
    start_response(f"{given.status} {reason}", [*headers, ("Content-Length", str(announced))])
    return [given.body]
