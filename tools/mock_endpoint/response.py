# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP responses to a client, and errors in the protocol of the service that the client called."""

from __future__ import annotations

import json
import typing as t
import uuid
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

Environ = t.Dict[str, t.Any]


@dataclass
class Response:
    """Status, body and headers of an HTTP response. Content-Length is added when it is sent."""

    status: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)


def expects_json(environ: Environ) -> bool:
    """Return whether the client of this request expects JSON.

    The older services (CloudFormation, STS, IAM) take forms and return XML. S3 returns XML too, but no test needs its
    errors.
    """
    is_form = "form-urlencoded" in environ.get("CONTENT_TYPE", "") or "Action=" in environ.get("QUERY_STRING", "")
    return "HTTP_X_AMZ_TARGET" in environ or not is_form


def error(environ: Environ, code: str, message: str, status: int = 400) -> Response:
    """Return an error in the protocol of the service that the request calls."""
    request_id = str(uuid.uuid4())
    if expects_json(environ):
        body = json.dumps({"__type": code, "message": message})
        content_type = "application/x-amz-json-1.1"
    else:
        body = (
            f"<ErrorResponse><Error><Type>{'Sender' if status < 500 else 'Receiver'}</Type><Code>{escape(code)}</Code>"
            f"<Message>{escape(message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        content_type = "text/xml"
    headers = [("Content-Type", content_type), ("x-amzn-ErrorType", code), ("x-amzn-RequestId", request_id)]
    return Response(status, body.encode(), headers)
