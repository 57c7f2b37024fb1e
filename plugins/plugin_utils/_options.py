# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of plugins, where Ansible is less strict with them than with those of modules. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import SelectionError, quote


def refuse_unknown(plugin: str, definitions: t.Mapping[str, t.Any], given: t.Iterable[str]) -> None:
    """Raise SelectionError if an option that was given is none of those that the plugin has.

    O(definitions) is C(option_definitions) of the plugin. Ansible drops what a plugin does not know: a filter with a
    typing error would filter nothing.
    """
    known = {name for option, definition in definitions.items() for name in (option, *definition.get("aliases", []))}
    unknown = sorted(str(name) for name in set(given) - known)
    if unknown:
        raise SelectionError(f"{quote(', '.join(unknown))}: no such option of {plugin}")
