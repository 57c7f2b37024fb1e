# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import integrity

ROWS = b'{"StackInstances": [{"Account": "1"}], "NextPageToken": "t"}'
NOT_JSON = "the response was not a complete JSON object"
NOT_A_LIST = "the response contained another type in place of a list"
HALF_A_PAIR = "the response contained half of a surrogate pair"


def defect(
    body: bytes,
    parsed: dict[str, t.Any] | None = None,
    headers: dict[str, str] | None = None,
    *,
    status: int = 200,
    is_xml: bool = False,
) -> str | None:
    return integrity.defect(status, headers or {}, body, parsed or {"ResponseMetadata": {}}, is_xml=is_xml)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"content-length": "2"}, None),
        ({"content-length": "3"}, "the response was truncated after 2 of 3 bytes"),
        ({"content-length": "1"}, "the response was truncated after 2 of 1 bytes"),
        ({"content-length": "x" * 999}, f"the response was truncated after 2 of {'x' * 20}... bytes"),
        ({"content-length": "3", "content-encoding": "gzip"}, None),
    ],
)
@pytest.mark.parametrize("is_xml", [False, True])
def test_the_body_has_its_announced_length(headers: dict[str, str], expected: str | None, is_xml: bool) -> None:
    assert defect(b"{}", headers=headers, is_xml=is_xml) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{}", None),
        (b'{"SomethingNew": 1}', None),
        (b"", "the response was empty"),
        (b"<a/>", NOT_JSON),
        (b"[]", NOT_JSON),
        (b"null", NOT_JSON),
        (ROWS[:-1], NOT_JSON),
        (b"\xff\xfe", NOT_JSON),
        (b"[" * 100_000, NOT_JSON),
    ],
)
def test_a_response_of_which_botocore_made_nothing_is_a_complete_json_object(body: bytes, expected: str | None) -> None:
    assert defect(body) == expected


@pytest.mark.parametrize("body", [b"", b"<a/>", b"{}"])
def test_the_xml_parser_of_botocore_refuses_incomplete_bodies_itself(body: bytes) -> None:
    assert defect(body, is_xml=True) is None


@pytest.mark.parametrize("status", [300, 400, 503])
def test_the_body_of_an_error_is_not_examined(status: int) -> None:
    assert defect(b"<html>", headers={"content-length": "1"}, status=status) is None


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"StackInstances": []}, None),
        ({"StackInstances": ""}, NOT_A_LIST),
        ({"StackInstances": {}}, NOT_A_LIST),
        ({"StackInstances": [], "Other": []}, None),
        ({"StackInstances": [], "Other": ""}, NOT_A_LIST),
    ],
)
def test_an_empty_list_is_a_list_in_the_body(members: dict[str, t.Any], expected: str | None) -> None:
    assert defect(json.dumps(members).encode(), {name: [] for name in members}) == expected


@pytest.mark.parametrize(
    ("string", "expected"),
    [("\ud800", HALF_A_PAIR), ("a\udfff", HALF_A_PAIR), ("\U0001f600", None), ("é", None), ("\\ud800", None)],
)
def test_half_of_a_surrogate_pair_is_a_defect(string: str, expected: str | None) -> None:
    members = {"Name": string}
    assert defect(json.dumps(members).encode(), members) == expected
    # botocore drops members that its model lacks.
    assert defect(json.dumps(members).encode()) == expected


@given(st.integers(0, len(ROWS) - 1), st.booleans())
def test_no_truncated_body_is_sound(length: int, announced: bool) -> None:
    headers = {"content-length": str(len(ROWS))} if announced else {}
    assert defect(ROWS[:length], headers=headers) is not None
