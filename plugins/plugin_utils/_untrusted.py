# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWS says as Ansible shall see it: data, never a template. Private to this collection."""

from __future__ import annotations

import typing as t

Value = t.TypeVar("Value")

try:
    # Since ansible-core 2.19 nothing is a template unless its source is trusted, and an answer of AWS is not.
    from ansible.template import is_trusted_as_template as _trust_is_explicit  # noqa: F401
except ImportError:
    from ansible.utils.unsafe_proxy import wrap_var as _mark
else:

    def _mark(value: t.Any) -> t.Any:
        return value


def untrusted(value: Value) -> Value:
    """The same dicts, lists and strings, which no template engine of any supported ansible-core evaluates."""
    return t.cast("Value", _mark(value))
