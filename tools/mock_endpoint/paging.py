# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages with opaque tokens that are valid only for the listing that they come from."""

from __future__ import annotations

import base64
import hashlib
import json
import typing as t

from mock_endpoint.errors import Invalid

Item = t.TypeVar("Item")


def page(items: t.Sequence[Item], listing: str, token: str | None, size: int) -> tuple[t.Sequence[Item], str | None]:
    """Return one page and the token of the next page.

    The format and the lifetime of tokens on AWS are not documented.

    Args:
        items: All items of the listing.
        listing: A string that identifies the listing and its filters.
        token: The token of the page; None for the first page.
        size: The number of items on a page.

    Returns:
        The items of the page, and the token of the next page or None.

    Raises:
        Invalid: The token is empty, malformed or belongs to another listing.
    """
    start = 0 if token is None else _offset(token, listing)
    end = start + size
    return items[start:end], _token(listing, end) if end < len(items) else None


def _token(listing: str, offset: int) -> str:
    seal = hashlib.sha256(f"{listing} {offset}".encode()).hexdigest()[:16]
    return base64.urlsafe_b64encode(json.dumps([offset, seal]).encode()).decode()


def _offset(token: str, listing: str) -> int:
    try:
        offset = int(json.loads(base64.urlsafe_b64decode(token))[0])
    except (ValueError, TypeError, LookupError):
        raise Invalid("Invalid page token") from None
    if _token(listing, offset) != token:
        raise Invalid("Invalid page token")
    return offset
