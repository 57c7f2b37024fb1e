# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mock endpoint's answers, recorded once and replayed: a benchmark must measure the client, not the mock.

A request that was not seen before goes to the mock endpoint, and its answer is kept as it came. Every later one of the
same service, Region and body gets those bytes back after the latency, for a tenth of the mock's work.
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
    """A server in threads of this process, in front of the endpoint at O(upstream). As a context manager it ends."""

    def __init__(self, upstream: str) -> None:
        self.latency = 0.0
        """How long each request takes at least, in seconds."""
        self.requests = 0
        """How many were answered."""
        self.recorded = 0
        """How many of these were new, and therefore slow."""
        self._upstream = urlsplit(upstream).netloc
        self._answers: dict[tuple[str, ...], bytes] = {}
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

    def forget(self) -> None:
        """Record anew, as what the mock endpoint holds has changed."""
        self._answers.clear()

    def answer(self, method: str, path: str, headers: Headers, body: bytes) -> bytes:
        """The whole answer as bytes, after the latency."""
        began = time.monotonic()
        scope = _SCOPE.search(headers.get("authorization", ""))
        who = scope.groups() if scope else ()
        key = (method, path, headers.get("x-amz-target", ""), *who, body.decode("latin-1"))
        with self._lock:
            self.requests += 1
            self.recorded += key not in self._answers
            # A client that asks again, as it has lost its patience, waits for the first answer too.
            recording = self._recordings.setdefault(key, threading.Lock())
        if key not in self._answers:
            with recording:
                if key not in self._answers:
                    self._answers[key] = self._ask(method, path, headers, body)
        given = self._answers[key]
        wait = self.latency - (time.monotonic() - began)
        if wait > 0:
            time.sleep(wait)
        return given

    def _ask(self, method: str, path: str, headers: Headers, body: bytes) -> bytes:
        connection = http.client.HTTPConnection(self._upstream, timeout=600)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        kept = [(name, value) for name, value in response.getheaders() if name.lower() not in _HOP_BY_HOP]
        lines = [f"HTTP/1.1 {response.status} {response.reason}", *(f"{name}: {value}" for name, value in kept)]
        return "\r\n".join([*lines, f"Content-Length: {len(content)}", "", ""]).encode("latin-1") + content


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128
    replay: Replay


class _Connection(socketserver.StreamRequestHandler):
    """Just enough HTTP for AWS' clients: connections stay open, and bodies have a length."""

    disable_nagle_algorithm = True
    server: _Server

    def handle(self) -> None:
        """Answer requests until the client goes."""
        try:
            while line := self.rfile.readline():
                method, path, _version = line.decode("latin-1").split(maxsplit=2)
                headers: Headers = {}
                while (field := self.rfile.readline().decode("latin-1").strip()) != "":
                    name, _colon, value = field.partition(":")
                    headers[name.lower()] = value.strip()
                body = self.rfile.read(int(headers.get("content-length") or 0))
                self.connection.sendall(self.server.replay.answer(method, path, headers, body))
        except ConnectionError:
            return
