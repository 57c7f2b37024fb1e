# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Is this response complete? botocore does not check it for JSON services. Private to this collection.

botocore returns an empty result, and raises no error, for an HTTP 200 whose body is truncated, empty or HTML, and from
1.43.127 on it no longer compares a body with its announced length (tests/unit/fuzz/test_responses.py).
"""

from __future__ import annotations

import json
import re
import typing as t

from .._errors import quote

_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_NO_RESULT = {"ResponseMetadata"}


def defect(
    status: int, headers: t.Mapping[str, str], body: bytes, parsed: t.Mapping[str, t.Any], *, is_xml: bool
) -> str | None:
    """Describe what is wrong with a raw response, for a message.

    botocore makes the best of any error body, and its XML parser refuses what is incomplete, so that only successful
    JSON responses need a closer look.

    Args:
        status: The HTTP status.
        headers: The HTTP headers.
        body: The body as received.
        parsed: The dict that botocore made of it.
        is_xml: Whether the service uses the query protocol.

    Returns:
        Such as "the response was empty", or None for a sound response.
    """
    if status >= 300:
        return None
    announced = headers.get("content-length")
    if announced is not None and not headers.get("content-encoding") and announced != str(len(body)):
        return f"the response was truncated after {len(body)} of {quote(announced, 20)} bytes"
    if is_xml:
        return None
    # botocore parses JSON completely or not at all, so a body in which it found members of the model is complete.
    if not parsed.keys() <= _NO_RESULT:
        return _misread(body, parsed)
    if not body:
        return "the response was empty"
    return _misread(body, parsed) if _is_json_object(body) else "the response was not a complete JSON object"


def _misread(body: bytes, parsed: t.Mapping[str, t.Any]) -> str | None:
    """Describe what botocore's JSON parser misread without an error."""
    # Half of a surrogate pair passes only as an escape, and nothing could encode it again.
    if _ESCAPED_SURROGATE.search(body):
        try:
            json.dumps(json.loads(body), ensure_ascii=False).encode()
        except ValueError:
            return "the response contained half of a surrogate pair"
    # botocore makes an empty list of an empty string or object.
    empty = [name for name, value in parsed.items() if value == []]
    received = json.loads(body) if empty else {}
    if not all(isinstance(received.get(name), list) for name in empty):
        return "the response contained another type in place of a list"
    return None


def _is_json_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (RecursionError, ValueError):
        return False
