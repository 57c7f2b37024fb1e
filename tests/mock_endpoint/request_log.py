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
from urllib.parse import parse_qs

# Values that prove who somebody is; they have no place in a log.
_SECRETS = ("WebIdentityToken", "SAMLAssertion", "TokenCode", "Password")


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

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._under_way = 0
        self._peak = 0

    def begin(self, entry: Entry) -> None:
        with self._lock:
            self._entries.append(entry)
            self._under_way += 1
            self._peak = max(self._peak, self._under_way)

    def end(self, entry: Entry) -> None:
        entry.ended = time.time()
        with self._lock:
            self._under_way -= 1

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._peak = self._under_way

    def as_dict(self) -> dict[str, t.Any]:
        with self._lock:
            return {"requests": [asdict(entry) for entry in self._entries], "peak_concurrency": self._peak}


def entry_of(environ: dict[str, t.Any], body: bytes) -> Entry:
    """The log's view of a request."""
    access_key_id, region, service = "", "", ""
    scope = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].partition(",")[0].split("/")
    if len(scope) >= 4:
        access_key_id, region, service = scope[0], scope[2], scope[3]
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        operation, parameters = target.rpartition(".")[2], _json(body)
    else:
        form = parse_qs(body.decode("utf-8", "replace"))
        parameters = {name: values[0] for name, values in form.items() if name not in ("Action", "Version")}
        operation = (form.get("Action") or [environ.get("PATH_INFO", "")])[0]
    return Entry(
        service=service,
        operation=operation,
        parameters={name: value for name, value in parameters.items() if name not in _SECRETS},
        user_agent=environ.get("HTTP_USER_AGENT", ""),
        access_key_id=access_key_id,
        region=region,
    )


def _json(body: bytes) -> dict[str, t.Any]:
    try:
        parameters = json.loads(body or b"{}")
    except ValueError:
        return {}
    return parameters if isinstance(parameters, dict) else {}
