# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP answers on their way to a client, and errors in the words of the protocol that the client speaks."""

from __future__ import annotations

import json
import typing as t
import uuid
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

Environ = t.Dict[str, t.Any]


@dataclass
class Answer:
    """A status, headers and a body; Content-Length is added when it is sent."""

    status: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)


def speaks_json(environ: Environ) -> bool:
    """Whether the client of this request expects JSON.

    The older services (CloudFormation, STS, IAM) get forms and answer in XML. S3 answers in XML too, but nobody needs
    its errors of a mock of Service Catalog.
    """
    is_form = "form-urlencoded" in environ.get("CONTENT_TYPE", "") or "Action=" in environ.get("QUERY_STRING", "")
    return "HTTP_X_AMZ_TARGET" in environ or not is_form


def error(environ: Environ, code: str, message: str, status: int = 400) -> Answer:
    """An error as the service that O(environ) asks would give it."""
    request_id = str(uuid.uuid4())
    if speaks_json(environ):
        body = json.dumps({"__type": code, "message": message})
        kind = "application/x-amz-json-1.1"
    else:
        body = (
            f"<ErrorResponse><Error><Type>{'Sender' if status < 500 else 'Receiver'}</Type><Code>{escape(code)}</Code>"
            f"<Message>{escape(message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        kind = "text/xml"
    headers = [("Content-Type", kind), ("x-amzn-ErrorType", code), ("x-amzn-RequestId", request_id)]
    return Answer(status, body.encode(), headers)
