# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what: moto's check of signatures and policies, with the refusals that AWS gives.

Stock moto answers every service in IAM's XML and with codes that a JSON client can't read, lets an expired session of
a role in, and denies what a policy allows under a condition. The sentences are those that AWS is seen to give.
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

from mock_endpoint import answer, request_log
from mock_endpoint.answer import Answer, Environ

# Operations that nobody signs.
_UNSIGNED = ("AssumeRoleWithWebIdentity", "AssumeRoleWithSAML")

# moto's code, which is that of the services that speak XML: the code of those that speak JSON.
_JSON_CODES = {
    "AccessDenied": "AccessDeniedException",
    "ExpiredToken": "ExpiredTokenException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
}
_DENIED = re.compile(r"User: \S+ is not authorized to perform: (?P<action>\S+)")
_LEVEL_KEY = re.compile(r"servicecatalog:(?P<level>account|role|user)Level", re.IGNORECASE)


def enforce(wanted: bool) -> None:
    """Whether signatures and policies are checked from now on."""
    moto.settings.INITIAL_NO_AUTH_ACTION_COUNT = 0 if wanted else float("inf")
    ActionAuthenticatorMixin.request_count = 0


def enforced() -> bool:
    """Whether they are checked now."""
    return ActionAuthenticatorMixin.request_count >= moto.settings.INITIAL_NO_AUTH_ACTION_COUNT


def identity(account: str, partition: str, access_key_id: str, headers: dict[str, str]) -> str:
    """The ARN of who signs with this key; of a made-up user where nobody has it."""
    try:
        return create_access_key(account, partition, access_key_id, headers).arn
    except CreateAccessKeyFailure:
        return f"arn:{partition}:iam::{account}:user/moto"


def expire_sessions() -> None:
    """Let every session of a role that there is now have run out."""
    for partitions in sts_backends.values():
        for backend in partitions.values():
            for role in backend.assumed_roles:
                role.expiration = utcnow()


def refusal(environ: Environ, operation: str) -> Answer | None:
    """The answer to a request that does not get as far as a policy."""
    if not enforced():
        return None
    access_key_id, region, _service = request_log.scope_of(environ)
    if not access_key_id:
        if operation in _UNSIGNED or "X-Amz-Credential=" in environ.get("QUERY_STRING", ""):
            return None
        return _refused(environ, "MissingAuthenticationToken", "Missing Authentication Token")
    sessions = sts_backends[get_account_id_from(access_key_id)][get_partition(region)].assumed_roles
    if any(role.access_key_id == access_key_id and role.expiration <= utcnow() for role in sessions):
        return _refused(environ, "ExpiredToken", "The security token included in the request is expired")
    return None


def as_aws_refuses(environ: Environ, given: Answer) -> Answer:
    """moto's refusal in the protocol and the words of the service that was asked; any other answer as it is."""
    if given.status not in (401, 403) or b"<ErrorResponse><Errors>" not in given.body:
        return given
    told = given.body.decode()
    code, message = (told.partition(f"<{name}>")[2].partition(f"</{name}>")[0] for name in ("Code", "Message"))
    if code not in _JSON_CODES:
        return given
    denied = _DENIED.fullmatch(message)
    if denied:
        message += f" because no identity-based policy allows the {denied['action']} action"
    return _refused(environ, code, message)


def _refused(environ: Environ, code: str, message: str) -> Answer:
    if answer.speaks_json(environ):
        return answer.error(environ, _JSON_CODES[code], message)
    return answer.error(environ, code, message, 403)


def authorize_unless_unsigned(response: ActionAuthenticatorMixin, resource: str = "*") -> None:
    """moto's check of a request to STS, for those that are signed; it stumbles over the others."""
    if t.cast(TokenResponse, response)._get_action() not in _UNSIGNED:
        ActionAuthenticatorMixin._authenticate_and_authorize_normal_action(response, resource)


class LevelRequest(IAMRequest):
    """A request to Service Catalog, whose policies may be restricted to an access level.

    A condition such as C({"StringEquals": {"servicecatalog:accountLevel": "self"}}) holds where the request looks at
    that level. How AWS weighs the levels for an operation on one product is a guess; other conditions never hold.
    """

    def __init__(self, *, levels: t.Callable[[], set[str]], **kwargs: t.Any) -> None:
        super().__init__(**kwargs)
        self._levels = levels

    def check_action_permitted(self, resource: str) -> None:
        """Raise AccessDeniedError unless a policy allows it and none denies it."""
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
    concerned = matches("Action", action) if "Action" in statement else not matches("NotAction", action)
    return (
        concerned
        and matches("Resource", resource)
        and all(
            _holds(key, value, levels)
            for operator, keys in statement.get("Condition", {}).items()
            for key, value in keys.items()
        )
    )


def _holds(key: str, value: t.Any, levels: set[str]) -> bool:
    level = _LEVEL_KEY.fullmatch(key)
    return bool(
        level and level["level"].capitalize() in levels and "self" in ([value] if isinstance(value, str) else value)
    )
