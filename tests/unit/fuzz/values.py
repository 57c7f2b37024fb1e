# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of any kind, as users, files and AWS may provide them."""

from __future__ import annotations

import datetime
import json
import math
import typing as t

from hypothesis import strategies as st

HUGE = "x" * 10_000
ODD_TEXTS = (
    *("", " ", "\x00", "a\x00b", "\x1b[31m", "a\nb", "a\r\nb", "\u202etxet", "\u2028", "\ud800", "\U0001f600"),
    *("{{ 1/0 }}", "{% raw %}", "{{ lookup('ansible.builtin.pipe', 'id') }}", "!vault x", "$HOME", "~", "../../x"),
    *("None", "null", "true", "1", "-1", "0x10", "1e999", "123456789012", "pp-a", "eu-west-1", "CURRENT"),
    HUGE,
)
# Not beyond 4300 digits, which Python refuses to write down, for the reports of failures too.
ODD_NUMBERS = (0, -1, 21, 2**31, 2**63, 2**64, -(2**70), 10**400)
DEEP = 2000


def deep(kind: str) -> t.Any:
    """Return a list or dictionary with more levels than Python follows."""
    value: t.Any = None
    for _level in range(DEEP):
        value = [value] if kind == "list" else {"a": value}
    return value


def _is_utf8(value: t.Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


# No absolute path, as some are folders to be made.
TEXTS = st.sampled_from(ODD_TEXTS) | st.text(st.characters(), max_size=20).map(lambda text: text.lstrip("/"))
NUMBERS = st.sampled_from(ODD_NUMBERS) | st.integers() | st.floats()
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS


def nested(leaves: st.SearchStrategy[t.Any], keys: st.SearchStrategy[t.Any]) -> st.SearchStrategy[t.Any]:
    """Draw these leaves, and lists and dictionaries of them."""
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=8
    )


JSON = nested(SCALARS, TEXTS)
"""Values of JSON, and those that only Python's JSON adds: NaN, infinities, halves of surrogate pairs."""

JSON_IN_UTF8 = JSON.filter(_is_utf8)
"""The same without halves of surrogate pairs, which UTF-8 cannot encode."""

FILES = nested(
    SCALARS
    | st.binary(max_size=20)
    | st.dates()
    | st.datetimes(timezones=st.none() | st.just(datetime.timezone.utc))
    | st.sampled_from([(), (1,), math.nan]),
    TEXTS | st.integers() | st.booleans() | st.none(),
)
"""Values of YAML files, which add binary data and dates."""

JINJA = FILES | st.builds(deep, st.sampled_from(["list", "dict"])) | st.sampled_from([["pp-a"] * 1000, [HUGE]])
"""Values of Jinja expressions, which add deep nesting and large lists."""
