# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module, the lookup and the inventory read each value of an option alike: as the same query, or as an error."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Query
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import stack_instances
from ansible_collections.stackfleet.servicecatalog.plugins.modules import stack_instance_info, wait_for_rollout
from ansible_collections.stackfleet.servicecatalog.tests.unit.fuzz.world import Outcome, inventory, lookup, module

ACCOUNT, OTHER = "111111111111", "222222222222"
PRODUCTS: list[t.Any] = [
    *("pp-a", "pp-a,pp-b", " pp-a , pp-b ", ["pp-a", " pp-b "], ["pp-a,pp-b"], [], "", [""], " ", None, 5, 2.1),
    *([5], [None], [["pp-a"]], {"a": "b"}, True, "pp a", ["pp-a", ""], "a{0}", ["a{0}"]),
]
ACCOUNTS: list[t.Any] = [
    *(ACCOUNT, f"{ACCOUNT}, {OTHER}", [ACCOUNT, f" {OTHER}"], int(ACCOUNT), [int(ACCOUNT)], 12345, [], "", [""], " "),
    *(None, [None], [[]], {}, True, "12345"),
]
VALUES: dict[str, list[t.Any]] = {
    "provisioned_product_ids": PRODUCTS,
    "provisioned_product_names": PRODUCTS,
    "accounts": ACCOUNTS,
    "exclude_accounts": ACCOUNTS,
    "regions": ["eu-west-1", "eu-west-1, us-east-1", ["eu-west-1"], [], "", [""], None, 1, True, "Ireland", ["a,b"]],
    "organizational_unit_ids": ["ou-a1b2-aaaaaaaa", ["r-a1b2"], "ou-a1b2-aaaaaaaa, r-a1b2", [], "", None, 1, "ou"],
    "statuses": ["CURRENT", "CURRENT, OUTDATED", ["current"], ["CURRENT", "NEW"], [], "", None, 1, True],
    "tags": [{"a": "b"}, {"a": 1}, {"a": True}, {"a": None}, {}, None, "a=b", '{"a": "b"}', "", [], ["a"], 1],
    "not_current": [True, False, "yes", "no", "true", "", None, 1, 0, "maybe", []],
    "all_products": [True, False, "yes", "no", "", None, 1, "maybe", []],
    "describe_accounts": [True, "yes", "no", None, "maybe"],
    "concurrency": [1, 32, "4", " 4 ", "4.0", 4.0, 4.5, 0, 33, -1, "", None, "x", True, []],
    "page_size": [1, 20, "7", 21, 0, "", None, "x", True],
    "source": ["auto", "cloudformation", "Auto", "", None, 1, []],
    "on_missing": ["warn", "skip", "Warn", "", None, 1, True],
    "access_level": ["role", "user", "Role", "", None, 1],
    "accept_language": ["jp", "de", "", None, 1],
    "stack_set_names": [{"pp-a": "SC-1"}, {"pp-a": 5}, {}, None, "pp-a=SC-1", '{"pp-a": "SC-1"}', "", [], 1],
}
CASES = [pytest.param(name, value, id=f"{name}={value!r}") for name, values in VALUES.items() for value in values]

Read = t.Union[Query, str]


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> list[Query]:
    """Collect the queries instead of reading them."""
    collected: list[Query] = []

    def read(_clients: t.Any, query: Query, **_more: t.Any) -> stack_instances.Listing:
        collected.append(query)
        return stack_instances.Listing([], [], [], [], query)

    monkeypatch.setattr(stack_instances, "read", read)
    return collected


def outcome(run: t.Callable[[], Outcome], queries: list[Query]) -> Read:
    """Return the query that a plugin has read, or that its options are an error."""
    queries.clear()
    error = run().error
    if error is not None:
        assert not queries
        return "error"
    [query] = queries
    return query


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(("name", "value"), CASES)
def test_plugins_read_an_option_alike(queries: list[Query], tmp_path: Path, name: str, value: t.Any) -> None:
    options = {name: value}
    by_module = outcome(lambda: module(stack_instance_info, options), queries)
    by_inventory = outcome(lambda: inventory(tmp_path / "x.stack_instances.yml", options), queries)
    assert by_inventory == by_module
    by_lookup = outcome(lambda: lookup([], **options), queries)
    assert by_lookup == by_module


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("name", "value"), [case for case in CASES if case.values[0] not in ("statuses", "not_current")]
)
def test_the_wait_reads_an_option_as_the_modules_do(queries: list[Query], name: str, value: t.Any) -> None:
    options = {"provisioned_product_ids": ["pp-a"], name: value}
    if name in ("tags", "all_products"):
        options.pop("provisioned_product_ids")
    listed = outcome(lambda: module(stack_instance_info, options), queries)
    queries.clear()
    result = module(wait_for_rollout, {**options, "timeout": 0}).result
    if queries:
        assert queries == [listed]
    else:
        # A wait refuses an empty selection in addition.
        assert result["failed"]
        assert listed == "error" or not getattr(listed, name)


def test_a_query_differs_by_each_option() -> None:
    """Compare queries, which the tests above rely on."""
    assert Query() == Query()
    assert Query() != replace(Query(), on_missing="warn")
