# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of a connection that options, ``aws_config``, the environment and a profile define in this order.

Private to this collection.
"""

from __future__ import annotations

import os
import typing as t

try:
    import botocore.session
    from botocore.exceptions import BotoCoreError, ProfileNotFound
except ImportError:
    # amazon.aws reports a missing SDK before anything here is called.
    pass

from .._errors import OptionError

NAME = "stackfleet.servicecatalog"

# botocore's defaults differ between versions: legacy with 5 attempts, from 1.44 on standard with 3.
RETRY_MODE = "standard"
TOTAL_MAX_ATTEMPTS = 10


class Given(t.Protocol):
    """The options of a module or plugin."""

    def get(self, name: str, /) -> t.Any:
        """Return the value of an option, or None."""


def refuse_two_identities(options: Given) -> None:
    """Refuse a profile in addition to keys. amazon.aws refuses both too, but without advice.

    Raises:
        OptionError: Both are set, as options or in the environment.
    """
    keys = [name for name in ("access_key", "secret_key", "session_token") if options.get(name)]
    if options.get("profile") and keys:
        raise OptionError(
            f"Passing both a profile and access tokens is not supported: profile and {', '.join(keys)} are set, as"
            " options or in the environment. To use the keys, set profile to an empty string. To use the profile, set"
            " access_key, secret_key and session_token to empty strings."
        )


def botocore_config(options: Given, concurrency: int) -> dict[str, t.Any]:
    """Return ``aws_config`` with the settings of this collection.

    Args:
        options: The options, with ``aws_config``, ``max_attempts`` and ``profile``.
        concurrency: The number of connections to keep open.

    Raises:
        BotoCoreError, ValueError: The environment or the profile contains an invalid setting.
    """
    given = options.get("aws_config") or {}
    config = {"max_pool_connections": concurrency, "user_agent_extra": NAME, **given}
    if isinstance(config.get("retries") or {}, dict):
        config["retries"] = _retries(
            dict(config.get("retries") or {}), options.get("max_attempts"), options.get("profile")
        )
    return config


def endpoint(service: str, options: Given) -> dict[str, None]:
    """Return the parameters of a client that must not have the endpoint of the options, or none.

    botocore refuses an empty endpoint, such as of an environment variable that is set aside. ``endpoint_url`` is the
    endpoint of all services, but botocore would prefer it to that which the environment or the profile has for STS.
    """
    is_unset = options.get("endpoint_url") == ""
    if is_unset or (service == "sts" and _has_endpoint_of_its_own(service, options)):
        return {"endpoint": None}
    return {}


def _has_endpoint_of_its_own(service: str, options: Given) -> bool:
    try:
        session = botocore.session.Session(profile=options.get("profile") or None)
        if session.get_config_variable("ignore_configured_endpoint_urls"):
            return False
        if os.environ.get(f"AWS_ENDPOINT_URL_{service.upper()}"):
            return True
        services = session.full_config.get("services", {})
        section = services.get(session.get_scoped_config().get("services"), {}).get(service)
    except BotoCoreError:
        # amazon.aws makes a client with the same profile next, and reports it.
        return False
    return isinstance(section, dict) and bool(section.get("endpoint_url"))


def _retries(given: dict[str, t.Any], max_attempts: int | None, profile: str | None) -> dict[str, t.Any]:
    configured = _profile(profile)
    if not given.get("mode"):
        given["mode"] = os.environ.get("AWS_RETRY_MODE") or configured.get("retry_mode") or RETRY_MODE
    if max_attempts is not None:
        given.pop("max_attempts", None)
        given["total_max_attempts"] = max_attempts
    elif given.get("max_attempts") is None and given.get("total_max_attempts") is None:
        attempts = os.environ.get("AWS_MAX_ATTEMPTS") or configured.get("max_attempts") or TOTAL_MAX_ATTEMPTS
        given["total_max_attempts"] = int(attempts)
    return given


def _profile(profile: str | None) -> t.Mapping[str, str]:
    """Return the settings of a profile. Those of botocore include defaults, which differ between its versions."""
    try:
        return t.cast("t.Mapping[str, str]", botocore.session.Session(profile=profile or None).get_scoped_config())
    except ProfileNotFound:
        # amazon.aws makes a client with the same profile next, and reports it.
        return {}
