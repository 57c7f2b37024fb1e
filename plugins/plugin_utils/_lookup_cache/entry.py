# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An answer as a cache keeps it, which tells whether it is still the same. Private to this collection."""

from __future__ import annotations

import hashlib
import json
import typing as t

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import stack_instance as _stack_instance
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import key as _cache_key

FOREIGN = "the entry is not of this collection's form"
_ROW_TEXTS = ("provisioned_product_id", "account", "region", "stack_instance_status")


class Answer(t.NamedTuple):
    """The answer to a selection, as far as a lookup or an inventory needs it."""

    stack_instances: list[_stack_instance.StackInstance]
    warnings: list[str]


class UnusableError(Exception):
    """Says what is wrong with an entry."""


def encoded(fresh: Answer, entry_key: str, written: float) -> dict[str, t.Any]:
    """What a cache plugin is handed to keep. O(written) is when the answer was asked for, in seconds of the epoch."""
    # As one string, so that no plugin's serialization changes anything, and no tag of Ansible's comes back with it.
    text = json.dumps({"key": entry_key, "written": written, **fresh._asdict()})
    return {"format": _cache_key.FORMAT, "sha256": _digest(text), "answer": text}


def decoded(entry: t.Any, entry_key: str) -> tuple[Answer, float]:
    """The answer of an entry and when it was written.

    Raises UnusableError, as whoever can write an entry can break it.
    """
    if (
        not isinstance(entry, dict)
        or entry.get("format") != _cache_key.FORMAT
        or not isinstance(entry.get("answer"), str)
    ):
        raise UnusableError(FOREIGN)
    if entry.get("sha256") != _digest(entry["answer"]):
        raise UnusableError("the entry is damaged")
    try:
        kept = json.loads(entry["answer"])
        found = Answer(*(kept[name] for name in Answer._fields))
        written = float(kept["written"])
        whose = kept["key"]
    except (KeyError, OverflowError, RecursionError, TypeError, ValueError):
        raise UnusableError(FOREIGN) from None
    if whose != entry_key:
        raise UnusableError("the entry answers another question")
    if not (isinstance(found.stack_instances, list) and all(_is_row(row) for row in found.stack_instances)):
        raise UnusableError("the entry holds something else than stack instances")
    if not (isinstance(found.warnings, list) and all(isinstance(sentence, str) for sentence in found.warnings)):
        raise UnusableError("the entry holds something else than warnings")
    return found, written


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _is_row(row: t.Any) -> bool:
    return (
        isinstance(row, dict)
        and all(isinstance(row.get(name), str) and row[name] for name in _ROW_TEXTS)
        and "provisioned_product_name" in row
        and all(value is None or isinstance(value, str) for value in row.values())
    )
