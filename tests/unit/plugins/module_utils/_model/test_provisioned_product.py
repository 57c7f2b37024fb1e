# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta, timezone

import boto3
import pytest
from botocore import xform_name

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import provisioned_product
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.summary import summarize

ENTRY = {"Id": "pp-a", "Name": "guardrails", "Type": "CFN_STACKSET", "Status": "AVAILABLE"}


def test_fields_that_the_entry_lacks_are_none() -> None:
    found = provisioned_product.from_entry(ENTRY)
    assert set(found) == set(provisioned_product.FIELDS)
    assert {name: value for name, value in found.items() if value is not None} == {
        "id": "pp-a",
        "name": "guardrails",
        "type": "CFN_STACKSET",
        "status": "AVAILABLE",
    }


def test_fields_are_those_of_the_model_of_botocore() -> None:
    model = boto3.session.Session().client("servicecatalog").meta.service_model
    shapes = [model.shape_for(f"ProvisionedProduct{kind}") for kind in ("Detail", "Attribute")]
    assert set(provisioned_product.FIELDS) == {xform_name(member) for shape in shapes for member in shape.members}


@pytest.mark.parametrize(
    ("member", "value", "name", "expected"),
    [
        (
            "CreatedTime",
            datetime(2026, 1, 15, 10, 0, tzinfo=timezone(timedelta(hours=2))),
            "created_time",
            "2026-01-15T08:00:00+00:00",
        ),
        ("Tags", [{"Key": "a", "Value": "b"}, {"Key": "c"}], "tags", {"a": "b", "c": None}),
        ("Tags", [], "tags", {}),
        ("Tags", None, "tags", None),
        ("UserArnSession", "arn", "user_arn_session", "arn"),
        ("SomethingNew", [{"DeepName": 1}], "something_new", [{"deep_name": 1}]),
    ],
)
def test_values_are_plain(member: str, value: t.Any, name: str, expected: t.Any) -> None:
    assert t.cast("dict[str, t.Any]", provisioned_product.from_entry({**ENTRY, member: value}))[name] == expected


@pytest.mark.parametrize(
    "found", [provisioned_product.from_id("pp-a"), provisioned_product.from_entry({**ENTRY, "New": 1})]
)
def test_a_listing_contains_a_part_of_the_product(found: t.Any) -> None:
    listed = provisioned_product.listed(found, summarize(()))
    assert set(listed) == {*provisioned_product.LISTED_FIELDS, "summary"}
    assert listed["id"] == "pp-a"


def test_of_a_product_that_was_not_described_only_the_id_is_known() -> None:
    found = provisioned_product.from_id("pp-a")
    assert [value for value in found.values() if value is not None] == ["pp-a"]
    assert found["physical_id"] is None


@pytest.mark.parametrize(
    ("product", "label"),
    [
        ({"id": "pp-a", "name": "guardrails"}, "guardrails (pp-a)"),
        ({"id": "pp-a", "name": None}, "pp-a"),
        ({"id": "pp-a"}, "pp-a"),
        ({"id": "pp-a", "name": "a\n\x1b[31mb"}, "a [31mb (pp-a)"),
    ],
)
def test_the_label_contains_the_name_if_known(product: dict[str, t.Any], label: str) -> None:
    assert provisioned_product.label(product) == label
