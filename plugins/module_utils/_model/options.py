# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options as frozen dataclasses: each field has the type, the default and the check of one option.

Argument specs are derived from the fields, so that modules and plugins read an option alike. Pure, and private to this
collection.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from .._errors import OptionError, shown
from . import stack_set_name

ArgumentSpec = t.Dict[str, t.Dict[str, t.Any]]
Reader = t.Callable[[str, t.Any], t.Any]
Kind = t.TypeVar("Kind", bound="Options")

STATUSES = ("CURRENT", "OUTDATED", "INOPERABLE")
# The API reference of CloudFormation, StackInstanceComprehensiveStatus.
DETAILED_STATUSES = (
    "PENDING",
    "RUNNING",
    "SUCCEEDED",
    "FAILED",
    "CANCELLED",
    "INOPERABLE",
    "SKIPPED_SUSPENDED_ACCOUNT",
    "FAILED_IMPORT",
)
PRODUCT_STATUSES = ("AVAILABLE", "UNDER_CHANGE", "TAINTED", "ERROR", "PLAN_IN_PROGRESS")
MAX_PAGE_SIZE = 20  # of ListStackInstancesForProvisionedProduct in botocore's model
MAX_CONCURRENCY = 32
MAX_ATTEMPTS = 100

# From botocore's model, which has no pattern for a Region. The pattern of a name is that of ProvisionedProductName.
_ID = re.compile(r"[a-zA-Z0-9_-]{1,100}", re.ASCII)
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]+", re.ASCII)
_ROLE_ARN = r"arn:[\w-]+:iam::[0-9]{12}:role/[\w+=,.@/-]+"
_ROLE = "the ARN of a role, such as arn:aws:iam::123456789012:role/NAME"
_UNIT = re.compile(r"r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}", re.ASCII)


# YAML reads some names as numbers, and the argument spec makes strings of numbers before anything else sees them.
NAMES = ("provisioned_product_ids", "provisioned_product_names", "ids", "names", "provisioning_artifact_name")


class Options:
    """The base of dataclasses of options."""

    def validate(self) -> None:
        """Check the options against each other. Raises OptionError."""


def option(read: Reader, **spec: t.Any) -> dict[str, t.Any]:
    """Return the metadata of the dataclass field of an option.

    Args:
        read: Checks and converts a value that is not None; takes the option's name and the value.
        spec: The argument spec without the default, which is that of the field.
    """
    return {"read": read, "spec": spec}


def argument_spec(*kinds: type[Options]) -> ArgumentSpec:
    """Return the argument spec of all options of these dataclasses."""
    spec: ArgumentSpec = {}
    for kind in kinds:
        for one in fields(t.cast("t.Any", kind)):
            default = {} if one.default is None else {"default": one.default}
            spec[one.name] = {**one.metadata["spec"], **default}
    return spec


def as_given(options: Mapping[str, t.Any], spec: ArgumentSpec) -> dict[str, t.Any]:
    """Return options in the form in which all plugins read them, before their types are converted.

    An option that is null is not given, and blanks around the items of a list do not count. Options that are not in the
    spec stay as they are.
    """
    specs = {name: one for option, one in spec.items() for name in (option, *one.get("aliases", ()))}
    lists = {name for name, one in specs.items() if one["type"] == "list"}
    return {
        name: _without_blanks(value) if name in lists else value
        for name, value in options.items()
        if value is not None or name not in specs
    }


def _without_blanks(value: t.Any) -> t.Any:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list):
        return value
    return [item.strip() if isinstance(item, str) else item for item in items]


def parse(kind: type[Kind], options: Mapping[str, t.Any]) -> Kind:
    """Check the options of a module or plugin; those that are not there or None keep their default.

    Raises:
        OptionError: A value is invalid. The message names the option and the value.
    """
    parsed = kind(**read(kind, options))
    parsed.validate()
    return parsed


def read(kind: type[Options], options: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Check options each by itself, and return those that are given. Raises OptionError."""
    given = {one: options.get(one.name) for one in fields(t.cast("t.Any", kind))}
    return {one.name: one.metadata["read"](one.name, value) for one, value in given.items() if value is not None}


def strings(check: t.Callable[[str, str], None]) -> Reader:
    """Return a reader of lists of strings without duplicates, each of which passes the check."""

    def read(name: str, value: t.Any) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(_string(name, item) for item in _items(name, value)))
        for item in found:
            check(name, item)
        return found

    return read


def named(check: t.Callable[[str, str], None]) -> Reader:
    """Return a reader as ``strings``, which refuses numbers in place of names."""
    read = strings(check)

    def read_named(name: str, value: t.Any) -> tuple[str, ...]:
        found: tuple[str, ...] = read(name, value)
        refuse_numbers({name: value}, [name])
        return found

    return read_named


def choice(*choices: str) -> Reader:
    """Return a reader of one of these strings."""

    def read(name: str, value: t.Any) -> str:
        if value not in choices:
            raise OptionError(f"{name} must be one of {', '.join(choices)}, but is {shown(value)}")
        return str(value)

    return read


def number(minimum: int, maximum: int, unit: str = "") -> Reader:
    """Return a reader of whole numbers."""

    def read(name: str, value: t.Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
            limits = f"from {minimum} to {maximum}{unit and ' '}{unit}"
            raise OptionError(f"{name} must be a whole number {limits}, but is {shown(value)}")
        return value

    return read


def boolean(name: str, value: t.Any) -> bool:
    """Read a boolean."""
    if not isinstance(value, bool):
        raise OptionError(f"{name} must be true or false, but is {shown(value)}")
    return value


def text(pattern: str, example: str) -> Reader:
    """Return a reader of a string that matches the pattern completely."""
    compiled = re.compile(pattern, re.ASCII)

    def read(name: str, value: t.Any) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise OptionError(f"{name} must be {example}, but is {shown(value)}")
        return str(value)

    return read


def optional(read: Reader) -> Reader:
    """Return a reader to which an empty string is an option that is not given, as in the environment."""
    return lambda name, value: read(name, value) if value != "" else None


def refuse_numbers(options: Mapping[str, t.Any], names: t.Iterable[str] = NAMES) -> None:
    """Refuse numbers in place of names, before Ansible makes strings of them.

    YAML reads ``2024.10`` as the number 2024.1, which is another name.

    Args:
        options: The options as they were given.
        names: The options to check.

    Raises:
        OptionError: An option is or contains a number.
    """
    for name in names:
        value = options.get(name)
        for item in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(item, (int, float)):
                raise OptionError(
                    f"{name} must contain strings, but contains the number {shown(item)}. Quote it in YAML, which"
                    " otherwise changes it, such as 2024.10 to 2024.1."
                )


def check_id(name: str, value: str) -> None:
    """Raise OptionError if the value cannot be the ID of a provisioned product."""
    if not _ID.fullmatch(value):
        raise OptionError(
            f"{name} contains {shown(value)}, which is not the ID of a provisioned product, such as pp-a1b2c3d4e5f6g."
            f" Specify names in {name.replace('ids', 'names')}."
        )


def check_name(name: str, value: str) -> None:
    """Raise OptionError if the value cannot be the name of a provisioned product."""
    if not _NAME.fullmatch(value):
        raise OptionError(
            f"{name} contains {shown(value)}, which is not the name of a provisioned product: a name has 1 to 128"
            " letters, digits, dots, underscores and hyphens, and starts with a letter or digit"
        )


def _check_account(name: str, value: str) -> None:
    if not _ACCOUNT.fullmatch(value):
        raise OptionError(
            f"{name} contains {shown(value)}, but an AWS account ID has exactly 12 digits. Quote the number in YAML"
            ' ("012345678901"), which otherwise drops leading zeros or reads it as an octal number.'
        )


def _check_region(name: str, value: str) -> None:
    if not _REGION.fullmatch(value):
        raise OptionError(f"{name} contains {shown(value)}, which is not an AWS Region, such as eu-west-1")


def _check_unit(name: str, value: str) -> None:
    if not _UNIT.fullmatch(value):
        raise OptionError(
            f"{name} contains {shown(value)}, which is not the ID of an organizational unit or of a root, such as"
            " ou-a1b2-c3d4e5f6 or r-a1b2"
        )


def _one_of(*choices: str) -> t.Callable[[str, str], None]:
    def check(name: str, value: str) -> None:
        if value not in choices:
            raise OptionError(f"{name} contains {shown(value)}, which is not one of {', '.join(choices)}")

    return check


def _check_not_empty(name: str, value: str) -> None:
    if not value:
        raise OptionError(f"{name} contains an empty string")


def _check_term(name: str, value: str) -> None:
    key, colon, wanted = value.partition(":")
    if not (key and colon and wanted):
        raise OptionError(
            f"{name} contains {shown(value)}, but a term consists of a field, a colon and a value, such as"
            " status:TAINTED"
        )


def _items(name: str, value: t.Any) -> t.Sequence[t.Any]:
    if isinstance(value, str):
        value = value.split(",")
    elif isinstance(value, int):
        value = [value]
    if not isinstance(value, (list, tuple)):
        raise OptionError(f"{name} must be a list, but is {shown(value)}")
    # An empty string, as an empty field of an AWX survey, is an empty list.
    return [] if list(value) == [""] else value


def _string(name: str, value: t.Any) -> str:
    # YAML makes an int of an account ID without quotes; the argument spec of a module makes a string of that.
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= 64:
        return str(value)
    if not isinstance(value, str):
        raise OptionError(f"{name} must contain strings, but contains {shown(value)}")
    return str(value).strip()


def _stack_set_names(name: str, value: t.Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise OptionError(f"{name} must be a dictionary of provisioned product IDs and names, but is {shown(value)}")
    names = {}
    for key, given in value.items():
        product_id = _string(name, key)
        if not _ID.fullmatch(product_id):
            raise OptionError(f"{name} contains {shown(key)}, which is not the ID of a provisioned product")
        stack_set = stack_set_name.parse(given)
        if stack_set is None:
            raise OptionError(f"{name} contains {shown(given)}, which is not the name, ID or ARN of a stack set")
        if stack_set_name.product_of(stack_set) not in (None, product_id):
            raise OptionError(
                f"{name} contains {shown(given)} for {product_id}, but this is the stack set of another provisioned"
                " product"
            )
        names[product_id] = stack_set
    return names


def _tags(name: str, value: t.Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise OptionError(f"{name} must be a dictionary of tags and their values, but is {shown(value)}")
    for item in (*value.keys(), *value.values()):
        if not isinstance(item, str):
            raise OptionError(f"{name} must contain strings, but contains {shown(item)}. Quote it in YAML.")
    return {str(key): str(wanted) for key, wanted in value.items()}


def _filter(check: t.Callable[[str, str], None]) -> Reader:
    read = strings(check)
    return lambda name, value: frozenset(read(name, value))


_STRINGS: dict[str, t.Any] = {"type": "list", "elements": "str"}
_INT: dict[str, t.Any] = {"type": "int"}
_BOOL: dict[str, t.Any] = {"type": "bool"}


def _choices(*choices: str) -> dict[str, t.Any]:
    return {"type": "str", "choices": list(choices)}


@dataclass(frozen=True)
class Connection(Options):
    """The connection options that this collection adds to those of amazon.aws."""

    assume_role_arn: str | None = field(
        default=None, metadata=option(optional(text(_ROLE_ARN, _ROLE)), type="str", aliases=["iam_role_arn"])
    )
    max_attempts: int | None = field(default=None, metadata=option(number(1, MAX_ATTEMPTS), **_INT))


_ON_MISSING = ("error", "warn", "skip")
_ACCESS_LEVELS = ("account", "role", "user")
_LANGUAGES = ("en", "jp", "zh")
_SOURCES = ("servicecatalog", "cloudformation", "auto")


@dataclass(frozen=True)
class Lookup(Options):
    """How provisioned products are looked up."""

    on_missing: str = field(default="error", metadata=option(choice(*_ON_MISSING), **_choices(*_ON_MISSING)))
    access_level: str = field(default="account", metadata=option(choice(*_ACCESS_LEVELS), **_choices(*_ACCESS_LEVELS)))
    accept_language: str | None = field(default=None, metadata=option(choice(*_LANGUAGES), **_choices(*_LANGUAGES)))
    concurrency: int = field(default=8, metadata=option(number(1, MAX_CONCURRENCY), **_INT))


@dataclass(frozen=True)
class Selection(Lookup):
    """Which provisioned products, which of their accounts and Regions, and how to read them.

    A list that is None restricts nothing; an empty one selects nothing.
    """

    provisioned_product_ids: tuple[str, ...] | None = field(default=None, metadata=option(named(check_id), **_STRINGS))
    provisioned_product_names: tuple[str, ...] | None = field(
        default=None, metadata=option(named(check_name), **_STRINGS)
    )
    tags: t.Mapping[str, str] | None = field(default=None, metadata=option(_tags, type="dict"))
    all_products: bool = field(default=False, metadata=option(boolean, **_BOOL))
    accounts: frozenset[str] | None = field(default=None, metadata=option(_filter(_check_account), **_STRINGS))
    exclude_accounts: frozenset[str] | None = field(default=None, metadata=option(_filter(_check_account), **_STRINGS))
    regions: frozenset[str] | None = field(default=None, metadata=option(_filter(_check_region), **_STRINGS))
    organizational_unit_ids: frozenset[str] | None = field(
        default=None, metadata=option(_filter(_check_unit), **_STRINGS)
    )
    describe_accounts: bool = field(default=False, metadata=option(boolean, **_BOOL))
    organizations_role_arn: str | None = field(default=None, metadata=option(text(_ROLE_ARN, _ROLE), type="str"))
    page_size: int = field(default=MAX_PAGE_SIZE, metadata=option(number(1, MAX_PAGE_SIZE), **_INT))
    source: str = field(default="servicecatalog", metadata=option(choice(*_SOURCES), **_choices(*_SOURCES)))
    stack_set_names: t.Mapping[str, str] | None = field(default=None, metadata=option(_stack_set_names, type="dict"))
    """Provisioned product ID → name or ID of its stack set."""

    @property
    def required_accounts(self) -> frozenset[str] | None:
        """The accounts of which each must have a stack instance, None if no account was selected."""
        return None if self.accounts is None else self.accounts - (self.exclude_accounts or frozenset())

    @property
    def is_discovery(self) -> bool:
        """Whether no product was named, which selects all, or all with the tags."""
        return self.provisioned_product_ids is None and self.provisioned_product_names is None

    def validate(self) -> None:
        """Check the options against each other. Raises OptionError."""
        if self.all_products and not self.is_discovery:
            raise OptionError(
                "all_products cannot be combined with provisioned_product_ids or provisioned_product_names"
            )
        if self.all_products and self.tags is not None:
            raise OptionError("all_products cannot be combined with tags")
        _require_search("tags", self.tags, self.is_discovery)
        both = sorted((self.accounts or frozenset()) & (self.exclude_accounts or frozenset()))
        if both:
            raise OptionError(f"accounts and exclude_accounts both contain {both[0]}")


@dataclass(frozen=True)
class Query(Selection):
    """A selection, and which rows to keep of it."""

    statuses: frozenset[str] | None = field(
        default=None, metadata=option(_filter(_one_of(*STATUSES)), choices=list(STATUSES), **_STRINGS)
    )
    detailed_statuses: frozenset[str] | None = field(
        default=None, metadata=option(_filter(_one_of(*DETAILED_STATUSES)), choices=list(DETAILED_STATUSES), **_STRINGS)
    )
    not_current: bool = field(default=False, metadata=option(boolean, **_BOOL))

    def validate(self) -> None:
        """Check the options against each other. Raises OptionError."""
        super().validate()
        if self.detailed_statuses is not None and self.source != "cloudformation":
            raise OptionError(
                "detailed_statuses requires source=cloudformation, as Service Catalog returns no detailed status"
            )


@dataclass(frozen=True)
class ProductSearch(Lookup):
    """Which provisioned products to find. A list that is None restricts nothing; an empty one finds nothing."""

    provisioned_product_ids: tuple[str, ...] | None = field(
        default=None, metadata=option(named(check_id), aliases=["ids"], **_STRINGS)
    )
    provisioned_product_names: tuple[str, ...] | None = field(
        default=None, metadata=option(named(check_name), aliases=["names"], **_STRINGS)
    )
    types: frozenset[str] | None = field(default=None, metadata=option(_filter(_check_not_empty), **_STRINGS))
    statuses: frozenset[str] | None = field(
        default=None, metadata=option(_filter(_one_of(*PRODUCT_STATUSES)), choices=list(PRODUCT_STATUSES), **_STRINGS)
    )
    search_query: tuple[str, ...] | None = field(default=None, metadata=option(strings(_check_term), **_STRINGS))
    tags: t.Mapping[str, str] | None = field(default=None, metadata=option(_tags, type="dict"))

    @property
    def is_search(self) -> bool:
        """Whether no product was named, so that products are searched for."""
        return self.provisioned_product_ids is None and self.provisioned_product_names is None

    def validate(self) -> None:
        """Check the options against each other. Raises OptionError."""
        _require_search("search_query", self.search_query, self.is_search)
        _require_search("tags", self.tags, self.is_search)


def _require_search(name: str, value: t.Any, is_search: bool) -> None:
    # DescribeProvisionedProduct, which looks up what was named, returns no tags.
    if value is not None and not is_search:
        raise OptionError(f"{name} cannot be combined with provisioned_product_ids or provisioned_product_names")
