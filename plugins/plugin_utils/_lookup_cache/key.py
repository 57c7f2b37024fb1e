# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a kept answer is found by: who asks, where, and what. Private to this collection."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import typing as t
from dataclasses import fields

if t.TYPE_CHECKING:
    from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Selection

# Of the form of an entry. Another one makes other keys, so that versions of this collection do not meet.
FORMAT = 1
# What changes only how fast a listing comes.
_NOT_IN_KEY = ("page_size", "concurrency")
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


def of(options: t.Mapping[str, t.Any], selection: Selection) -> str:
    """A digest of who asks, where, and what. O(options) are those of a plugin, with C(get).

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
        "aws_config": {name: repr((options.get("aws_config") or {}).get(name)) for name in _AWS_CONFIG_IN_KEY},
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
