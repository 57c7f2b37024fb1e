# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible does for module options, but not for plugin options. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

try:
    from ansible.template import is_trusted_as_template as _lookups_are_enabled  # noqa: F401
except ImportError:  # ansible-core 2.18
    _LOOKUPS: dict[str, bool] = {"disable_lookups": False}
else:
    # Later versions deprecate the parameter.
    _LOOKUPS = {}

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import OptionError, quote
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import (
    Options,
    argument_spec,
    as_given,
    read,
    refuse_numbers,
)


def refuse_unknown(plugin: str, definitions: t.Mapping[str, t.Any], given: t.Iterable[str]) -> None:
    """Refuse options that the plugin does not have.

    Ansible ignores unknown options, so that a filter with a typing error would filter nothing.

    Args:
        plugin: The name of the plugin.
        definitions: ``option_definitions`` of the plugin.
        given: The names of the options that were given.

    Raises:
        OptionError: An option is unknown.
    """
    known = {name for option, definition in definitions.items() for name in (option, *definition.get("aliases", []))}
    unknown = sorted(str(name) for name in set(given) - known)
    if unknown:
        raise OptionError(f"{quote(', '.join(unknown))}: {plugin} has no such option")


def converted(given: t.Mapping[str, t.Any], kind: type[Options]) -> dict[str, t.Any]:
    """Return the options that were given to a plugin, converted as those of a module.

    Ansible would convert them in another way: any other string than "true" or "yes" to false, for example.

    Args:
        given: The options.
        kind: The dataclass of the options to convert. Others stay as they are.

    Raises:
        OptionError: A value is invalid.
    """
    refuse_numbers(given)
    spec = argument_spec(kind)
    options = as_given(given, spec)
    own = {name: value for name, value in options.items() if name in spec}
    result = ArgumentSpecValidator({name: spec[name] for name in own}).validate(own)
    if result.error_messages:
        raise OptionError(quote(result.error_messages[0]))
    read(kind, result.validated_parameters)
    return {**options, **result.validated_parameters}


def template(templar: t.Any, value: t.Any) -> t.Any:
    """Return a value after evaluating the templates in it, which can contain lookups."""
    return templar.template(value, **_LOOKUPS)
