# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One listing for all hosts, tasks and forks, kept by a cache plugin of Ansible. Private to this collection."""

from __future__ import annotations

import os
import time
import typing as t
from dataclasses import replace

from ansible import context
from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.plugins.loader import cache_loader

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import quote, shown
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import stack_instance as _stack_instance
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Selection
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import entry as _cache_entry
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import folder as _private_folder
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import key as _cache_key
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache import (
    single_flight as _single_flight,
)
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils._lookup_cache.entry import Answer

Options = t.Mapping[str, t.Any]

DEFAULT_PLUGIN = "stackfleet.servicecatalog.private_jsonfile"
# How far the clocks of controllers that share a cache may differ.
CLOCK_SKEW_SECONDS = 5.0


def answer(
    options: Options,
    selection: Selection,
    ask: t.Callable[[Selection], Answer],
    warn: t.Callable[[str], None],
) -> Answer:
    """The answer to the selection: from the cache where it is there and young enough, else from C(ask()), and kept.

    Asked, and kept, is without the filters, which are applied afterwards. What can't be read is as if it were not
    there, and where nothing can be kept it is asked anew each time; O(warn) is told of both.

    Raises what C(ask()) raises, and AnsibleLookupError for options that make no sense.
    """
    whole = replace(selection, accounts=None, regions=None, statuses=None)
    if options["cache_timeout"] < 0:
        raise AnsibleLookupError(f"cache_timeout must be 0 or more seconds, not {shown(options['cache_timeout'])}")
    try:
        cache = _Cache(options, _cache_key.of(options, whole), warn)
    except AnsibleLookupError:
        raise
    except (AnsibleError, OSError, OverflowError, ValueError) as e:
        # A path may be none to the system, and a number none to a clock.
        warn(quote(f"Stack instances are looked up without a cache: {e}"))
        found = ask(whole)
    else:
        found = cache.answer(lambda: ask(whole))
    return Answer(_stack_instance.selected(found.stack_instances, selection), found.warnings)


class _Cache:
    """The place of one answer."""

    def __init__(self, options: Options, entry_key: str, warn: t.Callable[[str], None]) -> None:
        self._key = entry_key
        self._warn = warn
        self._warned = False
        self._folder = _private_folder.default()
        self._timeout: int = options["cache_timeout"]
        self._not_before = _flushed()
        self._plugin = _plugin(options, self._folder)

    def answer(self, ask: t.Callable[[], Answer]) -> Answer:
        def work() -> Answer:
            # An answer is as old as its first page.
            began = time.time()
            fresh = ask()
            self._write(fresh, began)
            return fresh

        return _single_flight.one_at_a_time(self._folder, self._key, self._read, work)

    def _read(self) -> Answer | None:
        try:
            # Plugins differ in what they do with a key that they do not have.
            if not self._plugin.contains(self._key):
                return None
            try:
                entry = self._plugin.get(self._key)
            except KeyError:
                if not self._plugin.contains(self._key):
                    return None  # it has just expired
                raise _cache_entry.UnusableError(_cache_entry.FOREIGN) from None
            found, written = _cache_entry.decoded(entry, self._key)
        # Every plugin has errors of its own, and none of them is a reason not to ask AWS.
        except Exception as e:
            self._complain(f"The cached stack instances can't be used, and are listed anew: {e!s}")
            return None
        age = time.time() - written
        fresh = self._timeout == 0 or -CLOCK_SKEW_SECONDS <= age <= self._timeout
        return found if fresh and written >= self._not_before else None

    def _write(self, fresh: Answer, began: float) -> None:
        try:
            self._plugin.set(self._key, _cache_entry.encoded(fresh, self._key, began))
            _private_folder.sweep(self._folder, (_single_flight.PREFIX,))
        except Exception as e:
            self._complain(f"The stack instances can't be cached: {e!s}")

    def _complain(self, sentence: str) -> None:
        if not self._warned:
            self._warn(quote(sentence))
        self._warned = True


def _plugin(options: Options, folder: str) -> t.Any:
    """The cache plugin, set up. Raises AnsibleError where it can't be."""
    name = options["cache_plugin"]
    given = {
        "_uri": options["cache_connection"],
        "_timeout": options["cache_timeout"],
        "_prefix": options["cache_prefix"],
    }
    if name == DEFAULT_PLUGIN and not given["_uri"]:
        given["_uri"] = folder
    if not cache_loader.has_plugin(name):
        raise AnsibleLookupError(f"cache_plugin {shown(name)}: there is no such cache plugin")
    plugin = cache_loader.get(name, **{option: value for option, value in given.items() if value is not None})
    if plugin.ansible_name == "ansible.builtin.memory":
        raise AnsibleLookupError("cache_plugin memory: it keeps nothing for other forks; leave cache_plugin out")
    return plugin


def _flushed() -> float:
    """Since when entries count: with C(--flush-cache) since the run's first lookup, otherwise since ever."""
    if not context.CLIARGS.get("flush_cache"):
        return 0.0
    marker = os.path.join(_private_folder.ansible_folder("DEFAULT_LOCAL_TMP"), f"{_private_folder.NAME}_flushed")
    try:
        os.close(os.open(marker, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        pass  # by another fork of this run
    return os.stat(marker).st_mtime
