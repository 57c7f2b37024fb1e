# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paginated listings that are complete or an error. Private to this collection."""

from __future__ import annotations

import typing as t
from datetime import datetime
from operator import itemgetter

from .._errors import MalformedResponseError, quote, shown

if t.TYPE_CHECKING:
    from .client import Client

Entry = t.Dict[str, t.Any]

# A stack set holds at most 100,000 stack instances (quotas of CloudFormation). As many pages suffice even with one on
# each, and many pages in a row without a new entry are a loop.
MAX_PAGES = 100_000
MAX_PAGES_WITHOUT_NEWS = 100
_PYTHON_TYPES: dict[str, type] = {"string": str, "timestamp": datetime}


class Operation(t.NamedTuple):
    """An API operation that returns a list page by page."""

    name: str
    """The name of the client's method."""
    list_name: str
    """The member of the response that holds the list."""
    required: tuple[str, ...]
    """The members of an entry that are non-empty strings."""
    request_token: str = "PageToken"
    response_token: str = "NextPageToken"


class Page(t.NamedTuple):
    """The entries of one page, and whether it is the last."""

    entries: list[Entry]
    is_last: bool


def pages(client: Client, operation: Operation, description: str, **parameters: t.Any) -> t.Iterator[Page]:
    """Read the pages of an operation in sequence, as each page returns the token of the next one.

    Args:
        client: The client.
        operation: The operation.
        description: Completes the sentence "Failed to ...".
        parameters: The parameters of the operation.

    Raises:
        CallError: A call failed.
        MalformedResponseError: The listing cannot be complete.
    """
    token: str | None = None
    tokens: set[str] = set()
    seen: set[int] = set()
    pages_without_news = 0
    identity = itemgetter(*operation.required)
    for number in range(1, MAX_PAGES + 1):
        # The first request has no token: users of Service Catalog have seen an empty one refused.
        response = client.call(operation.name, description, **{operation.request_token: token}, **parameters)
        page_entries = entries(response.get(operation.list_name), operation.required, description)
        token = _next_token(response.get(operation.response_token), number, description)
        yield Page(page_entries, is_last=not token)
        if not token:
            return
        if token in tokens:
            raise MalformedResponseError(
                f"Failed to {description}: pagination loop: the token returned with page {number} was already used"
            )
        tokens.add(token)
        before = len(seen)
        seen.update(map(hash, map(identity, page_entries)))
        pages_without_news = 0 if len(seen) > before else pages_without_news + 1
        if pages_without_news == MAX_PAGES_WITHOUT_NEWS:
            raise MalformedResponseError(
                f"Failed to {description}: pagination loop: {MAX_PAGES_WITHOUT_NEWS} pages in a row, up to page"
                f" {number}, contained no new entry"
            )
    raise MalformedResponseError(f"Failed to {description}: the listing did not end after {MAX_PAGES} pages")


def entries(value: t.Any, required: tuple[str, ...], description: str) -> list[Entry]:
    """Return the list of a response after checking it and the required strings of each entry.

    A missing list is not an empty one: AWS sends an empty list for that.

    Raises:
        MalformedResponseError: It is not a list, or an entry lacks a required string.
    """
    if not isinstance(value, list):
        raise MalformedResponseError(
            f"Failed to {description}: the response from AWS contained no list; the result was discarded"
        )
    for name in required:
        for entry in value:
            if not (isinstance(entry, dict) and isinstance(entry.get(name), str) and entry[name]):
                raise MalformedResponseError(
                    f"Failed to {description}: the response from AWS contained an entry without {name}: {shown(entry)}"
                )
    return value


def require_model(client: Client, shape: str, checked: t.Iterable[Entry], description: str) -> None:
    """Compare the types of entries with a shape of botocore's model.

    botocore passes on any JSON value where the model has a string, and any XML element that occurs twice. The rows of
    Service Catalog have only the members that ``entries`` checks, which is quicker.

    Raises:
        MalformedResponseError: A member has another type.
    """
    # botocore resolves a shape at each request, which is too slow for every entry.
    members = client.model.shape_for(shape).members
    for entry in checked:
        for name, value in entry.items():
            if not _fits(members[name], value):
                raise MalformedResponseError(
                    f"Failed to {description}: the response from AWS contained {shown(value)} as {name}, which must be"
                    f" of type {members[name].type_name}"
                )


def _next_token(value: t.Any, page: int, description: str) -> str | None:
    if not isinstance(value, (str, type(None))):
        raise MalformedResponseError(
            f"Failed to {description}: the token returned with page {page} is not a string: {quote(value)}"
        )
    return value


def _fits(shape: t.Any, value: t.Any) -> bool:
    if shape.type_name == "structure":
        complete = isinstance(value, dict) and set(shape.required_members) <= set(value)
        return complete and all(_fits(shape.members[name], value[name]) for name in value)
    if shape.type_name == "list":
        return isinstance(value, list) and all(_fits(shape.member, item) for item in value)
    return isinstance(value, _PYTHON_TYPES.get(shape.type_name, object))
