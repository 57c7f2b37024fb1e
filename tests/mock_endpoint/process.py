# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mock endpoint as a process, for tests in any environment: nothing but Python's own library."""

from __future__ import annotations

import json
import subprocess
import typing as t
import urllib.error
import urllib.request
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent


class MockEndpoint:
    """A running mock endpoint. As a context manager it stops at the end; it stops in any case when its parent does.

    O(python) is the interpreter of the environment that C(requirements.txt) describes.
    """

    def __init__(self, python: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [python, "-m", "mock_endpoint", "--stop-with-stdin", *arguments],
            cwd=TESTS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError(f"The mock endpoint did not start; it ended with {self._process.wait()}.")

    def __enter__(self) -> MockEndpoint:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=30)

    def reset(self) -> None:
        """Back to an empty AWS without faults, log, latency and IAM enforcement."""
        self._call("POST", "reset")

    def add_products(self, products: list[dict[str, t.Any]]) -> None:
        """Create or replace products."""
        self._call("POST", "products", {"products": products})

    def update_product(self, product_id: str, **changes: t.Any) -> None:
        """Change fields of a product, C(instances) of it, or C(remove_instances)."""
        self._call("PATCH", f"products/{product_id}", changes)

    def remove_product(self, product_id: str) -> None:
        """Terminate a product."""
        self._call("DELETE", f"products/{product_id}")

    def add_faults(
        self, steps: list[dict[str, t.Any]], product: str | None = None, operation: str | None = None, repeat: bool = False
    ) -> None:
        """Play a step for each matching request, once through or for ever."""
        self._call("POST", "faults", {"product": product, "operation": operation, "steps": steps, "repeat": repeat})

    def clear_faults(self) -> None:
        """Answer as AWS would from now on."""
        self._call("DELETE", "faults")

    def requests(self) -> list[dict[str, t.Any]]:
        """What was asked since the log was cleared, oldest first."""
        return t.cast("list[dict[str, t.Any]]", self._call("GET", "requests")["requests"])

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

    def _call(self, method: str, path: str, body: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        request = urllib.request.Request(
            f"{self.url}/mock/{path}", method=method, data=None if body is None else json.dumps(body).encode()
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return t.cast("dict[str, t.Any]", json.load(response))
        except urllib.error.HTTPError as e:
            raise ValueError(json.load(e)["error"]) from None
