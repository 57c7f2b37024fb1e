# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was asked: which products, which of their stack instances, and how to read them.

One description and one check for every module and plugin. Private to this collection.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, field

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import SelectionError, shown
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import stack_set_name as _stack_set_name

STATUSES = ("CURRENT", "OUTDATED", "INOPERABLE")
ON_MISSING = ("error", "warn", "skip")
ACCESS_LEVELS = ("account", "role", "user")
PRODUCT_STATUSES = ("AVAILABLE", "UNDER_CHANGE", "TAINTED", "ERROR", "PLAN_IN_PROGRESS")
LANGUAGES = ("en", "jp", "zh")
SOURCES = ("servicecatalog", "cloudformation", "auto")
MAX_PAGE_SIZE = 20  # of ListStackInstancesForProvisionedProduct, by botocore's model
MAX_NAME_LENGTH = 128  # of a provisioned product, by botocore's model
MAX_CONCURRENCY = 32

# The argument specs of the modules; plugins read the same options from the doc fragments.
_COMMON_SPEC: dict[str, dict[str, t.Any]] = {
    "on_missing": {"type": "str", "choices": list(ON_MISSING), "default": "error"},
    "access_level": {"type": "str", "choices": list(ACCESS_LEVELS), "default": "account"},
    "accept_language": {"type": "str", "choices": list(LANGUAGES)},
    "concurrency": {"type": "int", "default": 8},
    "assume_role_arn": {"type": "str", "aliases": ["iam_role_arn"]},
}
ARGUMENT_SPEC: dict[str, dict[str, t.Any]] = {
    **_COMMON_SPEC,
    "provisioned_product_ids": {"type": "list", "elements": "str", "default": []},
    "provisioned_product_names": {"type": "list", "elements": "str", "default": []},
    "accounts": {"type": "list", "elements": "str"},
    "regions": {"type": "list", "elements": "str"},
    "statuses": {"type": "list", "elements": "str", "choices": list(STATUSES)},
    "page_size": {"type": "int", "default": MAX_PAGE_SIZE},
    "source": {"type": "str", "choices": list(SOURCES), "default": "servicecatalog"},
    "stack_set_names": {"type": "dict", "default": {}},
}
PRODUCT_ARGUMENT_SPEC: dict[str, dict[str, t.Any]] = {
    **_COMMON_SPEC,
    "ids": {"type": "list", "elements": "str", "default": []},
    "names": {"type": "list", "elements": "str", "default": []},
    "types": {"type": "list", "elements": "str"},
    "statuses": {"type": "list", "elements": "str", "choices": list(PRODUCT_STATUSES)},
    "search_query": {"type": "list", "elements": "str", "default": []},
}

# By botocore's model, which has no pattern for a Region.
_ID = re.compile(r"[a-zA-Z0-9_-]{1,100}", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]+", re.ASCII)


@dataclass(frozen=True)
class Selection:
    """A checked question. Tuples hold no duplicates; C(None) as a filter keeps everything."""

    provisioned_product_ids: tuple[str, ...] = ()
    provisioned_product_names: tuple[str, ...] = ()
    accounts: frozenset[str] | None = None
    regions: frozenset[str] | None = None
    statuses: frozenset[str] | None = None
    on_missing: str = "error"
    access_level: str = "account"
    accept_language: str | None = None
    page_size: int = MAX_PAGE_SIZE
    source: str = "servicecatalog"
    stack_set_names: t.Mapping[str, str] = field(default_factory=dict)
    """Provisioned product id → the name or the id of its stack set."""
    concurrency: int = 8

    @property
    def is_discovery(self) -> bool:
        """Whether no product was named, which asks for all of them."""
        return not self.provisioned_product_ids and not self.provisioned_product_names


def from_options(options: t.Mapping[str, t.Any]) -> Selection:
    """The selection that the options of a module or plugin ask for.

    Options not given may be missing or None. Raises SelectionError, naming the option and the value.
    """
    return Selection(
        provisioned_product_ids=_texts(options, "provisioned_product_ids", _check_id),
        provisioned_product_names=_texts(options, "provisioned_product_names", _check_name),
        accounts=_filter(options, "accounts", _check_account),
        regions=_filter(options, "regions", _check_region),
        statuses=_filter(options, "statuses", _check_status),
        on_missing=_choice(options, "on_missing", ON_MISSING) or "error",
        access_level=_choice(options, "access_level", ACCESS_LEVELS) or "account",
        accept_language=_choice(options, "accept_language", LANGUAGES),
        page_size=_number(options, "page_size", MAX_PAGE_SIZE, MAX_PAGE_SIZE),
        source=_choice(options, "source", SOURCES) or "servicecatalog",
        stack_set_names=_stack_set_names(options, "stack_set_names"),
        concurrency=_number(options, "concurrency", 8, MAX_CONCURRENCY),
    )


@dataclass(frozen=True)
class ProductSearch:
    """A checked question for provisioned products. C(None) as a filter keeps everything."""

    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    types: frozenset[str] | None = None
    statuses: frozenset[str] | None = None
    search_query: tuple[str, ...] = ()
    on_missing: str = "error"
    access_level: str = "account"
    accept_language: str | None = None
    concurrency: int = 8


def product_search_from_options(options: t.Mapping[str, t.Any]) -> ProductSearch:
    """The search that the options of C(provisioned_product_info) ask for. Raises SelectionError."""
    return ProductSearch(
        ids=_texts(options, "ids", _check_id),
        names=_texts(options, "names", _check_name),
        types=_filter(options, "types", _check_text),
        statuses=_filter(options, "statuses", _check_product_status),
        search_query=_texts(options, "search_query", _check_term),
        on_missing=_choice(options, "on_missing", ON_MISSING) or "error",
        access_level=_choice(options, "access_level", ACCESS_LEVELS) or "account",
        accept_language=_choice(options, "accept_language", LANGUAGES),
        concurrency=_number(options, "concurrency", 8, MAX_CONCURRENCY),
    )


def _texts(options: t.Mapping[str, t.Any], name: str, check: t.Callable[[str, str], None]) -> tuple[str, ...]:
    values = options.get(name)
    if values is None:
        return ()
    if isinstance(values, (str, int)):
        values = [values]
    if not isinstance(values, (list, tuple)):
        raise SelectionError(f"{name} must be a list, not {shown(values)}")
    texts = dict.fromkeys(_text(name, value) for value in values)
    for text in texts:
        check(name, text)
    return tuple(texts)


def _text(name: str, value: t.Any) -> str:
    # YAML makes an int of an account without quotes; a module's argument spec would already have made a str of it.
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= 64:
        return str(value)
    if not isinstance(value, str):
        raise SelectionError(f"{name} must be a list of strings, but holds {shown(value)}")
    return str(value)


def _filter(options: t.Mapping[str, t.Any], name: str, check: t.Callable[[str, str], None]) -> frozenset[str] | None:
    return None if options.get(name) is None else frozenset(_texts(options, name, check))


def _stack_set_names(options: t.Mapping[str, t.Any], name: str) -> dict[str, str]:
    values = options.get(name)
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise SelectionError(f"{name} must be a dictionary of provisioned product ids and names, not {shown(values)}")
    names = {}
    for key, value in values.items():
        product_id = _text(name, key)
        if not _ID.fullmatch(product_id):
            raise SelectionError(f"{name} holds {shown(key)}, which can't be the id of a provisioned product")
        stack_set = _stack_set_name.named(value)
        if stack_set is None:
            raise SelectionError(f"{name} holds {shown(value)}, which can't be the name, id or ARN of a stack set")
        names[product_id] = stack_set
    return names


def _choice(options: t.Mapping[str, t.Any], name: str, choices: tuple[str, ...]) -> str | None:
    value = options.get(name)
    if value is not None and value not in choices:
        raise SelectionError(f"{name} must be one of {', '.join(choices)}, not {shown(value)}")
    return value


def _number(options: t.Mapping[str, t.Any], name: str, default: int, maximum: int) -> int:
    value = options.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= maximum:
        raise SelectionError(f"{name} must be a whole number from 1 to {maximum}, not {shown(value)}")
    return value


def _check_id(option: str, value: str) -> None:
    if not _ID.fullmatch(value):
        raise SelectionError(
            f"{option} holds {shown(value)}, which can't be the id of a provisioned product, such as pp-a1b2c3d4e5f6g;"
            f" a name belongs into {option.replace('ids', 'names')}"
        )


def _check_name(option: str, value: str) -> None:
    if not 1 <= len(value) <= MAX_NAME_LENGTH:
        raise SelectionError(f"{option} holds {shown(value)}, but a name has 1 to {MAX_NAME_LENGTH} characters")


def _check_account(option: str, value: str) -> None:
    if not _ACCOUNT.fullmatch(value):
        raise SelectionError(
            f"{option} holds {shown(value)}, but an AWS account has exactly 12 digits; quote the number in YAML"
            ' ("012345678901"), which otherwise drops leading zeros or reads it as an octal number'
        )


def _check_region(option: str, value: str) -> None:
    if not _REGION.fullmatch(value):
        raise SelectionError(f"{option} holds {shown(value)}, which can't be an AWS Region, such as eu-west-1")


def _check_status(option: str, value: str) -> None:
    if value not in STATUSES:
        raise SelectionError(f"{option} holds {shown(value)}, but a stack instance is one of {', '.join(STATUSES)}")


def _check_product_status(option: str, value: str) -> None:
    if value not in PRODUCT_STATUSES:
        raise SelectionError(f"{option} holds {shown(value)}, but a product is one of {', '.join(PRODUCT_STATUSES)}")


def _check_text(option: str, value: str) -> None:
    if not value:
        raise SelectionError(f"{option} holds an empty string")


def _check_term(option: str, value: str) -> None:
    name, colon, wanted = value.partition(":")
    if not (name and colon and wanted):
        raise SelectionError(
            f"{option} holds {shown(value)}, but a term is a field, a colon and a value, such as status:TAINTED"
        )
