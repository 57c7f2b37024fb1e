# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import OptionError
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._options import refuse_unknown

DEFINITIONS = {"region": {"aliases": ["aws_region"]}, "accounts": {}}


@pytest.mark.parametrize("given", [[], ["region"], ["aws_region", "accounts"]])
def test_known_options_pass(given: list[str]) -> None:
    refuse_unknown("a.b.c", DEFINITIONS, given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["regoin", "region", "acounts"], "acounts, regoin: a.b.c has no such option"),
        ([1], "1: a.b.c has no such option"),
    ],
)
def test_unknown_options_are_in_the_message(given: list[str], message: str) -> None:
    with pytest.raises(OptionError) as caught:
        refuse_unknown("a.b.c", DEFINITIONS, given)
    assert str(caught.value) == message
