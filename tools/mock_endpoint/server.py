# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An HTTP server in front of moto that keeps connections alive, logs requests and injects faults."""

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
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.organizations.models import organizations_backends
from moto.servicecatalog.models import servicecatalog_backends
from moto.sts.responses import TokenResponse

from mock_endpoint import control, faults, iam, request_log, response
from mock_endpoint.cloudformation import models as cloudformation_models
from mock_endpoint.organizations import models as organizations_models
from mock_endpoint.response import Environ, Response
from mock_endpoint.servicecatalog import models as servicecatalog_models
from mock_endpoint.state import State

THREADS = 64
# Longer than a client pauses between two attempts; otherwise it would meet a closed connection by chance.
IDLE_SECONDS = 60
_HTML = re.compile(rb"<title>|<!doctype html>", re.IGNORECASE)


class _Moto(DomainDispatcherApplication):
    """moto's choice of the service for a request, cached: it inspects 180 folders each time."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self._backends: dict[str | None, t.Any] = {}

    def get_backend_for_host(self, host: str | None) -> t.Any:
        """Return the service of a host, None if there is none."""
        if host not in self._backends:
            self._backends[host] = super().get_backend_for_host(host)
        return self._backends[host]

    def has_service_for(self, environ: Environ) -> bool:
        """Return whether moto implements the service of a request."""
        host = self.infer_service_region_host(environ, environ["PATH_INFO"])
        return host is None or self.get_backend_for_host(host) is not None


class _Gateway(wsgi.Gateway_10):
    """Gives the application access to the connection, which faults can drop."""

    def get_environ(self) -> Environ:  # type: ignore[override]  # cheroot declares None
        environ: Environ = super().get_environ()
        environ["mock_endpoint.request"] = self.req
        return environ


class _Server(wsgi.Server):
    """cheroot's server, which does not log a TLS connection that the client closed before the response."""

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        """Log an error of the server itself."""
        if not isinstance(sys.exc_info()[1], ssl.SSLEOFError):
            super().error_log(msg, level, traceback)


class Endpoint:
    """The endpoint: its state and its server."""

    def __init__(
        self,
        address: tuple[str, int],
        tls: tuple[Path, Path] | None = None,
        copy_of_log: t.TextIO | None = None,
    ) -> None:
        """Create an endpoint that does not listen yet.

        Args:
            address: Host and port; port 0 selects a free port.
            tls: Files of a certificate and its key, for HTTPS.
            copy_of_log: A file to which requests are also logged.
        """
        # moto creates its backends on first use, from the classes that are set here.
        servicecatalog_backends.backend = servicecatalog_models.Backend
        cloudformation_backends.backend = cloudformation_models.Backend
        organizations_backends.backend = organizations_models.Backend
        token_response: t.Any = TokenResponse
        token_response._authenticate_and_authorize_normal_action = iam.authorize_if_signed
        self.state = State(copy_of_log)
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
        """The port; available after ``start``."""
        return int(self._server.bind_addr[1])

    @property
    def url(self) -> str:
        """The endpoint URL for clients."""
        return f"{'https' if self._tls else 'http'}://{self._server.bind_addr[0]}:{self.port}"

    def start(self) -> None:
        """Accept connections, and serve them in threads."""
        self._server.prepare()
        threading.Thread(target=self._server.serve, daemon=True).start()

    def stop(self) -> None:
        """Finish requests that are in flight, and stop."""
        self._server.stop()

    def _application(self, environ: Environ, start_response: t.Any) -> t.Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length)
        if len(body) < length:
            # The client ended before it has sent its request.
            return _send(Response(400), start_response)
        environ["wsgi.input"] = io.BytesIO(body)
        path = environ["PATH_INFO"]
        if path.startswith("/mock/"):
            status, value = control.respond(self.state, environ["REQUEST_METHOD"], path, body)
            content_type = ("Content-Type", "application/json")
            return _send(Response(status, json.dumps(value).encode(), [content_type]), start_response)
        if path == "/moto-api/reset":
            self.state.reset()
            return _send(Response(200, b'{"status": "ok"}'), start_response)
        if path.startswith("/moto-api"):
            return _send(self._call_moto(environ), start_response)
        return self._aws(environ, start_response, request_log.entry_of(environ, body))

    def _aws(self, environ: Environ, start_response: t.Any, entry: request_log.Entry) -> t.Iterator[bytes]:
        """Yield the response to an AWS request, so that the request ends in the log with the last piece of it."""
        self.state.log.begin(entry)
        began = time.monotonic()
        try:
            step = self.state.faults.step_for(entry.operation, entry.parameters)
            request = environ["mock_endpoint.request"]
            wait = step.get("delay", 0) + self.state.latency - (time.monotonic() - began)
            if wait > 0:
                time.sleep(wait)
            if "drop" in step and "truncate" not in step:
                faults.drop(request, step["drop"])
                return
            sent = faults.scripted_response(step, environ) or self._real_response(environ, entry, step)
            entry.status = sent.status
            _send(sent, start_response, faults.content_length(step, sent))
            yield from self._pieces(faults.split_body(step, sent), step, entry)
            how = faults.drop_after_body(step, sent)
            if how is not None:
                request.ensure_headers_sent()
                faults.drop(request, how)
        finally:
            self.state.log.end(entry)

    def _pieces(self, pieces: list[bytes], step: faults.Step, entry: request_log.Entry) -> t.Iterator[bytes]:
        for number, piece in enumerate(pieces, 1):
            if number > 1:
                time.sleep(step["trickle"]["interval"])
            if number == len(pieces):
                # Before the last piece is sent: the client's next request must not count as concurrent.
                self.state.log.end(entry)
            yield piece

    def _real_response(self, environ: Environ, entry: request_log.Entry, step: faults.Step) -> Response:
        unauthenticated = iam.authentication_error(environ, entry.operation)
        real = unauthenticated or iam.translate_error(environ, self._call_moto(environ))
        try:
            return faults.edit(step, real)
        except faults.InvalidFault as e:
            return response.error(environ, "InternalFailure", str(e), 500)

    def _call_moto(self, environ: Environ) -> Response:
        real = Response(500)

        def start_response(line: str, headers: list[tuple[str, str]], exc_info: t.Any = None) -> None:
            real.status, real.headers = int(line.split(maxsplit=1)[0]), headers

        try:
            if not self._moto.has_service_for(environ):
                return response.error(
                    environ, "UnknownOperationException", "The mock endpoint does not implement this service."
                )
            real.body = b"".join(self._moto(environ, start_response))
        except (NotImplementedError, BotoCoreError) as e:
            # moto's own server returns a page of HTML and a status that clients retry.
            return response.error(environ, "UnknownOperationException", str(e))
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return response.error(environ, "InternalFailure", "Internal error of the mock endpoint.", 500)
        if real.status in (404, 405) and _HTML.search(real.body):
            return response.error(
                environ, "UnknownOperationException", "The mock endpoint does not implement this operation."
            )
        return real


def _send(sent: Response, start_response: t.Any, length: int | None = None) -> list[bytes]:
    content_length = len(sent.body) if length is None else length
    headers = [header for header in sent.headers if header[0].lower() != "content-length"]
    try:
        reason = HTTPStatus(sent.status).phrase
    except ValueError:
        reason = "Unknown"
    start_response(f"{sent.status} {reason}", [*headers, ("Content-Length", str(content_length))])
    return [sent.body]
