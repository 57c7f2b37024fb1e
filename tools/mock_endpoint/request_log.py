# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A log of the requests that the endpoint received, and of their concurrency."""

from __future__ import annotations

import json
import threading
import time
import typing as t
from dataclasses import asdict, dataclass, field
from urllib.parse import parse_qsl

# Names of credentials, at any depth, which must not be logged. Page tokens are not secret.
_SECRET_NAME_PARTS = (
    "password",
    "secretaccesskey",
    "secretstring",
    "secretbinary",
    "webidentitytoken",
    "samlassertion",
)
_SECRET_NAMES = ("tokencode", "sessiontoken", "privatekey")


@dataclass
class Entry:
    """A request to an AWS service, without secrets. Times are in seconds since the epoch."""

    service: str
    operation: str
    parameters: dict[str, t.Any]
    user_agent: str
    access_key_id: str
    region: str
    started: float = field(default_factory=time.time)
    ended: float | None = None
    status: int | None = None


class RequestLog:
    """The requests since the last ``clear``, oldest first, and the largest number of concurrent requests."""

    def __init__(self, copy: t.TextIO | None = None) -> None:
        """Create an empty log.

        Args:
            copy: A file to which each request is also written when it ends, one JSON object per line.
        """
        self._lock = threading.Lock()
        self._copy = copy
        self._entries: list[Entry] = []
        self._in_flight = 0
        self._peak = 0

    def begin(self, entry: Entry) -> None:
        """Log the arrival of a request."""
        with self._lock:
            self._entries.append(entry)
            self._in_flight += 1
            self._peak = max(self._peak, self._in_flight)

    def end(self, entry: Entry) -> None:
        """Log the end of a request. Further calls for the same request have no effect."""
        with self._lock:
            if entry.ended is not None:
                return
            entry.ended = time.time()
            self._in_flight -= 1
            if self._copy is not None:
                print(json.dumps(asdict(entry)), file=self._copy, flush=True)

    def clear(self) -> None:
        """Remove all entries. Requests that are in flight still count as concurrent."""
        with self._lock:
            self._entries.clear()
            self._peak = self._in_flight

    def as_dict(self) -> dict[str, t.Any]:
        """Return the log in the form of the control call ``GET /mock/requests``."""
        with self._lock:
            return {"requests": [asdict(entry) for entry in self._entries], "peak_concurrency": self._peak}


def entry_of(environ: dict[str, t.Any], body: bytes) -> Entry:
    """Return the log entry of a request."""
    access_key_id, region, service = credential_scope(environ)
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        operation, parameters = target.rpartition(".")[2], _parse_json(body)
    else:
        parameters = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        operation = str(parameters.pop("Action", environ.get("PATH_INFO", "")))
        parameters.pop("Version", None)
    return Entry(
        service=service,
        operation=operation,
        parameters=_without_secrets(parameters),
        user_agent=environ.get("HTTP_USER_AGENT", ""),
        access_key_id=access_key_id,
        region=region,
    )


def credential_scope(environ: dict[str, t.Any]) -> tuple[str, str, str]:
    """Return access key ID, Region and service of a request's signature; empty strings if it is not signed."""
    scope = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].partition(",")[0].split("/")
    return (scope[0], scope[2], scope[3]) if len(scope) >= 4 else ("", "", "")


def _parse_json(body: bytes) -> dict[str, t.Any]:
    try:
        parameters = json.loads(body or b"{}")
    except ValueError:
        return {}
    return parameters if isinstance(parameters, dict) else {}


def _without_secrets(value: t.Any) -> t.Any:
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    if isinstance(value, dict):
        return {name: _without_secrets(item) for name, item in value.items() if not _is_secret(name)}
    return value


def _is_secret(name: str) -> bool:
    last = name.lower().rpartition(".")[2]
    return last in _SECRET_NAMES or any(part in last for part in _SECRET_NAME_PARTS)
