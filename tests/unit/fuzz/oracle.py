# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The meaning of a response from AWS, independent of the collection: Python's own parsers read the body.

None represents a response that must not be used.
"""

from __future__ import annotations

import json
import typing as t
from xml.etree import ElementTree

from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import Response

Page = t.Tuple[t.List[t.Dict[str, t.Any]], t.Optional[str]]
Row = t.Tuple[str, str, str]


def body_of(response: Response) -> bytes | None:
    headers = {name.lower(): value for name, value in (response.headers or {}).items()}
    length = headers.get("content-length")
    if response.status >= 300 or (
        length is not None and "content-encoding" not in headers and length != str(len(response.body))
    ):
        return None
    return response.body


def json_of(response: Response) -> dict[str, t.Any] | None:
    body = body_of(response)
    if body is None:
        return None
    try:
        value = json.loads(body.decode("utf-8"))
        # A string must have a form in UTF-8.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (RecursionError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def page_of(value: dict[str, t.Any] | None, name: str, token_name: str, strings: t.Sequence[str]) -> Page | None:
    """Return the entries of a page, if each has its required strings, and the token of the next page."""
    entries = (value or {}).get(name)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return None
    if not all(isinstance(entry.get(text), str) and entry[text] for entry in entries for text in strings):
        return None
    token = (value or {}).get(token_name)
    return (entries, token) if token is None or isinstance(token, str) else None


def walk(page: t.Callable[[str | None], Page | None]) -> list[dict[str, t.Any]] | None:
    """Return all entries, from the first page to the last, or None if a token repeats."""
    entries: list[dict[str, t.Any]] = []
    token, seen = None, set()
    while True:
        found = page(token)
        if found is None:
            return None
        entries += found[0]
        token = found[1]
        if not token:
            return entries
        if token in seen:
            return None
        seen.add(token)


def rows(entries: t.Iterable[dict[str, t.Any]], status: str = "StackInstanceStatus") -> list[Row]:
    """Return account, Region and status, sorted; of duplicates the worst one."""
    worst: dict[tuple[str, str], str] = {}
    for entry in entries:
        target, found = (entry["Account"], entry["Region"]), entry[status]
        if target not in worst or _rank(found) > _rank(worst[target]):
            worst[target] = found
    return [(*target, worst[target]) for target in sorted(worst)]


def _rank(status: str) -> int:
    return {"CURRENT": 0, "OUTDATED": 2, "INOPERABLE": 3}.get(status, 1)


def result_of(response: Response, operation: str) -> ElementTree.Element | None:
    """Return the result in an XML response."""
    body = body_of(response)
    try:
        root = ElementTree.fromstring((body or b"").decode("utf-8"))
    except (UnicodeError, ValueError, ElementTree.ParseError):
        return None
    if any(strings_of(metadata) is None for metadata in children(root, "ResponseMetadata")):
        return None
    found = children(root, f"{operation}Result")
    return found[0] if len(found) == 1 else None


def children(parent: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [child for child in parent if child.tag.rpartition("}")[2] == name]


def strings_of(parent: ElementTree.Element) -> dict[str, str] | None:
    """Return the strings in an element, or None if a name repeats."""
    strings: dict[str, str] = {}
    for child in parent:
        name = child.tag.rpartition("}")[2]
        if name in strings:
            return None
        strings[name] = child.text or ""
    return strings
