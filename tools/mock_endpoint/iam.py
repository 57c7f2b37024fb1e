# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IAM enforcement: moto's verification of signatures and policies, with the errors of AWS.

moto itself returns IAM's XML and codes that a JSON client cannot parse, accepts expired sessions of a role, and denies
actions that a policy allows under a condition. The messages of the errors are those that users of AWS have reported.
"""

from __future__ import annotations

import re
import typing as t

import moto.settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.utils import utcnow
from moto.iam.access_control import (
    CreateAccessKeyFailure,
    IAMPolicy,
    IAMPolicyStatement,
    IAMRequest,
    create_access_key,
)
from moto.iam.models import get_account_id_from
from moto.sts.models import sts_backends
from moto.sts.responses import TokenResponse
from moto.utilities.utils import get_partition

from mock_endpoint import request_log, response
from mock_endpoint.response import Environ, Response

_UNSIGNED_OPERATIONS = ("AssumeRoleWithWebIdentity", "AssumeRoleWithSAML")

# The code of XML services, as moto returns it, and that of JSON services.
_JSON_CODES = {
    "AccessDenied": "AccessDeniedException",
    "ExpiredToken": "ExpiredTokenException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
}
_DENIED = re.compile(r"User: \S+ is not authorized to perform: (?P<action>\S+)")
_LEVEL_KEY = re.compile(r"servicecatalog:(?P<level>account|role|user)Level", re.IGNORECASE)


def enforce(enabled: bool) -> None:
    """Enable or disable the verification of signatures and policies."""
    moto.settings.INITIAL_NO_AUTH_ACTION_COUNT = 0 if enabled else float("inf")
    ActionAuthenticatorMixin.request_count = 0


def is_enforced() -> bool:
    """Return whether signatures and policies are verified."""
    return ActionAuthenticatorMixin.request_count >= moto.settings.INITIAL_NO_AUTH_ACTION_COUNT


def identity(account: str, partition: str, access_key_id: str, headers: dict[str, str]) -> str:
    """Return the ARN of the identity that owns an access key; of a made-up user if the key does not exist."""
    try:
        return create_access_key(account, partition, access_key_id, headers).arn
    except CreateAccessKeyFailure:
        return f"arn:{partition}:iam::{account}:user/moto"


def expire_sessions() -> None:
    """Expire all current sessions of roles."""
    for partitions in sts_backends.values():
        for backend in partitions.values():
            for role in backend.assumed_roles:
                role.expiration = utcnow()


def authentication_error(environ: Environ, operation: str) -> Response | None:
    """Return the error for a request without a signature or with an expired session, None for any other request."""
    if not is_enforced():
        return None
    access_key_id, region, _service = request_log.credential_scope(environ)
    if not access_key_id:
        if operation in _UNSIGNED_OPERATIONS or "X-Amz-Credential=" in environ.get("QUERY_STRING", ""):
            return None
        return _error(environ, "MissingAuthenticationToken", "Missing Authentication Token")
    sessions = sts_backends[get_account_id_from(access_key_id)][get_partition(region)].assumed_roles
    if any(role.access_key_id == access_key_id and role.expiration <= utcnow() for role in sessions):
        return _error(environ, "ExpiredToken", "The security token included in the request is expired")
    return None


def translate_error(environ: Environ, original: Response) -> Response:
    """Return moto's authorization error as the called service returns it on AWS, and any other response unchanged."""
    if original.status not in (401, 403) or b"<ErrorResponse><Errors>" not in original.body:
        return original
    body = original.body.decode()
    code, message = (body.partition(f"<{name}>")[2].partition(f"</{name}>")[0] for name in ("Code", "Message"))
    if code not in _JSON_CODES:
        return original
    denied = _DENIED.fullmatch(message)
    if denied:
        message += f" because no identity-based policy allows the {denied['action']} action"
    return _error(environ, code, message)


def _error(environ: Environ, code: str, message: str) -> Response:
    if response.expects_json(environ):
        return response.error(environ, _JSON_CODES[code], message)
    return response.error(environ, code, message, 403)


def authorize_if_signed(responses: ActionAuthenticatorMixin, resource: str = "*") -> None:
    """Run moto's verification of a request to STS, except for operations without a signature, where it fails."""
    if t.cast(TokenResponse, responses)._get_action() not in _UNSIGNED_OPERATIONS:
        ActionAuthenticatorMixin._authenticate_and_authorize_normal_action(responses, resource)


class LevelRequest(IAMRequest):
    """A request to Service Catalog, whose policies can be restricted to an access level.

    A condition such as ``{"StringEquals": {"servicecatalog:accountLevel": "self"}}`` is met if the request uses that
    level. How AWS evaluates it for an operation on one product is a guess. Other conditions are never met.
    """

    def __init__(self, *, levels: t.Callable[[], set[str]], **kwargs: t.Any) -> None:
        super().__init__(**kwargs)
        self._levels = levels

    def check_action_permitted(self, resource: str) -> None:
        """Raise AccessDeniedError unless a policy allows the action and no policy denies it."""
        levels = self._levels()
        effects = {
            statement["Effect"]
            for policy in self._access_key.collect_policies()
            for statement in _statements(policy)
            if _applies(statement, self._action, resource, levels)
        }
        if effects != {"Allow"}:
            self._raise_access_denied()


def _statements(policy: t.Any) -> list[dict[str, t.Any]]:
    statements = IAMPolicy(policy)._policy_json["Statement"]
    return statements if isinstance(statements, list) else [statements]


def _applies(statement: dict[str, t.Any], action: str, resource: str, levels: set[str]) -> bool:
    matches = IAMPolicyStatement(statement)._check_element_matches
    covers_action = matches("Action", action) if "Action" in statement else not matches("NotAction", action)
    return (
        covers_action
        and matches("Resource", resource)
        and all(
            _is_met(key, value, levels)
            for operator, keys in statement.get("Condition", {}).items()
            for key, value in keys.items()
        )
    )


def _is_met(key: str, value: t.Any, levels: set[str]) -> bool:
    level = _LEVEL_KEY.fullmatch(key)
    return bool(
        level and level["level"].capitalize() in levels and "self" in ([value] if isinstance(value, str) else value)
    )
