# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.modules import provisioned_product_info
from ansible_collections.stackfleet.servicecatalog.tests.unit.scripted_aws import (
    Script,
    detail,
    error,
    run_module,
    whole,
)

DESCRIBE = "DescribeProvisionedProduct"
SEARCH = "SearchProvisionedProducts"

Run = t.Callable[..., t.Dict[str, t.Any]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return lambda **arguments: run_module(provisioned_product_info, capsys, arguments)


def test_the_result_is_what_return_documents(aws: Script, run: Run) -> None:
    aws.expect(SEARCH, whole(ProvisionedProducts=[detail("pp-b", "b"), detail("pp-a", "a")]))
    result = run(types="CFN_STACKSET", _ansible_check_mode=True)
    assert result["changed"] is False
    assert [product["name"] for product in result["provisioned_products"]] == ["a", "b"]


def test_warnings_are_told(aws: Script, run: Run) -> None:
    aws.expect(SEARCH, whole(ProvisionedProducts=[]))
    result = run(access_level="role")
    assert result["provisioned_products"] == []
    assert "access_level account" in str(result["warnings"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"ids": ["pp-a"], "search_query": ["name:a"]}, "parameters are mutually exclusive: ids|search_query"),
        ({"search_query": ["tainted"]}, "search_query holds 'tainted'"),
        ({"statuses": ["CURRENT"]}, "must be one or more of: AVAILABLE"),
    ],
)
def test_nonsense_is_one_sentence(aws: Script, run: Run, arguments: dict[str, t.Any], words: str) -> None:
    result = run(**arguments)
    assert result["failed"] is True
    assert words in result["msg"]
    assert aws.requests == []


def test_a_missing_product_is_one_sentence_with_aws_error(aws: Script, run: Run) -> None:
    aws.expect(DESCRIBE, error("ResourceNotFoundException", "Not there."))
    result = run(names=["gone"])
    assert result["msg"].startswith("Failed to describe provisioned product gone: Not there")
    assert result["error"]["code"] == "ResourceNotFoundException"
