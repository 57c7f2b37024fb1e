# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Start and control the mock endpoint from a test, in any environment: only Python's standard library is required."""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
import typing as t
import urllib.error
import urllib.request
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent

Json = t.Dict[str, t.Any]


class MockEndpoint:
    """A mock endpoint in a process of its own. It stops with the context manager, and always with its parent."""

    def __init__(self, python: str, *arguments: str, timeout: float = 60) -> None:
        """Start the endpoint and wait until it accepts connections.

        Args:
            python: Interpreter of an environment with the packages of ``requirements.txt``.
            *arguments: Options of the command line.
            timeout: Seconds to wait for the start.

        Raises:
            RuntimeError: The endpoint did not start.
        """
        self._process = subprocess.Popen(
            [python, "-m", "mock_endpoint", "--stop-with-stdin", *arguments],
            cwd=TOOLS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self._read_url(timeout)
        # Verifying the certificate would add nothing: the process was started here.
        self._tls = ssl._create_unverified_context() if self.url.startswith("https") else None

    def __enter__(self) -> MockEndpoint:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the endpoint and wait until the process has ended."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def reset(self) -> None:
        """Remove all state, faults and logged requests; disable latency and IAM enforcement."""
        self._call("POST", "reset")

    def add_products(self, products: list[Json]) -> None:
        """Create or replace products."""
        self._call("POST", "products", {"products": products})

    def set_organization(self, organization: Json) -> None:
        """Create or replace the organization of a management account, as ``organization`` in a fleet file."""
        self._call("POST", "products", {"products": [], "organization": organization})

    def update_product(self, product_id: str, **changes: t.Any) -> None:
        """Change fields of a product, its ``instances``, or remove ``remove_instances``."""
        self._call("PATCH", f"products/{product_id}", changes)

    def remove_product(self, product_id: str) -> None:
        """Terminate a product."""
        self._call("DELETE", f"products/{product_id}")

    def faults(
        self, product: str | None, steps: list[Json], operation: str | None = None, repeat: bool = False
    ) -> None:
        """Inject one step into each request that matches.

        Args:
            product: ID or name of a product; None matches any request.
            steps: Steps as described in README.md.
            operation: Operation of the request; None matches any operation.
            repeat: Whether to start again after the last step.
        """
        self.add_faults([{"product": product, "operation": operation, "steps": steps, "repeat": repeat}])

    def add_faults(self, scripts: list[Json]) -> None:
        """Add several scripts of faults, as described in README.md."""
        self._call("POST", "faults", {"scripts": scripts})

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._call("DELETE", "faults")

    def requests(self) -> list[Json]:
        """Return the requests since the log was cleared, oldest first."""
        return t.cast("list[Json]", self._call("GET", "requests")["requests"])

    def peak_concurrency(self) -> int:
        """Return the largest number of concurrent requests since the log was cleared."""
        return int(self._call("GET", "requests")["peak_concurrency"])

    def clear_requests(self) -> None:
        """Clear the request log."""
        self._call("DELETE", "requests")

    def set_latency(self, milliseconds: float) -> None:
        """Set the minimum duration of each AWS request."""
        self._call("PUT", "latency", {"milliseconds": milliseconds})

    def enforce_iam(self, enforce: bool) -> None:
        """Enable or disable the verification of signatures and policies."""
        self._call("PUT", "iam", {"enforce": enforce})

    def expire_sessions(self) -> None:
        """Expire all current sessions of roles."""
        self._call("DELETE", "sessions")

    def _read_url(self, timeout: float) -> str:
        assert self._process.stdout is not None
        # Killing the process closes its output, which ends the wait for a line.
        watchdog = threading.Timer(timeout, self._process.kill)
        watchdog.start()
        url = self._process.stdout.readline().strip()
        watchdog.cancel()
        if not url:
            raise RuntimeError(f"The mock endpoint did not start (exit code {self._process.wait()}).")
        return url

    def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        """Run a control call. Raises ValueError with the message of the endpoint if it rejects the call."""
        request = urllib.request.Request(
            f"{self.url}/mock/{path}", method=method, data=None if body is None else json.dumps(body).encode()
        )
        try:
            with urllib.request.urlopen(request, timeout=60, context=self._tls) as response:
                return t.cast(Json, json.load(response))
        except urllib.error.HTTPError as e:
            raise ValueError(json.load(e)["error"]) from None
