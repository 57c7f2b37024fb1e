# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Strings from AWS as data that Ansible does not template. Private to this collection."""

from __future__ import annotations

import typing as t

Value = t.TypeVar("Value")

try:
    # From ansible-core 2.19 on only strings from a trusted source are templates, and responses of AWS are not.
    from ansible.template import is_trusted_as_template as _trust_is_explicit  # noqa: F401
except ImportError:
    from ansible.utils.unsafe_proxy import wrap_var as _mark
else:

    def _mark(value: t.Any) -> t.Any:
        return value


def untrusted(value: Value) -> Value:
    """Return the same dicts, lists and strings, which no supported ansible-core evaluates as templates."""
    return t.cast("Value", _mark(value))
