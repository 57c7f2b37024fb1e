# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import getpass
import json
import typing as t

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, SSLError

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils import _advice
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import CallError

HERE = "on the task's host for a module, on the controller for a lookup or an inventory"


def client_error(code: t.Any, message: t.Any, status: int = 400, operation: str = "X") -> ClientError:
    response: t.Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, operation)


CLOCK = "Check the secret key and the clock of the machine"
ENDPOINT = "Check the network, region, and endpoint_url"
ONE_OBJECT = "Make sure that the profile's credential_process prints one JSON object and no other output"

OPT_IN = "In an opt-in Region, check also that the account has enabled the Region"
MFA = (
    "The profile requires an MFA code, which cannot be entered here. Create a session with the code, for example with"
    f" `aws sts get-session-token`, and provide its keys and session token {HERE}"
)
OTHER = "further permissions of the identity have no effect"

ADVICE: dict[str, tuple[Exception, str]] = {
    "AccessDenied": (
        client_error("AccessDenied", ""),
        "Grant this action to the identity, or use different credentials",
    ),
    "ExpiredToken": (client_error("ExpiredTokenException", ""), "Renew the session credentials"),
    "InvalidClientTokenId": (client_error("InvalidClientTokenId", ""), f"Check the access key. {OPT_IN}"),
    "InvalidSignature": (client_error("InvalidSignatureException", ""), CLOCK),
    "RequestExpired": (client_error("RequestExpired", ""), "Check the clock of the machine"),
    "SignatureDoesNotMatch": (client_error("SignatureDoesNotMatch", ""), CLOCK),
    "Throttling": (client_error("TooManyRequestsException", ""), "Lower concurrency, or raise max_attempts"),
    "UnrecognizedClient": (
        client_error("UnrecognizedClientException", ""),
        f"Check the access key, and that the session token belongs to it. {OPT_IN}",
    ),
    "ConnectTimeoutError": (exceptions.ConnectTimeoutError(endpoint_url="x"), ENDPOINT),
    "EndpointConnectionError": (EndpointConnectionError(endpoint_url="x"), ENDPOINT),
    "ConfigParseError": (exceptions.ConfigParseError(path="x"), "Fix that file"),
    "CredentialRetrievalError": (
        exceptions.CredentialRetrievalError(provider="x", error_msg="x"),
        f"Run `aws sts get-caller-identity` with the same profile {HERE}",
    ),
    "AttributeError": (AttributeError("x"), ONE_OBJECT),
    "JSONDecodeError": (json.JSONDecodeError("x", "x", 0), ONE_OBJECT),
    "EOFError": (EOFError(), MFA),
    "GetPassWarning": (getpass.GetPassWarning("Can not control echo on the terminal."), MFA),
    "NoCredentialsError": (
        NoCredentialsError(),
        f"Set access_key and secret_key, set profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY {HERE}",
    ),
    "PartialCredentialsError": (
        exceptions.PartialCredentialsError(provider="x", cred_var="x"),
        "Set both access_key and secret_key, or neither of them",
    ),
    "ProfileNotFound": (
        exceptions.ProfileNotFound(profile="x"),
        f"Use a profile that the AWS configuration files contain {HERE}",
    ),
    "SSLError": (
        SSLError(endpoint_url="x", error="x"),
        "Check endpoint_url, or set aws_ca_bundle to the certificate authority",
    ),
}


@pytest.mark.parametrize("known", sorted(_advice.ADVICE))
def test_advice_for_each_known_error(known: str) -> None:
    exception, advice = ADVICE[known]
    assert _advice.advice(exception) == advice
    assert str(CallError("Failed to do it", exception)).endswith(f". {advice}.")


def test_advice_for_an_exception_holds_for_those_derived_from_it() -> None:
    derived = type("Derived", (exceptions.ConfigParseError,), {})
    assert _advice.advice(derived(path="x")) == "Fix that file"


GRANT = "Grant this action to the identity, or use different credentials"
DENIED = "User: arn:aws:iam::123456789012:user/x is not authorized to perform: servicecatalog:SearchProvisionedProducts"


# The messages are those of "Troubleshoot access denied error messages" in the IAM User Guide.
@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("", GRANT),
        ("because no identity-based policy allows the x:Y action", GRANT),
        (
            "with an explicit deny in an identity-based policy",
            f"Remove the explicit deny from the policies of the identity; {OTHER}",
        ),
        (
            "with an explicit deny in a service control policy: arn:aws:organizations::123456789012:policy/o-1/x/p-1",
            f"Change the service control policies of the organization; {OTHER}",
        ),
        (
            "because no service control policy allows the x:Y action",
            f"Change the service control policies of the organization; {OTHER}",
        ),
        (
            "with an explicit deny in a resource control policy",
            f"Change the resource control policies of the organization; {OTHER}",
        ),
        (
            "because no permissions boundary allows the x:Y action",
            f"Change the permissions boundary of the identity; {OTHER}",
        ),
        (
            "with an explicit deny in a permissions boundary",
            f"Change the permissions boundary of the identity; {OTHER}",
        ),
        (
            "because no session policy allows the x:Y action",
            "Change the policy that was passed when the session was created, or create it without a policy",
        ),
        (
            "with an explicit deny in a VPC endpoint policy",
            "Change the policy of the VPC endpoint, or use a different endpoint",
        ),
        ("because no resource-based policy allows the x:Y action", "Change the policy of the resource"),
    ],
)
@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException"])
def test_advice_for_the_kind_of_policy_that_denies(code: str, reason: str, advice: str) -> None:
    assert _advice.advice(client_error(code, f"{DENIED} on resource: * {reason}".strip())) == advice


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        (
            "",
            "Grant this action to the identity, and allow the identity in the trust policy of the role. Across"
            " accounts, both are required",
        ),
        ("because no identity-based policy allows the sts:AssumeRole action", GRANT),
        (
            "because no role trust policy allows the sts:AssumeRole action",
            "Allow the identity in the trust policy of the role",
        ),
        ("with an explicit deny in the role trust policy", "Allow the identity in the trust policy of the role"),
    ],
)
def test_advice_for_a_role_that_cannot_be_assumed(reason: str, advice: str) -> None:
    message = f"User: x is not authorized to perform: sts:AssumeRole on resource: y {reason}".strip()
    assert _advice.advice(client_error("AccessDenied", message)) == advice
    without_action = client_error("AccessDenied", f"No. {reason}", operation="AssumeRole")
    assert _advice.advice(without_action) == advice


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("301", 301, "The response is not from AWS. Check endpoint_url and the proxy settings"),
        ("403", 403, "The response is not from AWS. Check endpoint_url and the proxy settings"),
        (None, 400, "The response is not from AWS. Check endpoint_url and the proxy settings"),
        ("", 407, "The response is not from AWS. Check endpoint_url and the proxy settings"),
        ("503", 503, None),
        ("InternalFailure", 500, None),
    ],
)
def test_advice_for_responses_that_are_not_from_aws(code: str | None, status: int, expected: str | None) -> None:
    assert _advice.advice(client_error(code, "", status)) == expected


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("Throttling", "", True),
        ("ThrottlingException", "", True),
        ("TooManyRequestsException", "", True),
        ("RequestLimitExceeded", "", True),
        ("RequestThrottled", "", True),
        ("RequestThrottledException", "", True),
        ("SlowDown", "", True),
        ("ThrottledException", "", True),
        ("429", "", True),
        ("LimitExceededException", "", False),
        ("ValidationException", "Rate exceeded", True),
        ("ValidationException", "rate exceeded for operation", True),
        ("ValidationException", "Invalid token", False),
        ("AccessDeniedException", "Rate exceeded", False),
        (None, None, False),
    ],
)
def test_throttling(code: str | None, message: str | None, expected: bool) -> None:
    assert _advice.is_throttling({"Code": code, "Message": message}) is expected
