# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import SelectionError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import options as _selection


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, _selection.Selection()),
        ({"provisioned_product_ids": None, "accounts": None, "page_size": None}, _selection.Selection()),
        (
            {"provisioned_product_ids": ["pp-b", "pp-a", "pp-b"], "provisioned_product_names": ["x"]},
            _selection.Selection(provisioned_product_ids=("pp-b", "pp-a"), provisioned_product_names=("x",)),
        ),
        ({"provisioned_product_ids": "pp-a"}, _selection.Selection(provisioned_product_ids=("pp-a",))),
        (
            {"accounts": [123456789012, "012345678901"]},
            _selection.Selection(accounts=frozenset({"123456789012", "012345678901"})),
        ),
        (
            {"regions": ["eu-west-1", "us-gov-west-1", "us-isob-east-1", "eusc-de-east-1"]},
            _selection.Selection(regions=frozenset({"eu-west-1", "us-gov-west-1", "us-isob-east-1", "eusc-de-east-1"})),
        ),
        ({"statuses": []}, _selection.Selection(statuses=frozenset())),
        ({"statuses": ["OUTDATED"]}, _selection.Selection(statuses=frozenset({"OUTDATED"}))),
        (
            {"on_missing": "warn", "access_level": "role", "accept_language": "jp", "page_size": 1, "concurrency": 32},
            _selection.Selection(
                on_missing="warn", access_level="role", accept_language="jp", page_size=1, concurrency=32
            ),
        ),
        (
            {"source": "auto", "stack_set_names": {"pp-a": "arn:aws:cloudformation:x:123456789012:stackset/mine"}},
            _selection.Selection(source="auto", stack_set_names={"pp-a": "mine"}),
        ),
        ({"stack_set_names": None}, _selection.Selection()),
    ],
)
def test_a_selection_holds_what_was_asked(options: dict[str, object], expected: _selection.Selection) -> None:
    assert _selection.from_options(options) == expected


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"provisioned_product_ids": [""]}, "provisioned_product_ids holds ''"),
        ({"provisioned_product_ids": ["pp a"]}, "provisioned_product_ids holds 'pp a'"),
        ({"provisioned_product_ids": ["pp-a\n"]}, "provisioned_product_ids holds"),
        ({"provisioned_product_ids": ["x" * 101]}, "provisioned_product_ids holds"),
        ({"provisioned_product_ids": ["pp-\u0661"]}, "provisioned_product_ids holds"),
        ({"provisioned_product_ids": [None]}, "provisioned_product_ids must be a list of strings, but holds None"),
        ({"provisioned_product_ids": {"a": 1}}, "provisioned_product_ids must be a list"),
        ({"provisioned_product_names": [""]}, "a name has 1 to 128 characters"),
        ({"provisioned_product_names": ["x" * 129]}, "a name has 1 to 128 characters"),
        ({"accounts": [12345678901]}, "quote the number in YAML"),
        ({"accounts": ["12345678901x"]}, "exactly 12 digits"),
        ({"accounts": ["\u0661" * 12]}, "exactly 12 digits"),
        ({"accounts": [True]}, "accounts must be a list of strings, but holds True"),
        ({"accounts": [1.5]}, "accounts must be a list of strings, but holds 1.5"),
        ({"regions": ["europe"]}, "regions holds 'europe'"),
        ({"regions": ["EU-WEST-1"]}, "regions holds 'EU-WEST-1'"),
        ({"regions": ["eu-west-1 "]}, "regions holds 'eu-west-1 '"),
        ({"statuses": ["current"]}, "statuses holds 'current'"),
        ({"on_missing": "ignore"}, "on_missing must be one of error, warn, skip, not 'ignore'"),
        ({"access_level": "Account"}, "access_level must be one of account, role, user"),
        ({"accept_language": "de"}, "accept_language must be one of en, jp, zh"),
        ({"source": "s3"}, "source must be one of servicecatalog, cloudformation, auto, not 's3'"),
        ({"stack_set_names": ["a"]}, "stack_set_names must be a dictionary of provisioned product ids and names"),
        ({"stack_set_names": {"pp a": "x"}}, "stack_set_names holds 'pp a', which can't be the id of a provisioned"),
        ({"stack_set_names": {"pp-a": "SC_1"}}, "stack_set_names holds 'SC_1', which can't be the name, id or ARN of"),
        ({"stack_set_names": {"pp-a": None}}, "stack_set_names holds None, which can't be the name"),
        ({"page_size": 0}, "page_size must be a whole number from 1 to 20, not 0"),
        ({"page_size": 21}, "page_size must be a whole number from 1 to 20, not 21"),
        ({"page_size": True}, "page_size must be a whole number"),
        ({"concurrency": 33}, "concurrency must be a whole number from 1 to 32, not 33"),
        ({"concurrency": "8"}, "concurrency must be a whole number from 1 to 32, not '8'"),
    ],
)
def test_nonsense_is_one_sentence(options: dict[str, object], words: str) -> None:
    with pytest.raises(SelectionError) as caught:
        _selection.from_options(options)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def nested(levels: int) -> list[object]:
    value: list[object] = []
    for _level in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"provisioned_product_ids": ["x" * 100_000]}, "can't be the id"),
        ({"provisioned_product_ids": [10**5000]}, "holds an integer of 16610 bits"),
        ({"provisioned_product_ids": [nested(100_000)]}, "holds [[[[[[[...]]]]]]]"),
        ({"provisioned_product_names": {"a": "x" * 100_000}}, "must be a list"),
        ({"accounts": [10**30]}, "accounts must be a list of strings, but holds 1000"),
        ({"page_size": 10**5000}, "not an integer of 16610 bits"),
        ({"concurrency": list(range(100_000))}, "not [0, 1, 2, 3, 4, 5, ...]"),
        ({"stack_set_names": {10**5000: "a"}}, "stack_set_names must be"),
        ({"stack_set_names": {"pp-a": "x" * 100_000}}, "can't be the name"),
        ({"source": "\ud800\x00\n" * 1000}, "source must be one of"),
    ],
    # pytest itself would write down each value.
    ids=itertools.count(),
)
def test_what_is_huge_is_told_of_in_short(options: dict[str, object], words: str) -> None:
    with pytest.raises(SelectionError) as caught:
        _selection.from_options(options)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("options", "expected"),
    [({}, True), ({"provisioned_product_ids": ["pp-a"]}, False), ({"provisioned_product_names": ["a"]}, False)],
)
def test_naming_no_product_asks_for_all(options: dict[str, object], expected: bool) -> None:
    assert _selection.from_options(options).is_discovery is expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, _selection.ProductSearch()),
        (
            {"ids": ["pp-a", "pp-a"], "names": ["x"], "types": ["CFN_STACK"], "statuses": ["ERROR"]},
            _selection.ProductSearch(
                ids=("pp-a",), names=("x",), types=frozenset({"CFN_STACK"}), statuses=frozenset({"ERROR"})
            ),
        ),
        (
            {"search_query": ["name:a:b"], "access_level": "user", "concurrency": 2},
            _selection.ProductSearch(search_query=("name:a:b",), access_level="user", concurrency=2),
        ),
    ],
)
def test_a_product_search_holds_what_was_asked(options: dict[str, object], expected: _selection.ProductSearch) -> None:
    assert _selection.product_search_from_options(options) == expected


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"ids": ["a b"]}, "ids holds 'a b', which can't be the id of a provisioned product, such as pp-a1b2c3d4e5f6g"),
        ({"names": [""]}, "names holds ''"),
        ({"types": [""]}, "types holds an empty string"),
        ({"statuses": ["CURRENT"]}, "statuses holds 'CURRENT', but a product is one of AVAILABLE"),
        ({"search_query": ["TAINTED"]}, "search_query holds 'TAINTED', but a term is a field, a colon and a value"),
        ({"search_query": ["status:"]}, "search_query holds 'status:'"),
        ({"search_query": [":x"]}, "search_query holds ':x'"),
        ({"access_level": "all"}, "access_level must be one of"),
    ],
)
def test_a_product_search_that_is_nonsense_is_one_sentence(options: dict[str, object], words: str) -> None:
    with pytest.raises(SelectionError) as caught:
        _selection.product_search_from_options(options)
    assert words in str(caught.value)
