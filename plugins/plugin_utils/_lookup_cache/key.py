# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The key of a cached listing: identity, endpoint and query. Private to this collection."""

from __future__ import annotations

import hashlib
import json
import os
import re
import typing as t
from dataclasses import fields

if t.TYPE_CHECKING:
    from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Query

# The form of an entry. Another form makes other keys, so that versions of this collection do not share entries.
FORMAT = 4
# Options that change only how a listing is read.
_NOT_IN_KEY = ("page_size", "concurrency")
# Endpoint and role. Keys and tokens are secrets, and not a part of what is hashed.
_OPTIONS_IN_KEY = ("profile", "assume_role_arn", "region", "endpoint_url", "validate_certs", "aws_ca_bundle")
_AWS_CONFIG_IN_KEY = ("region_name", "use_dualstack_endpoint", "use_fips_endpoint", "ignore_configured_endpoint_urls")
# From which botocore takes the Region and the endpoint in addition to the options.
_ENVIRONMENT_IN_KEY = (
    *("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_DATA_PATH"),
    *("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SERVICE_CATALOG", "AWS_ENDPOINT_URL_CLOUDFORMATION"),
    *("AWS_ENDPOINT_URL_ORGANIZATIONS", "AWS_ENDPOINT_URL_STS", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
    *("AWS_USE_DUALSTACK_ENDPOINT", "AWS_USE_FIPS_ENDPOINT"),
)
# The files of profiles, which contain Regions and endpoints, by the variable that names the file.
_FILES_IN_KEY = {"AWS_CONFIG_FILE": "~/.aws/config", "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials"}
# botocore names the sessions of a profile's role so, each by its time.
_BOTOCORE_SESSION = re.compile(r"botocore-session-\d+")


def cache_key(options: t.Mapping[str, t.Any], query: Query, identify: t.Callable[[], str]) -> str:
    """Return a digest of identity, endpoint and query.

    The identity is who the requests are made as, not where the credentials are from: a profile, an instance or a
    container may provide those of another identity later. The role to assume is a part of it too.

    Args:
        options: The options of a plugin, with ``get``.
        query: The query.
        identify: Returns the identity of credentials that the options and the environment do not contain.
    """
    access_key = _access_key(options)
    identity = identify() if access_key is None else access_key
    if query.access_level != "user":
        # Only the products of a user depend on the session.
        identity = _BOTOCORE_SESSION.sub("", identity)
    parts = {
        "format": FORMAT,
        "identity": identity,
        "query": {
            field.name: _ordered(getattr(query, field.name)) for field in fields(query) if field.name not in _NOT_IN_KEY
        },
        "options": {name: options.get(name) for name in _OPTIONS_IN_KEY},
        "aws_config": {name: repr((options.get("aws_config") or {}).get(name)) for name in _AWS_CONFIG_IN_KEY},
        "environment": {name: os.environ.get(name) for name in _ENVIRONMENT_IN_KEY},
        "files": [_state(os.environ.get(name) or path) for name, path in _FILES_IN_KEY.items()],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _access_key(options: t.Mapping[str, t.Any]) -> str | None:
    """Return the access key ID that the requests are signed with, if it is known without botocore."""
    if any(options.get(name) for name in ("access_key", "secret_key", "session_token")):
        return str(options.get("access_key"))  # if it is incomplete, no request can be made
    # Without a profile, botocore uses the key of the environment even if the option is empty.
    return None if options.get("profile") else os.environ.get("AWS_ACCESS_KEY_ID")


def _ordered(value: t.Any) -> t.Any:
    """Return collections sorted, as the order of named products has no meaning."""
    return sorted(value, key=repr) if isinstance(value, (frozenset, tuple)) else value


def _state(path: str) -> str:
    """Return the path of a file and, without reading it, what changes when it is written."""
    path = os.path.abspath(os.path.expanduser(path))
    try:
        found = os.stat(path)
    except OSError:
        return path
    return f"{path} {found.st_dev} {found.st_ino} {found.st_size} {found.st_mtime_ns}"
