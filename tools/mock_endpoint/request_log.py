# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was asked of the endpoint, and how much of it at once."""

from __future__ import annotations

import json
import threading
import time
import typing as t
from dataclasses import asdict, dataclass, field
from urllib.parse import parse_qsl

# Names of values that prove who somebody is, at any depth; they have no place in a log. Page tokens are no secret.
_SECRET_NAMES = ("password", "secretaccesskey", "secretstring", "secretbinary", "webidentitytoken", "samlassertion")
_SECRET_NAMES_ALONE = ("tokencode", "sessiontoken", "privatekey")


@dataclass
class Entry:
    """A request to an AWS service, without anything that is secret. Times are seconds of the epoch."""

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
    """All requests since the last C(clear), oldest first, and the most that were under way at once."""

    def __init__(self, copy: t.TextIO | None = None) -> None:
        """Each request is written to O(copy) too, as a line of JSON, when it has ended."""
        self._lock = threading.Lock()
        self._copy = copy
        self._entries: list[Entry] = []
        self._under_way = 0
        self._peak = 0

    def begin(self, entry: Entry) -> None:
        """A request has arrived."""
        with self._lock:
            self._entries.append(entry)
            self._under_way += 1
            self._peak = max(self._peak, self._under_way)

    def end(self, entry: Entry) -> None:
        """A request's answer is on its way, or its connection cut. A second time tells nothing new."""
        with self._lock:
            if entry.ended is not None:
                return
            entry.ended = time.time()
            self._under_way -= 1
            if self._copy is not None:
                print(json.dumps(asdict(entry)), file=self._copy, flush=True)

    def clear(self) -> None:
        """Forget what has been; what is under way still counts."""
        with self._lock:
            self._entries.clear()
            self._peak = self._under_way

    def as_dict(self) -> dict[str, t.Any]:
        """The log as the control API gives it."""
        with self._lock:
            return {"requests": [asdict(entry) for entry in self._entries], "peak_concurrency": self._peak}


def entry_of(environ: dict[str, t.Any], body: bytes) -> Entry:
    """The log's view of a request."""
    access_key_id, region, service = scope_of(environ)
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        operation, parameters = target.rpartition(".")[2], _json(body)
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


def scope_of(environ: dict[str, t.Any]) -> tuple[str, str, str]:
    """Who signed a request, for which Region and service: access key id, Region, service; empty where unsigned."""
    scope = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].partition(",")[0].split("/")
    return (scope[0], scope[2], scope[3]) if len(scope) >= 4 else ("", "", "")


def _json(body: bytes) -> dict[str, t.Any]:
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
    return last in _SECRET_NAMES_ALONE or any(part in last for part in _SECRET_NAMES)
