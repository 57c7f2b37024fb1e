# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists that AWS gives page by page, whole or an error. Private to this collection."""

from __future__ import annotations

import typing as t
from datetime import datetime
from operator import itemgetter

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client as _client
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import DamagedAnswerError, quote, shown

if t.TYPE_CHECKING:
    from botocore.client import BaseClient

Entry = t.Dict[str, t.Any]

# A listing has an end. A stack set holds at most 100,000 instances (CloudFormation's quotas), so as many pages are
# enough even with one instance on each, and a run of pages that bring nothing new leads nowhere.
MAX_PAGES = 100_000
MAX_PAGES_WITHOUT_NEWS = 100
_PYTHON_TYPES: dict[str, type] = {"string": str, "timestamp": datetime}


class Operation(t.NamedTuple):
    """A call that lists something."""

    name: str
    """The client's method."""
    list_name: str
    required: tuple[str, ...]
    """The strings that each entry has, none of them empty."""
    token_names: tuple[str, str] = ("PageToken", "NextPageToken")
    """What the token of the next page is called in a request and in an answer."""


class Page(t.NamedTuple):
    """The entries of one page, and whether the list ends with it."""

    entries: list[Entry]
    is_last: bool


def pages(client: BaseClient, operation: Operation, description: str, **parameters: t.Any) -> t.Iterator[Page]:
    """The pages of O(operation), one after another, as a page's token comes with the page before.

    O(description) completes the sentence "Failed to ...". Raises CallError, and DamagedAnswerError where the list
    can't be whole.
    """
    asked_for, told_as = operation.token_names
    token: str | None = None
    tokens: set[str] = set()
    seen: set[int] = set()
    pages_without_news = 0
    identity = itemgetter(*operation.required)
    for number in range(1, MAX_PAGES + 1):
        # No token on the first call: an empty one is refused (seen by users of Service Catalog).
        answer = _client.call(client, operation.name, description, **{asked_for: token}, **parameters)
        listed = entries(answer.get(operation.list_name), operation.required, description)
        token = answer.get(told_as)
        if not isinstance(token, (str, type(None))):
            raise DamagedAnswerError(
                f"Failed to {description}: the token of the page after page {number} is no text: {quote(token)}"
            )
        yield Page(listed, is_last=not token)
        if not token:
            return
        if token in tokens:
            raise DamagedAnswerError(
                f"Failed to {description}: page {number} leads back to a page that was read before"
            )
        tokens.add(token)
        before = len(seen)
        seen.update(map(hash, map(identity, listed)))
        pages_without_news = 0 if len(seen) > before else pages_without_news + 1
        if pages_without_news == MAX_PAGES_WITHOUT_NEWS:
            raise DamagedAnswerError(
                f"Failed to {description}: {MAX_PAGES_WITHOUT_NEWS} pages in a row brought nothing new, the last of"
                f" them page {number}"
            )
    raise DamagedAnswerError(f"Failed to {description}: the list did not end after {MAX_PAGES} pages")


def entries(listed: t.Any, required: tuple[str, ...], description: str) -> list[Entry]:
    """The list of an answer, if it is one and each entry has the required strings, not empty.

    Raises DamagedAnswerError. A list that is missing is not an empty one: AWS sends an empty one for that.
    """
    if not isinstance(listed, list):
        raise DamagedAnswerError(f"Failed to {description}: AWS' answer holds no list; nothing of it was used")
    for name in required:
        for entry in listed:
            if not (isinstance(entry, dict) and isinstance(entry.get(name), str) and entry[name]):
                raise DamagedAnswerError(
                    f"Failed to {description}: an entry of AWS' answer has no {name}: {shown(entry)}"
                )
    return listed


def require_model(client: BaseClient, shape: str, listed: t.Iterable[Entry], description: str) -> None:
    """Raise DamagedAnswerError where a field of an entry is of another type than in botocore's model, O(shape).

    botocore takes any JSON value where the model has a string, and in XML any element that comes twice (measured). The
    rows of Service Catalog have no more fields than those that L(entries) checks, which is quicker.
    """
    # botocore makes the shapes anew each time that it is asked for one (measured), so not for each entry.
    members = client.meta.service_model.shape_for(shape).members
    for entry in listed:
        for name, value in entry.items():
            if not _fits(members[name], value):
                raise DamagedAnswerError(
                    f"Failed to {description}: AWS' answer has something else than a {members[name].type_name} as"
                    f" {name}: {shown(value)}"
                )


def _fits(shape: t.Any, value: t.Any) -> bool:
    if shape.type_name == "structure":
        whole = isinstance(value, dict) and set(shape.required_members) <= set(value)
        return whole and all(_fits(shape.members[name], value[name]) for name in value)
    if shape.type_name == "list":
        return isinstance(value, list) and all(_fits(shape.member, item) for item in value)
    return isinstance(value, _PYTHON_TYPES.get(shape.type_name, object))
