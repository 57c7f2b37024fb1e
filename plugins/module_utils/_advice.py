# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Advice on errors of AWS and botocore. Private to this collection."""

from __future__ import annotations

import re
import typing as t

_HERE = "on the task's host for a module, on the controller for a lookup or an inventory"
_ONE_OBJECT = "Make sure that the profile's credential_process prints one JSON object and no other output"
_GRANT = "Grant this action to the identity"
_OPT_IN = "In an opt-in Region, check also that the account has enabled the Region"
_SESSION_OF_MFA = (
    "The profile requires an MFA code, which cannot be entered here. Create a session with the code, for example with"
    f" `aws sts get-session-token`, and provide its keys and session token {_HERE}"
)

# Advice by error code or by the name of an exception. The codes are those of AWS' JSON and query services.
ADVICE = {
    "AccessDenied": f"{_GRANT}, or use different credentials",
    "ExpiredToken": "Renew the session credentials",
    "InvalidClientTokenId": f"Check the access key. {_OPT_IN}",
    "InvalidSignature": "Check the secret key and the clock of the machine",
    "RequestExpired": "Check the clock of the machine",
    "SignatureDoesNotMatch": "Check the secret key and the clock of the machine",
    "Throttling": "Lower concurrency, or raise max_attempts",
    "UnrecognizedClient": f"Check the access key, and that the session token belongs to it. {_OPT_IN}",
    "ConnectTimeoutError": "Check the network, region, and endpoint_url",
    "EndpointConnectionError": "Check the network, region, and endpoint_url",
    "ConfigParseError": "Fix that file",
    "CredentialRetrievalError": f"Run `aws sts get-caller-identity` with the same profile {_HERE}",
    "AttributeError": _ONE_OBJECT,
    "JSONDecodeError": _ONE_OBJECT,
    "EOFError": _SESSION_OF_MFA,
    "GetPassWarning": _SESSION_OF_MFA,
    "NoCredentialsError": (
        f"Set access_key and secret_key, set profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY {_HERE}"
    ),
    "PartialCredentialsError": "Set both access_key and secret_key, or neither of them",
    "ProfileNotFound": f"Use a profile that the AWS configuration files contain {_HERE}",
    "SSLError": "Check endpoint_url, or set aws_ca_bundle to the certificate authority",
}
_NOT_FROM_AWS = "The response is not from AWS. Check endpoint_url and the proxy settings"
_ASSUME_ROLE = f"{_GRANT}, and allow the identity in the trust policy of the role. Across accounts, both are required"

# The kinds of policies in the messages of AWS for denied requests, from "Troubleshoot access denied error messages" in
# the IAM User Guide, and what to do about each.
_POLICY = re.compile(
    "(explicit deny in|because no) (?:an? |the )?(identity-based policy|permissions boundary|resource-based policy"
    "|resource control policy|role trust policy|service control policy|session policy|VPC endpoint policy)"
)
_OTHER_GRANTS = "further permissions of the identity have no effect"
_POLICIES = {
    "permissions boundary": f"Change the permissions boundary of the identity; {_OTHER_GRANTS}",
    "resource-based policy": "Change the policy of the resource",
    "resource control policy": f"Change the resource control policies of the organization; {_OTHER_GRANTS}",
    "role trust policy": "Allow the identity in the trust policy of the role",
    "service control policy": f"Change the service control policies of the organization; {_OTHER_GRANTS}",
    "session policy": "Change the policy that was passed when the session was created, or create it without a policy",
    "VPC endpoint policy": "Change the policy of the VPC endpoint, or use a different endpoint",
}
_EXPLICIT_DENY = f"Remove the explicit deny from the policies of the identity; {_OTHER_GRANTS}"

# Error codes for throttling in botocore's retry modes; botocore reports an HTTP 429 without a code by its number.
# LimitExceededException is not among them, as it also reports an exceeded quota.
_THROTTLING = frozenset(
    {
        "429",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


def advice(exception: BaseException | None) -> str | None:
    """Return what to do about an exception, without a full stop, or None if that is not known."""
    error = aws_error(exception)
    if error is None:
        return next((ADVICE[kind.__name__] for kind in type(exception).__mro__ if kind.__name__ in ADVICE), None)
    if is_throttling(error):
        return ADVICE["Throttling"]
    # JSON services report FooException for the error that query services report as Foo.
    code = str(error.get("Code"))
    code = code[: -len("Exception")] if code.endswith("Exception") else code
    if code == "AccessDenied":
        return _of_denial(str(error.get("Message")), getattr(exception, "operation_name", ""))
    if not is_code_of_aws(error.get("Code")) and http_status(exception) < 500:
        return _NOT_FROM_AWS
    return ADVICE.get(code)


def _of_denial(message: str, operation: str) -> str:
    found = _POLICY.search(message)
    kind = found[2] if found else ""
    if kind in _POLICIES:
        return _POLICIES[kind]
    if kind and found and found[1] == "explicit deny in":
        return _EXPLICIT_DENY
    if not kind and (operation == "AssumeRole" or "sts:AssumeRole" in message):
        return _ASSUME_ROLE
    return ADVICE["AccessDenied"]


def is_throttling(error: t.Mapping[str, t.Any]) -> bool:
    """Return whether an error of AWS, ``{"Code", "Message"}``, reports throttling.

    Service Catalog has been seen to report throttling with ``ValidationException``, which botocore does not retry.
    """
    code = str(error.get("Code"))
    if code == "ValidationException":
        return "rate exceeded" in str(error.get("Message")).lower()
    return code in _THROTTLING


def is_code_of_aws(code: t.Any) -> bool:
    """Return whether this is an error code, and not the HTTP status that botocore reports for any other body."""
    return isinstance(code, str) and code.strip().lower() not in ("", "none", "null") and not code.strip().isdigit()


def aws_error(exception: BaseException | None) -> dict[str, t.Any] | None:
    """Return ``{"Code", "Message"}`` of an exception, as far as it has them, or None without a response."""
    response = getattr(exception, "response", None)
    return (response.get("Error") or {}) if response else None


def http_status(exception: BaseException | None) -> int:
    """Return the HTTP status of the response of an exception, or 0."""
    response = getattr(exception, "response", None) or {}
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status if isinstance(status, int) else 0
