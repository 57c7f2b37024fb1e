# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mock endpoint as a process, for tests in any environment: nothing but Python's own library."""

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
    """A running mock endpoint. As a context manager it stops at the end; it stops in any case when its parent does."""

    def __init__(self, python: str, *arguments: str, patience: float = 60) -> None:
        """Start it, and wait until it accepts connections.

        O(python) is the interpreter of the environment that C(requirements.txt) describes, O(arguments) are those of
        the command line, and O(patience) is how many seconds it may take to start. Raises RuntimeError.
        """
        self._process = subprocess.Popen(
            [python, "-m", "mock_endpoint", "--stop-with-stdin", *arguments],
            cwd=TOOLS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self._announced_url(patience)
        # Its certificate is its own affair; only this machine is spoken to.
        self._tls = ssl._create_unverified_context() if self.url.startswith("https") else None

    def __enter__(self) -> MockEndpoint:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def reset(self) -> None:
        """Back to an empty AWS without faults, log, latency and IAM enforcement."""
        self._call("POST", "reset")

    def add_products(self, products: list[Json]) -> None:
        """Create or replace products."""
        self._call("POST", "products", {"products": products})

    def update_product(self, product_id: str, **changes: t.Any) -> None:
        """Change fields of a product, C(instances) of it, or C(remove_instances)."""
        self._call("PATCH", f"products/{product_id}", changes)

    def remove_product(self, product_id: str) -> None:
        """Terminate a product."""
        self._call("DELETE", f"products/{product_id}")

    def faults(
        self, product: str | None, steps: list[Json], operation: str | None = None, repeat: bool = False
    ) -> None:
        """Play a step for each request about O(product) (None: any) and O(operation), once through or for ever."""
        self._call("POST", "faults", {"product": product, "operation": operation, "steps": steps, "repeat": repeat})

    def clear_faults(self) -> None:
        """Answer as AWS would from now on."""
        self._call("DELETE", "faults")

    def requests(self) -> list[Json]:
        """What was asked since the log was cleared, oldest first."""
        return t.cast("list[Json]", self._call("GET", "requests")["requests"])

    def peak_concurrency(self) -> int:
        """How many requests were under way at once, at the most."""
        return int(self._call("GET", "requests")["peak_concurrency"])

    def clear_requests(self) -> None:
        """Forget what was asked."""
        self._call("DELETE", "requests")

    def set_latency(self, milliseconds: float) -> None:
        """How long each AWS request takes at least."""
        self._call("PUT", "latency", {"milliseconds": milliseconds})

    def enforce_iam(self, enforce: bool) -> None:
        """Whether signatures and policies are checked from now on."""
        self._call("PUT", "iam", {"enforce": enforce})

    def expire_sessions(self) -> None:
        """Let every session of a role that there is now have run out."""
        self._call("DELETE", "sessions")

    def _announced_url(self, patience: float) -> str:
        assert self._process.stdout is not None
        # Killed, it closes its output, and the wait for a line ends.
        watchdog = threading.Timer(patience, self._process.kill)
        watchdog.start()
        url = self._process.stdout.readline().strip()
        watchdog.cancel()
        if not url:
            raise RuntimeError(f"The mock endpoint did not start; it ended with {self._process.wait()}.")
        return url

    def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        """Raises ValueError, with the sentence in which the endpoint refuses a call."""
        request = urllib.request.Request(
            f"{self.url}/mock/{path}", method=method, data=None if body is None else json.dumps(body).encode()
        )
        try:
            with urllib.request.urlopen(request, timeout=60, context=self._tls) as response:
                return t.cast(Json, json.load(response))
        except urllib.error.HTTPError as e:
            raise ValueError(json.load(e)["error"]) from None
