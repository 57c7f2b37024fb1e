# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signatures, sessions and policies with IAM enforcement."""

from __future__ import annotations

import json
import typing as t

import pytest
from botocore import UNSIGNED

from mock_endpoint.process import MockEndpoint
from mock_endpoint.tests.clients import Botocore, Json, Keys, Outcome

LIST = "ListStackInstancesForProvisionedProduct"
SEARCH = "SearchProvisionedProducts"
STACK_SET = "SC-123456789012-pp-abc"
MATRIX = {"accounts": 3, "regions": ["eu-west-1"]}


def allow(*actions: str, resource: str = "*", effect: str = "Allow", **condition: t.Any) -> Json:
    """Return a statement of a policy."""
    statement: Json = {"Effect": effect, "Action": list(actions), "Resource": resource}
    return {**statement, "Condition": {"StringEquals": condition}} if condition else statement


def user(aws: Botocore, *statements: Json) -> Keys:
    """Create a user with a policy, and return its access key."""
    iam = aws.of("iam")
    iam.create_user(UserName="someone")
    if statements:
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_user_policy(UserName="someone", PolicyName="policy", PolicyDocument=policy)
    made = iam.create_access_key(UserName="someone")["AccessKey"]
    return Keys(made["AccessKeyId"], made["SecretAccessKey"])


def session(aws: Botocore, *statements: Json) -> Keys:
    """Create a role with a policy, and return a session of it."""
    iam = aws.of("iam")
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument="{}")["Role"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    iam.put_role_policy(RoleName="reader", PolicyName="policy", PolicyDocument=policy)
    made = aws.of("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="me")["Credentials"]
    return Keys(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


@pytest.fixture
def aws(endpoint: MockEndpoint) -> Botocore:
    """Return a client without IAM enforcement."""
    endpoint.add_products([{"id": "pp-abc", "matrix": MATRIX}])
    return Botocore(endpoint.url)


def list_page(endpoint: MockEndpoint, keys: Keys, **config: t.Any) -> Outcome:
    """Return the first page of a product's stack instances, with IAM enforcement."""
    endpoint.enforce_iam(True)
    client = Botocore(endpoint.url, keys, **config)
    return client.call("servicecatalog", LIST, {"ProvisionedProductId": "pp-abc"})


INVALID_TOKEN = "The security token included in the request is invalid."
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key"
    " and signing method. Consult the service documentation for details."
)


def test_unknown_access_key(endpoint: MockEndpoint, aws: Botocore) -> None:
    assert list_page(endpoint, Keys()) == Outcome(code="UnrecognizedClientException", message=INVALID_TOKEN)


def test_wrong_secret_key(endpoint: MockEndpoint, aws: Botocore) -> None:
    keys = user(aws, allow("servicecatalog:*"))
    wrong = Keys(keys.access_key, "wrong")
    assert list_page(endpoint, wrong) == Outcome(code="InvalidSignatureException", message=MISMATCH)


def test_missing_signature(endpoint: MockEndpoint, aws: Botocore) -> None:
    outcome = list_page(endpoint, Keys(), signature_version=UNSIGNED)
    assert outcome == Outcome(code="MissingAuthenticationTokenException", message="Missing Authentication Token")


def test_missing_policy(endpoint: MockEndpoint, aws: Botocore) -> None:
    action = f"servicecatalog:{LIST}"
    message = (
        f"User: arn:aws:iam::123456789012:user/someone is not authorized to perform: {action}"
        f" because no identity-based policy allows the {action} action"
    )
    assert list_page(endpoint, user(aws)) == Outcome(code="AccessDeniedException", message=message)


def test_expired_session(endpoint: MockEndpoint, aws: Botocore) -> None:
    keys = session(aws, allow("servicecatalog:*"))
    assert list_page(endpoint, keys).code is None
    endpoint.expire_sessions()
    expired = Outcome(code="ExpiredTokenException", message="The security token included in the request is expired")
    assert list_page(endpoint, keys) == expired
    stack_set = {"StackSetName": STACK_SET}
    assert Botocore(endpoint.url, keys).call("cloudformation", "DescribeStackSet", stack_set).code == "ExpiredToken"


def test_token_of_another_session(endpoint: MockEndpoint, aws: Botocore) -> None:
    keys = session(aws, allow("servicecatalog:*"))
    outcome = list_page(endpoint, Keys(keys.access_key, keys.secret_key, "other"))
    assert outcome == Outcome(code="UnrecognizedClientException", message=INVALID_TOKEN)


def test_assume_role_with_web_identity_needs_no_signature(endpoint: MockEndpoint, aws: Botocore) -> None:
    session(aws, allow("servicecatalog:*"))
    endpoint.enforce_iam(True)
    unsigned = Botocore(endpoint.url, signature_version=UNSIGNED).of("sts")
    made = unsigned.assume_role_with_web_identity(
        RoleArn="arn:aws:iam::123456789012:role/reader", RoleSessionName="me", WebIdentityToken="a-token"
    )["Credentials"]
    keys = Keys(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    assert list_page(endpoint, keys).code is None


def test_errors_have_status_400(endpoint: MockEndpoint, aws: Botocore) -> None:
    list_page(endpoint, user(aws))
    assert endpoint.requests()[-1]["status"] == 400


@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        ([allow(f"servicecatalog:{LIST}")], True),
        ([allow("servicecatalog:List*")], True),
        ([allow("servicecatalog:Describe*")], False),
        ([allow("*"), allow(f"servicecatalog:{LIST}", effect="Deny")], False),
        ([allow("*"), allow("servicecatalog:Search*", effect="Deny")], True),
        ([allow("servicecatalog:*", **{"servicecatalog:accountLevel": "self"})], True),
        ([allow("servicecatalog:*", **{"servicecatalog:roleLevel": "self"})], False),
        ([allow("servicecatalog:*", **{"servicecatalog:userLevel": "self"})], False),
        ([allow("servicecatalog:*", **{"aws:PrincipalTag/team": "x"})], False),
        ([allow("servicecatalog:*", **{"aws:PrincipalTag/team": "x"}), allow("servicecatalog:*")], True),
    ],
)
def test_policies(endpoint: MockEndpoint, aws: Botocore, statements: list[Json], allowed: bool) -> None:
    assert list_page(endpoint, user(aws, *statements)).code == (None if allowed else "AccessDeniedException")


@pytest.mark.parametrize("allowed", ["account", "role", "user"])
@pytest.mark.parametrize("level_filter", [None, "Account", "Role", "User"])
def test_policies_restricted_to_an_access_level(
    endpoint: MockEndpoint, aws: Botocore, allowed: str, level_filter: str | None
) -> None:
    keys = user(aws, allow(f"servicecatalog:{SEARCH}", **{f"servicecatalog:{allowed}Level": "self"}))
    endpoint.enforce_iam(True)
    level = {"AccessLevelFilter": {"Key": level_filter, "Value": "self"}} if level_filter else {}
    outcome = Botocore(endpoint.url, keys).call("servicecatalog", SEARCH, level)
    assert (outcome.code is None) == ((level_filter or "User") == allowed.capitalize())


def test_user_level_allows_own_products(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.add_products([{"id": "pp-abc", "user_arn": "arn:aws:iam::123456789012:user/someone", "matrix": MATRIX}])
    keys = user(aws, allow("servicecatalog:*", **{"servicecatalog:userLevel": "self"}))
    assert list_page(endpoint, keys).code is None


@pytest.mark.parametrize(
    ("resource", "allowed"),
    [
        ("*", True),
        ("arn:aws:cloudformation:*:123456789012:stackset/SC-*", True),
        ("arn:aws:cloudformation:us-east-1:123456789012:stackset/SC-123456789012-pp-abc:*", True),
        ("arn:aws:cloudformation:*:*:stackset/other:*", False),
    ],
)
@pytest.mark.parametrize("operation", ["DescribeStackSet", "ListStackInstances"])
def test_policies_on_a_stack_set(
    endpoint: MockEndpoint, aws: Botocore, operation: str, resource: str, allowed: bool
) -> None:
    keys = user(aws, allow("cloudformation:*", resource=resource))
    endpoint.enforce_iam(True)
    outcome = Botocore(endpoint.url, keys).call("cloudformation", operation, {"StackSetName": STACK_SET})
    if allowed:
        assert outcome.code is None
    else:
        assert outcome.code == "AccessDenied"
        assert outcome.message
        assert outcome.message.endswith(f"no identity-based policy allows the cloudformation:{operation} action")


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code"),
    [
        ("ssm", "GetParameter", {"Name": "x"}, "UnrecognizedClientException"),
        ("sts", "GetCallerIdentity", {}, "InvalidClientTokenId"),
        ("cloudformation", "DescribeStackSet", {"StackSetName": STACK_SET}, "InvalidClientTokenId"),
    ],
)
def test_other_services_reject_unknown_keys(
    *, endpoint: MockEndpoint, aws: Botocore, service: str, operation: str, parameters: Json, code: str
) -> None:
    endpoint.enforce_iam(True)
    assert aws.call(service, operation, parameters).code == code


def test_get_caller_identity_needs_no_policy(endpoint: MockEndpoint, aws: Botocore) -> None:
    keys = user(aws)
    endpoint.enforce_iam(True)
    identity = Botocore(endpoint.url, keys).of("sts").get_caller_identity()
    assert identity["Arn"] == "arn:aws:iam::123456789012:user/someone"


def test_enforcement_can_be_disabled(endpoint: MockEndpoint, aws: Botocore) -> None:
    endpoint.enforce_iam(True)
    endpoint.enforce_iam(False)
    assert aws.call("servicecatalog", LIST, {"ProvisionedProductId": "pp-abc"}).code is None
