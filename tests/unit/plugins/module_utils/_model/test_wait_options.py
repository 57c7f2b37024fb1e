# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import OptionError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import options, wait_options
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.wait_options import WaitOptions

PRODUCT: dict[str, t.Any] = {"provisioned_product_ids": ["pp-a"]}
ID = "must be the ID of a version, such as pa-a1b2c3d4e5f6g, but is"


def refused(**given_options: t.Any) -> str:
    """Return the message of options that are refused."""
    with pytest.raises(OptionError) as caught:
        wait_options.parse(given_options)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400
    return str(caught.value)


def test_one_product_is_enough() -> None:
    query, wait = wait_options.parse(PRODUCT)
    assert query == options.Query(provisioned_product_ids=("pp-a",))
    assert wait == WaitOptions()


@pytest.mark.parametrize(
    ("given_options", "message"),
    [
        ({"timeout": -1}, "timeout must be a whole number from 0 to 31622400 seconds, but is -1"),
        ({"timeout": ""}, "timeout must be a whole number from 0 to 31622400 seconds, but is ''"),
        ({"timeout": "60"}, "timeout must be a whole number from 0 to 31622400 seconds, but is '60'"),
        ({"timeout": 1.5}, "timeout must be a whole number from 0 to 31622400 seconds, but is 1.5"),
        ({"timeout": 2**63}, "timeout must be a whole number from 0 to 31622400 seconds"),
        ({"delay": -1}, "delay must be a whole number from 0"),
        ({"delay": 10**5000}, "delay must be a whole number from 0 to 31622400 seconds, but is an integer of 16610"),
        ({"sleep": 2**63}, "sleep must be a whole number from 1 to 31622400 seconds"),
        ({"sleep": 0}, "sleep must be a whole number from 1 to 31622400 seconds, but is 0"),
        ({"report_every": -1}, "report_every must be a whole number from 0 to 31622400 seconds, but is -1"),
        ({"report_every": True}, "report_every must be a whole number"),
        ({"failure_tolerance_count": -2}, "failure_tolerance_count must be a whole number from 0 to 100000, but is -2"),
        ({"failure_tolerance_count": 100_001}, "failure_tolerance_count must be a whole number from 0 to 100000"),
        ({"failure_tolerance_count": True}, "failure_tolerance_count must be a whole number"),
        (
            {"failure_tolerance_percentage": 101},
            "failure_tolerance_percentage must be a whole number from 0 to 100, but",
        ),
        ({"failure_tolerance_percentage": "5%"}, "failure_tolerance_percentage must be a whole number from 0 to 100"),
        ({"failure_tolerance_percentage": 0.5}, "failure_tolerance_percentage must be a whole number from 0 to 100"),
        ({"max_not_current": -1}, "max_not_current must be a whole number from 0 to 100000, but is -1"),
        ({"max_not_current": 100_001}, "max_not_current must be a whole number from 0 to 100000"),
        ({"tolerate_suspended": "no"}, "tolerate_suspended must be true or false, but is 'no'"),
        ({"tolerate_suspended": 0}, "tolerate_suspended must be true or false, but is 0"),
        ({"provisioning_artifact_id": ""}, f"provisioning_artifact_id {ID} ''"),
        ({"provisioning_artifact_id": "v 1"}, f"provisioning_artifact_id {ID} 'v 1'"),
        ({"provisioning_artifact_id": 12}, f"provisioning_artifact_id {ID} 12"),
        ({"provisioning_artifact_id": "pa-1\n"}, f"provisioning_artifact_id {ID}"),
        ({"provisioning_artifact_name": ""}, "provisioning_artifact_name must be the name of a version, but is ''"),
        ({"provisioning_artifact_name": 1.1}, "provisioning_artifact_name must be the name of a version, but is 1.1"),
        ({"provisioning_artifact_name": "x" * 8193}, "provisioning_artifact_name must be the name of a version"),
        ({"record_id": ""}, "record_id must be the ID of a record, such as rec-a1b2c3d4e5f6g, but is ''"),
        ({"record_id": ["rec-a"]}, "record_id must be the ID of a record"),
        ({"record_id": "rec a"}, "record_id must be the ID of a record"),
    ],
    # pytest itself would write down each number.
    ids=itertools.count(),
)
def test_impossible_options_are_one_message(given_options: dict[str, t.Any], message: str) -> None:
    assert refused(**PRODUCT, **given_options).startswith(message)


KINDS = (options.Selection, WaitOptions)
LISTS = {name for name, spec in options.argument_spec(*KINDS).items() if spec["type"] == "list"}


@pytest.mark.parametrize("name", sorted(set(options.argument_spec(*KINDS)) - LISTS))
@pytest.mark.parametrize("value", ["", [], "no such choice \n"])
def test_every_option_refuses_an_empty_or_misspelled_value(name: str, value: object) -> None:
    # A version may have any name.
    if (name, value) != ("provisioning_artifact_name", "no such choice \n"):
        assert refused(**{**PRODUCT, name: value}).startswith(f"{name} ")


@pytest.mark.parametrize("name", sorted(options.argument_spec(*KINDS)))
@pytest.mark.parametrize("value", [-1, 2**63, 0.5, {"a": 1}])
def test_every_option_refuses_a_number_out_of_range_and_other_types(name: str, value: object) -> None:
    if name.startswith("provisioned_product_") and isinstance(value, int):
        # As a string it can be an ID; modules refuse it before Ansible makes a string of it.
        with pytest.raises(OptionError, match="contains the number"):
            options.refuse_numbers({name: value}, [name])
        return
    assert refused(**{**PRODUCT, name: value}).startswith(f"{name} ")


@pytest.mark.parametrize(
    ("given_options", "first"),
    [
        ({"timeout": "x", "sleep": 0}, "timeout must be"),
        ({"sleep": 0, "source": "s3"}, "source must be"),
        ({"record_id": "", "accounts": ["1"]}, "accounts contains"),
        ({"tolerate_suspended": True, "record_id": "rec-a", "accounts": []}, "accounts is empty"),
    ],
)
def test_the_first_of_several_invalid_options_is_reported(given_options: dict[str, t.Any], first: str) -> None:
    assert refused(**PRODUCT, **given_options).startswith(first)


@pytest.mark.parametrize(
    ("given_options", "message"),
    [
        (
            {},
            "Specify provisioned_product_ids or provisioned_product_names, or set all_products=true to wait for every",
        ),
        ({"all_products": False}, "Specify provisioned_product_ids or provisioned_product_names, or set"),
        # A variable with a misspelled name leaves the selection empty.
        ({"provisioned_product_name": ["guardrails"]}, "Specify provisioned_product_ids or provisioned_product_names"),
        ({"accounts": ["1" * 12], "regions": ["eu-west-1"]}, "Specify provisioned_product_ids or"),
        ({"provisioned_product_ids": []}, "provisioned_product_ids is empty, which selects nothing. Specify at least"),
        ({"provisioned_product_ids": ""}, "provisioned_product_ids is empty, which selects nothing"),
        ({"provisioned_product_ids": [""]}, "provisioned_product_ids is empty, which selects nothing"),
        ({"provisioned_product_names": []}, "provisioned_product_names is empty, which selects nothing"),
        ({"provisioned_product_names": ""}, "provisioned_product_names is empty, which selects nothing"),
        ({**PRODUCT, "provisioned_product_names": []}, "provisioned_product_names is empty, which selects nothing"),
        ({**PRODUCT, "accounts": []}, "accounts is empty, which selects nothing"),
        ({**PRODUCT, "accounts": ""}, "accounts is empty, which selects nothing"),
        ({**PRODUCT, "regions": []}, "regions is empty, which selects nothing"),
        ({**PRODUCT, "regions": ["", "eu-west-1"]}, "regions contains ''"),
        ({"all_products": True, "accounts": []}, "accounts is empty, which selects nothing"),
        ({"all_products": True, "provisioned_product_ids": []}, "all_products cannot be combined with"),
        ({"all_products": True, **PRODUCT}, "all_products cannot be combined with"),
        ({"all_products": "", **PRODUCT}, "all_products must be true or false, but is ''"),
        ({**PRODUCT, "accounts": ["1" * 12], "exclude_accounts": ["1" * 12]}, "accounts and exclude_accounts both"),
        ({**PRODUCT, "accounts": ["1" * 11]}, "accounts contains '11111111111', but an AWS account ID has exactly 12"),
        ({**PRODUCT, "accounts": 1111}, "accounts contains '1111', but an AWS account ID has exactly 12"),
        ({**PRODUCT, "accounts": None, "regions": ["europe"]}, "regions contains 'europe'"),
        ({**PRODUCT, "regions": 1}, "regions contains '1'"),
        (
            {"provisioned_product_names": [2024.1]},
            "provisioned_product_names must contain strings, but contains 2024.1",
        ),
        ({**PRODUCT, "tolerate_suspended": True}, "tolerate_suspended requires source=cloudformation or source=auto"),
        ({"all_products": True, "record_id": "rec-a"}, "record_id requires exactly one product"),
        ({"provisioned_product_ids": ["pp-a", "pp-b"], "record_id": "rec-a"}, "record_id requires exactly one"),
        ({**PRODUCT, "provisioned_product_names": ["b"], "record_id": "rec-a"}, "record_id requires exactly one"),
    ],
)
def test_a_gate_that_could_pass_by_accident_is_refused(given_options: dict[str, t.Any], message: str) -> None:
    assert refused(**given_options).startswith(message)


@pytest.mark.parametrize(
    "given_options",
    [
        {"all_products": True},
        {"provisioned_product_names": "guardrails"},
        {**PRODUCT, "provisioned_product_names": ["guardrails"]},
        {**PRODUCT, "exclude_accounts": []},
        {**PRODUCT, "tolerate_suspended": True, "source": "cloudformation"},
        {**PRODUCT, "tolerate_suspended": True, "source": "auto"},
        {**PRODUCT, "record_id": "rec-a"},
        {"provisioned_product_ids": ["pp-a", "pp-a"], "record_id": "rec-a"},
        {"provisioned_product_names": ["guardrails"], "record_id": "rec-a"},
        {**PRODUCT, "provisioning_artifact_id": "pa-1", "provisioning_artifact_name": "v 1\n"},
        {**PRODUCT, "timeout": 0, "delay": 0, "sleep": 1, "report_every": 0, "max_not_current": 0},
    ],
)
def test_valid_options(given_options: dict[str, t.Any]) -> None:
    query, wait = wait_options.parse(given_options)
    for name, value in given_options.items():
        parsed = getattr(query if hasattr(query, name) else wait, name)
        assert parsed is not None
        assert not isinstance(value, (int, bool)) or parsed == value


@pytest.mark.parametrize("name", ["statuses", "detailed_statuses", "not_current"])
def test_filters_by_status_are_no_options(name: str) -> None:
    assert name not in options.argument_spec(options.Selection, WaitOptions)


@pytest.mark.parametrize(
    ("count", "percentage", "total", "tolerated"),
    [
        (0, 0, 100, 0),
        (3, 0, 100, 3),
        (0, 5, 100, 5),
        (0, 5, 19, 0),
        (0, 5, 20, 1),
        (3, 5, 100, 5),
        (7, 5, 100, 7),
        (0, 99, 1, 0),
        (0, 100, 7, 7),
        (0, 100, 0, 0),
    ],
)
def test_a_percentage_is_rounded_down_and_the_larger_tolerance_counts(
    count: int, percentage: int, total: int, tolerated: int
) -> None:
    wait = WaitOptions(failure_tolerance_count=count, failure_tolerance_percentage=percentage)
    assert wait.tolerated(total) == tolerated


@given(st.integers(0, 100), st.integers(0, 100_000))
def test_a_percentage_never_tolerates_a_larger_share(percentage: int, total: int) -> None:
    tolerated = WaitOptions(failure_tolerance_percentage=percentage).tolerated(total)
    assert tolerated * 100 <= total * percentage
    assert tolerated < total or percentage == 100 or total == 0
