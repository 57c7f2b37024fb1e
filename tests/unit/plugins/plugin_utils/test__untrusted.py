# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._untrusted import untrusted

TEMPLATE = "{{ 1 + 1 }}"


@pytest.mark.parametrize("value", [TEMPLATE, [TEMPLATE], {"a": [{"b": TEMPLATE, TEMPLATE: None}]}, 7, None])
def test_strings_are_not_templates(value: t.Any) -> None:
    marked = untrusted(value)
    assert json.loads(json.dumps(marked)) == value
    assert Templar(loader=DataLoader()).template(marked) == value
