# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import stack_set_name

NAME = "SC-123456789012-pp-a"
UUID = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (NAME, NAME),
        (f"{NAME}:{UUID}", f"{NAME}:{UUID}"),
        (f"arn:aws:cloudformation:eu-west-1:123456789012:stackset/{NAME}:{UUID}", f"{NAME}:{UUID}"),
        (f"arn:aws-us-gov:cloudformation:us-gov-west-1:123456789012:stackset/{NAME}:{UUID}", f"{NAME}:{UUID}"),
        (f"arn:aws:cloudformation:eu-west-1:123456789012:stack/{NAME}/{UUID}", None),
        ("i-0abc:x", None),
        (f"{NAME}\n", None),
        ("-SC", None),
        ("x" * 129, None),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_the_name_or_id_in_a_name_id_or_arn(value: t.Any, name: str | None) -> None:
    assert stack_set_name.parse(value) == name


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:servicecatalog:eu-west-1:123456789012:stack/guardrails/pp-a", NAME),
        ("arn:aws-cn:servicecatalog:cn-north-1:123456789012:stack/guardrails/pp-a", NAME),
        ("arn:pp-a", None),
        ("", None),
        (None, None),
    ],
)
def test_the_derived_name_contains_the_account_of_the_product(arn: str | None, name: str | None) -> None:
    assert stack_set_name.derive("pp-a", arn) == name
