# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One listing for all hosts, tasks and forks, kept by a cache plugin of Ansible. Private to this collection."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import time
import typing as t
from dataclasses import fields, replace

from ansible import context
from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.plugins.loader import cache_loader

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils import _stack_instance
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._selection import Selection
from ansible_collections.stackfleet.servicecatalog.plugins.plugin_utils import _private_folder, _single_flight

Options = t.Mapping[str, t.Any]

DEFAULT_PLUGIN = "stackfleet.servicecatalog.private_jsonfile"
# Of the form of an entry. Another one makes other keys, so that versions of this collection do not meet.
FORMAT = 1
# How far the clocks of controllers that share a cache may differ.
CLOCK_SKEW_SECONDS = 5.0

# What changes only which rows of a listing are shown, or how fast it comes.
_NOT_IN_KEY = ("accounts", "regions", "statuses", "page_size", "concurrency")
# Who asks, and where. Nothing here is a secret: keys and tokens are no part of what is hashed.
_OPTIONS_IN_KEY = (
    *("access_key", "profile", "assume_role_arn"),
    *("region", "endpoint_url", "validate_certs", "aws_ca_bundle"),
)
_AWS_CONFIG_IN_KEY = ("region_name", "use_dualstack_endpoint", "use_fips_endpoint")
# What botocore reads beside the options, as of its config provider and credential providers, but for secrets.
_ENVIRONMENT_IN_KEY = (
    *("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"),
    *("AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE"),
    *("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
    *("AWS_EC2_METADATA_DISABLED", "AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_LOGIN_CACHE_DIRECTORY"),
    *("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SERVICE_CATALOG", "AWS_ENDPOINT_URL_CLOUDFORMATION"),
    *("AWS_ENDPOINT_URL_STS", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
    *("AWS_USE_DUALSTACK_ENDPOINT", "AWS_USE_FIPS_ENDPOINT"),
)
# Where profiles are, by the variable that names the file. Tools write other accounts' keys into the same profile.
_FILES_IN_KEY = {
    "AWS_CONFIG_FILE": "~/.aws/config",
    "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials",
    "AWS_CREDENTIAL_FILE": None,
    "BOTO_CONFIG": "~/.boto",
}

_FOREIGN = "the entry is not of this collection's form"
_ROW_TEXTS = ("provisioned_product_id", "account", "region", "stack_instance_status")


class Answer(t.NamedTuple):
    """The answer to a selection, as far as a lookup needs it."""

    stack_instances: list[_stack_instance.StackInstance]
    warnings: list[str]


class _Unusable(Exception):
    """Says what is wrong with an entry."""


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
        raise AnsibleLookupError(f"cache_timeout must be 0 or more seconds, not {options['cache_timeout']}")
    try:
        cache = _Cache(options, key(options, whole), warn)
    except AnsibleLookupError:
        raise
    except (AnsibleError, OSError) as e:
        warn(f"Stack instances are looked up without a cache: {e}")
        found = ask(whole)
    else:
        found = cache.answer(lambda: ask(whole))
    return Answer(_stack_instance.selected(found.stack_instances, selection), found.warnings)


def key(options: Options, selection: Selection) -> str:
    """What an entry is found by: a digest of who asks, where, and what.

    The identity is what leads to it, as finding out its account takes a request: key id, profile, role, and of the
    environment what botocore reads, with the state of its files. Only without a key id the machine counts too, as it
    may have a role of its own.
    """
    question = {
        "format": FORMAT,
        "selection": {
            field.name: _in_order(getattr(selection, field.name))
            for field in fields(selection)
            if field.name not in _NOT_IN_KEY
        },
        "options": {name: options.get(name) for name in _OPTIONS_IN_KEY},
        "aws_config": {name: (options.get("aws_config") or {}).get(name) for name in _AWS_CONFIG_IN_KEY},
        "environment": {name: os.environ.get(name) for name in _ENVIRONMENT_IN_KEY},
        "files": [_state(os.environ.get(name) or path) for name, path in _FILES_IN_KEY.items()],
        "machine": None if options.get("access_key") else socket.gethostname(),
    }
    return hashlib.sha256(json.dumps(question, sort_keys=True, default=str).encode()).hexdigest()


def _in_order(value: t.Any) -> t.Any:
    """The same for JSON; the order in which products are named means nothing."""
    return sorted(value, key=repr) if isinstance(value, (frozenset, tuple)) else value


def _state(path: str | None) -> str | None:
    """Where a file is and, without a look into it, whether it is still the same."""
    if not path:
        return None
    path = os.path.abspath(os.path.expanduser(path))
    try:
        found = os.stat(path)
    except OSError:
        return path
    return f"{path} {found.st_dev} {found.st_ino} {found.st_size} {found.st_mtime_ns}"


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
                raise _Unusable(_FOREIGN) from None
            found, written = _decoded(entry, self._key)
        # Every plugin has errors of its own, and none of them is a reason not to ask AWS.
        except Exception as e:
            self._complain(f"The cached stack instances can't be used, and are listed anew: {e!s}")
            return None
        age = time.time() - written
        fresh = self._timeout == 0 or -CLOCK_SKEW_SECONDS <= age <= self._timeout
        return found if fresh and written >= self._not_before else None

    def _write(self, fresh: Answer, began: float) -> None:
        try:
            self._plugin.set(self._key, _encoded(fresh, self._key, began))
            _private_folder.sweep(self._folder, (_single_flight.PREFIX,))
        except Exception as e:
            self._complain(f"The stack instances can't be cached: {e!s}")

    def _complain(self, sentence: str) -> None:
        if not self._warned:
            self._warn(sentence)
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
        raise AnsibleLookupError(f"cache_plugin {name!r}: there is no such cache plugin")
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


def _encoded(fresh: Answer, entry_key: str, written: float) -> dict[str, t.Any]:
    # As one string, so that no plugin's serialization changes anything, and no tag of Ansible's comes back with it.
    text = json.dumps({"key": entry_key, "written": written, **fresh._asdict()})
    return {"format": FORMAT, "sha256": _digest(text), "answer": text}


def _decoded(entry: t.Any, entry_key: str) -> tuple[Answer, float]:
    """The answer of an entry and when it was written. Raises _Unusable, as whoever can write an entry can break it."""
    if not isinstance(entry, dict) or entry.get("format") != FORMAT or not isinstance(entry.get("answer"), str):
        raise _Unusable(_FOREIGN)
    if entry.get("sha256") != _digest(entry["answer"]):
        raise _Unusable("the entry is damaged")
    try:
        kept = json.loads(entry["answer"])
        found = Answer(*(kept[name] for name in Answer._fields))
        written = float(kept["written"])
        whose = kept["key"]
    except (KeyError, RecursionError, TypeError, ValueError):
        raise _Unusable(_FOREIGN) from None
    if whose != entry_key:
        raise _Unusable("the entry answers another question")
    if not (isinstance(found.stack_instances, list) and all(_is_row(row) for row in found.stack_instances)):
        raise _Unusable("the entry holds something else than stack instances")
    if not (isinstance(found.warnings, list) and all(isinstance(sentence, str) for sentence in found.warnings)):
        raise _Unusable("the entry holds something else than warnings")
    return found, written


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _is_row(row: t.Any) -> bool:
    return (
        isinstance(row, dict)
        and all(isinstance(row.get(name), str) for name in _ROW_TEXTS)
        and "provisioned_product_name" in row
        and all(value is None or isinstance(value, (str, int, float)) for value in row.values())
    )
