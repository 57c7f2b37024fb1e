# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that records and replays responses of the mock endpoint: benchmarks must not measure that endpoint.

The first request is sent to the mock endpoint, and its response is stored. Later requests with the same service, Region
and body receive the same bytes after the latency, with a tenth of the CPU time.
"""

from __future__ import annotations

import http.client
import re
import socketserver
import threading
import time
import typing as t
from urllib.parse import urlsplit

_SCOPE = re.compile(r"Credential=([^/]+)/[^/]+/([^,]+)")
_HOP_BY_HOP = {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"}

Headers = t.Dict[str, str]


class Replay:
    """A server in threads of this process, in front of an endpoint. It stops with the context manager."""

    def __init__(self, upstream: str) -> None:
        self.latency = 0.0
        """Minimum duration of each request in seconds."""
        self.requests = 0
        """Number of requests."""
        self.recorded = 0
        """Number of requests that were sent to the mock endpoint."""
        self._upstream = urlsplit(upstream).netloc
        self._responses: dict[tuple[str, ...], bytes] = {}
        self._recordings: dict[tuple[str, ...], threading.Lock] = {}
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Connection)
        self._server.replay = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> Replay:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def clear(self) -> None:
        """Discard all recorded responses."""
        self._responses.clear()

    def respond(self, method: str, path: str, headers: Headers, body: bytes) -> bytes:
        """Return the HTTP response after the latency."""
        began = time.monotonic()
        scope = _SCOPE.search(headers.get("authorization", ""))
        signer = scope.groups() if scope else ()
        key = (method, path, headers.get("x-amz-target", ""), *signer, body.decode("latin-1"))
        with self._lock:
            self.requests += 1
            self.recorded += key not in self._responses
            # A retry after a timeout waits for the first response, too.
            recording = self._recordings.setdefault(key, threading.Lock())
        if key not in self._responses:
            with recording:
                if key not in self._responses:
                    self._responses[key] = self._request(method, path, headers, body)
        response = self._responses[key]
        wait = self.latency - (time.monotonic() - began)
        if wait > 0:
            time.sleep(wait)
        return response

    def _request(self, method: str, path: str, headers: Headers, body: bytes) -> bytes:
        connection = http.client.HTTPConnection(self._upstream, timeout=600)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        headers_ = [(name, value) for name, value in response.getheaders() if name.lower() not in _HOP_BY_HOP]
        lines = [f"HTTP/1.1 {response.status} {response.reason}", *(f"{name}: {value}" for name, value in headers_)]
        return "\r\n".join([*lines, f"Content-Length: {len(content)}", "", ""]).encode("latin-1") + content


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128
    replay: Replay


class _Connection(socketserver.StreamRequestHandler):
    """A minimal HTTP connection for AWS clients: it stays open, and bodies have a Content-Length."""

    disable_nagle_algorithm = True
    server: _Server

    def handle(self) -> None:
        """Respond to requests until the client disconnects."""
        try:
            while line := self.rfile.readline():
                method, path, _version = line.decode("latin-1").split(maxsplit=2)
                headers: Headers = {}
                while (field := self.rfile.readline().decode("latin-1").strip()) != "":
                    name, _colon, value = field.partition(":")
                    headers[name.lower()] = value.strip()
                body = self.rfile.read(int(headers.get("content-length") or 0))
                self.connection.sendall(self.server.replay.respond(method, path, headers, body))
        except ConnectionError:
            return
