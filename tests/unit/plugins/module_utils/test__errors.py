# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ProxyConnectionError, SSLError

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils import _errors


def client_error(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "ListStackInstancesForProvisionedProduct")


@pytest.mark.parametrize(
    ("exception", "sentence"),
    [
        (
            client_error("AccessDeniedException", "User: x is not authorized to perform: servicecatalog:Y."),
            "Failed to do it: User: x is not authorized to perform: servicecatalog:Y (AccessDeniedException);"
            " allow that action to the identity that asks, or ask with another one",
        ),
        (
            client_error("ResourceNotFoundException", "Not there."),
            "Failed to do it: Not there (ResourceNotFoundException)",
        ),
        (client_error("InternalFailure", ""), "Failed to do it: InternalFailure"),
        (
            client_error("ValidationException", "Rate exceeded"),
            "Failed to do it: Rate exceeded (ValidationException);"
            " lower concurrency, or raise retries.total_max_attempts in aws_config",
        ),
        (
            client_error("ExpiredToken", "The token is expired"),
            "Failed to do it: The token is expired (ExpiredToken); renew the session's credentials",
        ),
        (
            client_error("RequestExpired", "Request has expired."),
            "Failed to do it: Request has expired (RequestExpired); check the machine's clock",
        ),
        (client_error("403", "<html>\n <b>\x1b[31mNo</b>"), "Failed to do it: <html> <b> [31mNo</b> (403)"),
        (
            EndpointConnectionError(endpoint_url="http://localhost:1"),
            'Failed to do it: Could not connect to the endpoint URL: "http://localhost:1";'
            " check the network, region and endpoint_url",
        ),
        (
            NoCredentialsError(),
            "Failed to do it: Unable to locate credentials; give access_key and secret_key, a profile, or set"
            " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY where this runs: on the task's host for a module, on the"
            " controller for a lookup or an inventory",
        ),
        (
            SSLError(endpoint_url="https://x", error="hostname 'x' doesn't match 'y'"),
            "Failed to do it: SSL validation failed for https://x hostname 'x' doesn't match 'y';"
            " check endpoint_url, or name the certificate authority in aws_ca_bundle",
        ),
        (
            ProxyConnectionError(proxy_url="http://proxy"),
            'Failed to do it: Failed to connect to proxy URL: "http://proxy"',
        ),
    ],
)
def test_a_failed_call_is_one_sentence(exception: Exception, sentence: str) -> None:
    assert str(_errors.CallError("Failed to do it", exception=exception)) == sentence


def test_a_page_of_html_is_cut_short() -> None:
    assert _errors.quote("x" * 5000) == "x" * _errors.QUOTE_LENGTH + "..."


def test_the_error_of_aws_is_kept_for_the_result() -> None:
    error = _errors.CallError("Failed", exception=client_error("Throttling", "Slow\ndown"))
    assert error.error == {"code": "Throttling", "message": "Slow down"}
    assert error.code == "Throttling"
    assert _errors.CallError("Failed", exception=NoCredentialsError()).error is None


def test_a_code_that_is_none_is_quoted_too() -> None:
    error = _errors.CallError("Failed", exception=client_error("a\n\x1b" * 1000, ""))
    assert str(error).isprintable()
    assert len(str(error)) < 200
    assert error.code == (error.error or {})["code"]


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
def test_what_counts_as_throttling(code: str | None, message: str | None, expected: bool) -> None:
    assert _errors.is_throttling({"Code": code, "Message": message}) is expected
