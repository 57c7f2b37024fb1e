# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import itertools
import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import OptionError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import options
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import ProductSearch, Query
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.wait_options import WaitOptions

KINDS = (options.Connection, options.Lookup, options.Selection, Query, ProductSearch, WaitOptions)
REGIONS = ["eu-west-1", "us-gov-west-1", "us-isob-east-1", "eusc-de-east-1"]


@pytest.mark.parametrize(
    ("given_options", "expected"),
    [
        ({}, Query()),
        ({"provisioned_product_ids": None, "accounts": None, "page_size": None, "all_products": None}, Query()),
        (
            {"provisioned_product_ids": ["pp-b", "pp-a", "pp-b"], "provisioned_product_names": ["x"]},
            Query(provisioned_product_ids=("pp-b", "pp-a"), provisioned_product_names=("x",)),
        ),
        ({"provisioned_product_ids": "pp-a"}, Query(provisioned_product_ids=("pp-a",))),
        ({"provisioned_product_ids": "pp-a, pp-b ,pp-a"}, Query(provisioned_product_ids=("pp-a", "pp-b"))),
        ({"provisioned_product_ids": [" pp-a ", "pp-a"]}, Query(provisioned_product_ids=("pp-a",))),
        ({"provisioned_product_ids": ["pp-a\n"]}, Query(provisioned_product_ids=("pp-a",))),
        (
            {"accounts": [123456789012, "012345678901"]},
            Query(accounts=frozenset({"123456789012", "012345678901"})),
        ),
        ({"accounts": 123456789012}, Query(accounts=frozenset({"123456789012"}))),
        ({"exclude_accounts": "123456789012"}, Query(exclude_accounts=frozenset({"123456789012"}))),
        ({"regions": REGIONS}, Query(regions=frozenset(REGIONS))),
        ({"regions": ["eu-west-1 "]}, Query(regions=frozenset({"eu-west-1"}))),
        ({"statuses": ["OUTDATED"]}, Query(statuses=frozenset({"OUTDATED"}))),
        (
            {"detailed_statuses": "FAILED,PENDING", "source": "cloudformation"},
            Query(detailed_statuses=frozenset({"FAILED", "PENDING"}), source="cloudformation"),
        ),
        ({"not_current": True, "all_products": True}, Query(not_current=True, all_products=True)),
        (
            {"on_missing": "warn", "access_level": "role", "accept_language": "jp", "page_size": 1, "concurrency": 32},
            Query(on_missing="warn", access_level="role", accept_language="jp", page_size=1, concurrency=32),
        ),
        (
            {"source": "auto", "stack_set_names": {"pp-a": "arn:aws:cloudformation:x:123456789012:stackset/mine"}},
            Query(source="auto", stack_set_names={"pp-a": "mine"}),
        ),
        ({"stack_set_names": {" pp-a ": "mine"}}, Query(stack_set_names={"pp-a": "mine"})),
        (
            {"stack_set_names": {"pp-a": "SC-123456789012-pp-a"}},
            Query(stack_set_names={"pp-a": "SC-123456789012-pp-a"}),
        ),
        ({"stack_set_names": None}, Query()),
        ({"tags": {"team": "platform"}}, Query(tags={"team": "platform"})),
        ({"tags": {}}, Query(tags={})),
        (
            {"organizational_unit_ids": "ou-a1b2-c3d4e5f6, r-a1b2", "describe_accounts": True},
            Query(organizational_unit_ids=frozenset({"ou-a1b2-c3d4e5f6", "r-a1b2"}), describe_accounts=True),
        ),
        (
            {"organizations_role_arn": "arn:aws-cn:iam::123456789012:role/path/reader"},
            Query(organizations_role_arn="arn:aws-cn:iam::123456789012:role/path/reader"),
        ),
        ({"something_else": 5}, Query()),
    ],
)
def test_a_query(given_options: dict[str, object], expected: Query) -> None:
    assert options.parse(Query, given_options) == expected


LISTS = (
    "provisioned_product_ids",
    "provisioned_product_names",
    "accounts",
    "exclude_accounts",
    "regions",
    "organizational_unit_ids",
    "statuses",
    "detailed_statuses",
)


@pytest.mark.parametrize("empty", [[], (), "", [""]])
@pytest.mark.parametrize("name", LISTS)
def test_an_empty_list_is_not_an_omitted_one(name: str, empty: object) -> None:
    # An empty string is how Jinja and the survey of an AWX job template represent an empty list.
    query = options.parse(Query, {name: empty, "source": "cloudformation"})
    assert getattr(query, name) is not None
    assert len(getattr(query, name)) == 0
    assert getattr(options.parse(Query, {name: None}), name) is None


@pytest.mark.parametrize(
    ("given_options", "message"),
    [
        ({"provisioned_product_ids": ["", ""]}, "provisioned_product_ids contains ''"),
        ({"provisioned_product_ids": "pp-a,"}, "provisioned_product_ids contains '', which is not the ID"),
        ({"provisioned_product_ids": ["pp a"]}, "Specify names in provisioned_product_names."),
        ({"provisioned_product_ids": ["x" * 101]}, "provisioned_product_ids contains"),
        ({"provisioned_product_ids": ["pp-\u0661"]}, "provisioned_product_ids contains"),
        ({"provisioned_product_ids": [None]}, "provisioned_product_ids must contain strings, but contains None"),
        ({"provisioned_product_ids": [["pp-a"]]}, "must contain strings, but contains ['pp-a']"),
        ({"provisioned_product_ids": {"a": 1}}, "provisioned_product_ids must be a list, but is {'a': 1}"),
        ({"provisioned_product_ids": 1.5}, "provisioned_product_ids must be a list, but is 1.5"),
        ({"provisioned_product_names": ["", "x"]}, "a name has 1 to 128 letters, digits, dots, underscores"),
        ({"provisioned_product_names": ["x" * 129]}, "a name has 1 to 128 letters"),
        ({"provisioned_product_names": ["-x"]}, "starts with a letter or digit"),
        ({"provisioned_product_names": ["{{ name }}"]}, "contains '{{ name }}', which is not the name"),
        ({"accounts": [12345678901]}, "Quote the number in YAML"),
        ({"accounts": ["12345678901x"]}, "exactly 12 digits"),
        ({"accounts": ["1234567890123"]}, "exactly 12 digits"),
        ({"accounts": ["\u0661" * 12]}, "exactly 12 digits"),
        ({"accounts": [True]}, "accounts must contain strings, but contains True"),
        ({"accounts": [1.5]}, "accounts must contain strings, but contains 1.5"),
        ({"accounts": ["1,2"]}, "accounts contains '1,2'"),
        ({"exclude_accounts": ["1"]}, "exclude_accounts contains '1'"),
        ({"regions": ["europe"]}, "regions contains 'europe', which is not an AWS Region, such as eu-west-1"),
        ({"regions": ["EU-WEST-1"]}, "regions contains 'EU-WEST-1'"),
        ({"regions": ["eu-west"]}, "regions contains 'eu-west'"),
        ({"regions": ["eu-west-1a"]}, "regions contains 'eu-west-1a'"),
        ({"regions": ["*"]}, "regions contains '*'"),
        (
            {"organizational_unit_ids": ["ou-a1b2"]},
            "organizational_unit_ids contains 'ou-a1b2', which is not the ID of an organizational unit or of a root,"
            " such as ou-a1b2-c3d4e5f6 or r-a1b2",
        ),
        ({"organizational_unit_ids": ["R-a1b2"]}, "organizational_unit_ids contains 'R-a1b2'"),
        ({"organizational_unit_ids": ["123456789012"]}, "organizational_unit_ids contains '123456789012'"),
        ({"describe_accounts": "yes"}, "describe_accounts must be true or false, but is 'yes'"),
        ({"organizations_role_arn": "reader"}, "organizations_role_arn must be the ARN of a role, such as arn:aws:iam"),
        ({"tags": ["team"]}, "tags must be a dictionary of tags and their values, but is ['team']"),
        ({"tags": {"year": 2024}}, "tags must contain strings, but contains 2024. Quote it in YAML."),
        ({"tags": {"a": "b"}, "provisioned_product_ids": ["pp-a"]}, "tags cannot be combined with provisioned_product"),
        ({"tags": {"a": "b"}, "all_products": True}, "all_products cannot be combined with tags"),
        ({"statuses": ["current"]}, "statuses contains 'current', which is not one of CURRENT, OUTDATED, INOPERABLE"),
        ({"statuses": ["MISSING"]}, "statuses contains 'MISSING'"),
        (
            {"detailed_statuses": ["CURRENT"], "source": "cloudformation"},
            "detailed_statuses contains 'CURRENT', which is not one of PENDING, RUNNING, SUCCEEDED, FAILED,",
        ),
        ({"detailed_statuses": ["FAILED"]}, "detailed_statuses requires source=cloudformation"),
        ({"detailed_statuses": [], "source": "auto"}, "detailed_statuses requires source=cloudformation"),
        ({"on_missing": "ignore"}, "on_missing must be one of error, warn, skip, but is 'ignore'"),
        ({"on_missing": ""}, "on_missing must be one of"),
        ({"access_level": "Account"}, "access_level must be one of account, role, user"),
        ({"accept_language": "de"}, "accept_language must be one of en, jp, zh"),
        ({"source": "s3"}, "source must be one of servicecatalog, cloudformation, auto, but is 's3'"),
        ({"all_products": "yes"}, "all_products must be true or false, but is 'yes'"),
        ({"all_products": 1}, "all_products must be true or false, but is 1"),
        ({"not_current": []}, "not_current must be true or false, but is []"),
        ({"all_products": True, "provisioned_product_ids": ["pp-a"]}, "all_products cannot be combined with"),
        ({"all_products": True, "provisioned_product_names": []}, "all_products cannot be combined with"),
        (
            {"accounts": ["123456789012", "1" * 12], "exclude_accounts": ["123456789012"]},
            "accounts and exclude_accounts both contain 123456789012",
        ),
        ({"stack_set_names": ["a"]}, "stack_set_names must be a dictionary of provisioned product IDs and names"),
        ({"stack_set_names": {"pp a": "x"}}, "stack_set_names contains 'pp a', which is not the ID of a provisioned"),
        ({"stack_set_names": {"pp-a": "SC_1"}}, "stack_set_names contains 'SC_1', which is not the name, ID or ARN of"),
        (
            {"stack_set_names": {"pp-a": "SC-123456789012-pp-b"}},
            "stack_set_names contains 'SC-123456789012-pp-b' for pp-a, but this is the stack set of another",
        ),
        ({"stack_set_names": {"pp-a": None}}, "stack_set_names contains None, which is not the name"),
        ({"stack_set_names": {"pp-a": ""}}, "stack_set_names contains '', which is not the name"),
        ({"page_size": 0}, "page_size must be a whole number from 1 to 20, but is 0"),
        ({"page_size": 21}, "page_size must be a whole number from 1 to 20, but is 21"),
        ({"page_size": True}, "page_size must be a whole number"),
        ({"page_size": 1.0}, "page_size must be a whole number"),
        ({"concurrency": 33}, "concurrency must be a whole number from 1 to 32, but is 33"),
        ({"concurrency": "8"}, "concurrency must be a whole number from 1 to 32, but is '8'"),
    ],
)
def test_an_invalid_query_is_one_message(given_options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError) as caught:
        options.parse(Query, given_options)
    assert message in str(caught.value)
    assert str(caught.value).isprintable()
    assert not caught.value.retryable


def nested(levels: int) -> list[object]:
    value: list[object] = []
    for _level in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("given_options", "message"),
    [
        ({"provisioned_product_ids": ["x" * 100_000]}, "which is not the ID"),
        ({"provisioned_product_ids": [10**5000]}, "contains an integer of 16610 bits"),
        ({"provisioned_product_ids": [nested(100_000)]}, "contains [[[[[[[...]]]]]]]"),
        ({"provisioned_product_names": {"a": "x" * 100_000}}, "must be a list"),
        ({"accounts": [10**30]}, "accounts must contain strings, but contains 1000"),
        ({"page_size": 10**5000}, "but is an integer of 16610 bits"),
        ({"concurrency": list(range(100_000))}, "but is [0, 1, 2, 3, 4, 5, ...]"),
        ({"stack_set_names": {10**5000: "a"}}, "stack_set_names must contain strings"),
        ({"stack_set_names": {"pp-a": "x" * 100_000}}, "which is not the name"),
        ({"source": "\ud800\x00\n" * 1000}, "source must be one of"),
    ],
    # pytest itself would write down each value.
    ids=itertools.count(),
)
def test_huge_values_are_shown_in_short(given_options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError) as caught:
        options.parse(Query, given_options)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("given_options", "expected"),
    [
        ({}, True),
        ({"all_products": True}, True),
        ({"provisioned_product_ids": ["pp-a"]}, False),
        ({"provisioned_product_names": ["a"]}, False),
        ({"provisioned_product_ids": []}, False),
        ({"provisioned_product_names": ""}, False),
    ],
)
def test_products_are_discovered_only_if_none_was_named(given_options: dict[str, object], expected: bool) -> None:
    assert options.parse(Query, given_options).is_discovery is expected


@pytest.mark.parametrize(
    ("given_options", "expected"),
    [
        ({}, ProductSearch()),
        (
            {
                "provisioned_product_ids": ["pp-a", "pp-a"],
                "provisioned_product_names": ["x"],
                "types": ["CFN_STACK"],
                "statuses": ["ERROR"],
            },
            ProductSearch(
                provisioned_product_ids=("pp-a",),
                provisioned_product_names=("x",),
                types=frozenset({"CFN_STACK"}),
                statuses=frozenset({"ERROR"}),
            ),
        ),
        (
            {"search_query": ["name:a:b"], "access_level": "user", "concurrency": 2},
            ProductSearch(search_query=("name:a:b",), access_level="user", concurrency=2),
        ),
        ({"search_query": []}, ProductSearch(search_query=())),
    ],
)
def test_a_product_search(given_options: dict[str, object], expected: ProductSearch) -> None:
    assert options.parse(ProductSearch, given_options) == expected


@pytest.mark.parametrize(
    ("given_options", "message"),
    [
        (
            {"provisioned_product_ids": ["a b"]},
            "provisioned_product_ids contains 'a b', which is not the ID of a provisioned product, such as"
            " pp-a1b2c3d4e5f6g. Specify names in provisioned_product_names.",
        ),
        ({"provisioned_product_names": ["", ""]}, "provisioned_product_names contains ''"),
        ({"types": ["", "x"]}, "types contains an empty string"),
        ({"statuses": ["CURRENT"]}, "statuses contains 'CURRENT', which is not one of AVAILABLE, UNDER_CHANGE,"),
        ({"search_query": ["TAINTED"]}, "search_query contains 'TAINTED', but a term consists of a field, a colon and"),
        ({"search_query": ["status:"]}, "search_query contains 'status:'"),
        ({"search_query": [":x"]}, "search_query contains ':x'"),
        ({"access_level": "all"}, "access_level must be one of"),
        ({"search_query": ["a:b"], "provisioned_product_ids": []}, "search_query cannot be combined with"),
    ],
)
def test_an_invalid_product_search_is_one_message(given_options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError) as caught:
        options.parse(ProductSearch, given_options)
    assert message in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_the_argument_spec_accepts_its_defaults(kind: type[options.Options]) -> None:
    spec = options.argument_spec(kind)
    assert set(spec) == {field.name for field in dataclasses.fields(t.cast("t.Any", kind))}
    validated = ArgumentSpecValidator(spec).validate({})
    assert validated.error_messages == []
    assert options.parse(kind, validated.validated_parameters) == kind()


def test_argument_specs_of_several_kinds_are_one() -> None:
    spec = options.argument_spec(options.Selection, WaitOptions)
    assert spec == {**options.argument_spec(options.Selection), **options.argument_spec(WaitOptions)}
    assert spec["timeout"] == {"type": "int", "default": 1800}
    assert spec["accounts"] == {"type": "list", "elements": "str"}


def test_a_selection_has_no_filters_by_status() -> None:
    # A gate that only reads CURRENT stack instances would always pass.
    assert not {"statuses", "detailed_statuses", "not_current"} & set(options.argument_spec(options.Selection))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2024.10, "2024.1"),
        ([2024.10], "2024.1"),
        (["a", 7], "7"),
        (True, "True"),
        ((1.0,), "1.0"),
        (10**5000, "an integer of 16610 bits"),
    ],
    ids=itertools.count(),
)
def test_numbers_are_refused_in_place_of_names(value: object, shown: str) -> None:
    with pytest.raises(OptionError) as caught:
        options.refuse_numbers({"names": value, "ids": ["pp-a"]}, ("ids", "names"))
    assert str(caught.value) == (
        f"names must contain strings, but contains the number {shown}. Quote it in YAML, which otherwise changes it,"
        " such as 2024.10 to 2024.1."
    )


@pytest.mark.parametrize("value", [None, "2024.10", ["2024.10"], [], "", [["a"]], {"a": 1}])
def test_other_values_are_not_numbers(value: object) -> None:
    options.refuse_numbers({"names": value, "accounts": 123456789012}, ("ids", "names"))


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(data=st.data(), kind=st.sampled_from(KINDS))
def test_any_value_is_read_or_refused_with_one_message(data: st.DataObject, kind: type[options.Options]) -> None:
    names = sorted({field.name for field in dataclasses.fields(t.cast("t.Any", kind))} - {"assume_role_arn"})
    if not names:
        return
    given_options = data.draw(st.dictionaries(st.sampled_from(names), _VALUES, max_size=3))
    try:
        parsed = options.parse(kind, given_options)
    except OptionError as e:
        message = str(e)
    else:
        # What was read can be read again.
        message = ""
        again = {field.name: getattr(parsed, field.name) for field in dataclasses.fields(t.cast("t.Any", parsed))}
        assert (
            options.parse(kind, {k: sorted(v) if isinstance(v, frozenset) else v for k, v in again.items()}) == parsed
        )
    assert message.isprintable()
    assert len(message) < 500


@pytest.mark.parametrize("name", ["provisioned_product_ids", "provisioned_product_names"])
@pytest.mark.parametrize("value", [7, [7], ["a", 83]])
def test_a_number_in_place_of_a_name_is_refused_with_advice(name: str, value: object) -> None:
    for kind in (Query, options.ProductSearch):
        with pytest.raises(
            OptionError, match=f"^{name} must contain strings, but contains the number .* Quote it in YAML"
        ):
            options.parse(kind, {name: value})


@pytest.mark.parametrize(
    "arn", ["reader", "arn:aws:iam::123456789012:user/reader", "arn:aws:iam::12345:role/reader", " arn:aws:iam::x"]
)
def test_an_arn_of_another_form_is_refused(arn: str) -> None:
    with pytest.raises(OptionError) as caught:
        options.parse(options.Connection, {"assume_role_arn": arn})
    assert str(caught.value) == (
        f"assume_role_arn must be the ARN of a role, such as arn:aws:iam::123456789012:role/NAME, but is {arn!r}"
    )


def test_an_empty_arn_is_no_role() -> None:
    assert options.parse(options.Connection, {"assume_role_arn": ""}).assume_role_arn is None
