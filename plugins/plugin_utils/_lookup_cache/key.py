# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The key of a cached listing: identity, endpoint and query. Private to this collection."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import typing as t
from dataclasses import fields

if t.TYPE_CHECKING:
    from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Query

# The form of an entry. Another form makes other keys, so that versions of this collection do not share entries.
FORMAT = 2
# Options that change only how a listing is read.
_NOT_IN_KEY = ("page_size", "concurrency")
# Identity and endpoint. Keys and tokens are secrets, and not a part of what is hashed.
_OPTIONS_IN_KEY = (
    *("access_key", "profile", "assume_role_arn"),
    *("region", "endpoint_url", "validate_certs", "aws_ca_bundle"),
)
_AWS_CONFIG_IN_KEY = ("region_name", "use_dualstack_endpoint", "use_fips_endpoint")
# What botocore's configuration and credential providers read in addition to the options, without secrets.
_ENVIRONMENT_IN_KEY = (
    *("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"),
    *("AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE"),
    *("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
    *("AWS_EC2_METADATA_DISABLED", "AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_LOGIN_CACHE_DIRECTORY"),
    *("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SERVICE_CATALOG", "AWS_ENDPOINT_URL_CLOUDFORMATION"),
    *("AWS_ENDPOINT_URL_STS", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
    *("AWS_USE_DUALSTACK_ENDPOINT", "AWS_USE_FIPS_ENDPOINT"),
)
# The files of profiles, by the variable that names the file. Tools write keys of other accounts into the same profile.
_FILES_IN_KEY = {
    "AWS_CONFIG_FILE": "~/.aws/config",
    "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials",
    "AWS_CREDENTIAL_FILE": None,
    "BOTO_CONFIG": "~/.boto",
}


def cache_key(options: t.Mapping[str, t.Any], query: Query) -> str:
    """Return a digest of identity, endpoint and query.

    Finding out the account takes a request, so that the identity is represented by what leads to it: access key ID,
    profile, role, botocore's environment variables, and the state of its files. Without an access key ID the host name
    is a part of it too, as the machine may have a role of its own.

    Args:
        options: The options of a plugin, with ``get``.
        query: The query.
    """
    parts = {
        "format": FORMAT,
        "query": {
            field.name: _ordered(getattr(query, field.name)) for field in fields(query) if field.name not in _NOT_IN_KEY
        },
        "options": {name: options.get(name) for name in _OPTIONS_IN_KEY},
        "aws_config": {name: repr((options.get("aws_config") or {}).get(name)) for name in _AWS_CONFIG_IN_KEY},
        "environment": {name: os.environ.get(name) for name in _ENVIRONMENT_IN_KEY},
        "files": [_state(os.environ.get(name) or path) for name, path in _FILES_IN_KEY.items()],
        "machine": None if options.get("access_key") else socket.gethostname(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _ordered(value: t.Any) -> t.Any:
    """Return collections sorted, as the order of named products has no meaning."""
    return sorted(value, key=repr) if isinstance(value, (frozenset, tuple)) else value


def _state(path: str | None) -> str | None:
    """Return the path of a file and, without reading it, what changes when it is written."""
    if not path:
        return None
    path = os.path.abspath(os.path.expanduser(path))
    try:
        found = os.stat(path)
    except OSError:
        return path
    return f"{path} {found.st_dev} {found.st_ino} {found.st_size} {found.st_mtime_ns}"
