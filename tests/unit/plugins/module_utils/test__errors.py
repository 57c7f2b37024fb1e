# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
import json
import typing as t

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ProxyConnectionError, SSLError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils import _errors

HERE = "on the task's host for a module, on the controller for a lookup or an inventory"


def client_error(code: t.Any, message: t.Any, status: int = 400) -> ClientError:
    response: t.Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "ListStackInstancesForProvisionedProduct")


@pytest.mark.parametrize(
    ("exception", "message"),
    [
        (
            client_error("AccessDeniedException", "User: x is not authorized to perform: servicecatalog:Y."),
            "Failed to do it: User: x is not authorized to perform: servicecatalog:Y (AccessDeniedException)."
            " Grant this action to the identity, or use different credentials.",
        ),
        (
            client_error("ResourceNotFoundException", "Not there."),
            "Failed to do it: Not there (ResourceNotFoundException)",
        ),
        (client_error("InternalFailure", ""), "Failed to do it: InternalFailure"),
        (
            client_error("ValidationException", "Rate exceeded"),
            "Failed to do it: Rate exceeded (ValidationException). Lower concurrency, or raise max_attempts.",
        ),
        (
            client_error("ExpiredToken", "The token is expired"),
            "Failed to do it: The token is expired (ExpiredToken). Renew the session credentials.",
        ),
        (
            client_error("RequestExpired", "Request has expired."),
            "Failed to do it: Request has expired (RequestExpired). Check the clock of the machine.",
        ),
        (
            client_error("403", "<html>\n <b>\x1b[31mNo</b>", 403),
            "Failed to do it: <html> <b> [31mNo</b> (HTTP 403)."
            " The response is not from AWS. Check endpoint_url and the proxy settings.",
        ),
        (
            EndpointConnectionError(endpoint_url="http://localhost:1"),
            'Failed to do it: Could not connect to the endpoint URL: "http://localhost:1".'
            " Check the network, region, and endpoint_url.",
        ),
        (
            NoCredentialsError(),
            "Failed to do it: Unable to locate credentials. Set access_key and secret_key, set profile, or set"
            f" AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY {HERE}.",
        ),
        (
            exceptions.ProfileNotFound(profile="prod"),
            "Failed to do it: The config profile (prod) could not be found. Use a profile that the AWS configuration"
            f" files contain {HERE}.",
        ),
        (
            SSLError(endpoint_url="https://x", error="hostname 'x' doesn't match 'y'"),
            "Failed to do it: SSL validation failed for https://x hostname 'x' doesn't match 'y'."
            " Check endpoint_url, or set aws_ca_bundle to the certificate authority.",
        ),
        (
            ProxyConnectionError(proxy_url="http://proxy"),
            'Failed to do it: Failed to connect to proxy URL: "http://proxy"',
        ),
    ],
)
def test_a_failed_call_is_one_message(exception: Exception, message: str) -> None:
    assert str(_errors.CallError("Failed to do it", exception=exception)) == message


def test_given_advice_replaces_that_for_the_code() -> None:
    error = _errors.CallError("Failed to do it", client_error("AccessDenied", "No."), "Do this")
    assert str(error) == "Failed to do it: No (AccessDenied). Do this."


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("x" * 5000, "x" * _errors.QUOTE_LENGTH + "..."),
        ("x" * _errors.QUOTE_LENGTH, "x" * _errors.QUOTE_LENGTH),
        ("a\n\t b\x00c\u202ed", "a b c d"),
        ("", ""),
        (None, ""),
        (5, "5"),
        ({"a": "\n"}, "{'a': '\\n'}"),
    ],
)
def test_quotes_are_short_and_on_one_line(text: t.Any, quoted: str) -> None:
    assert _errors.quote(text) == quoted


@given(st.text(), st.integers(1, 50))
def test_quotes_are_printable_and_bounded(text: str, length: int) -> None:
    quoted = _errors.quote(text, length)
    assert quoted.isprintable()
    assert len(quoted) <= length + len("...")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\nb", r"'a\nb'"),
        (10**5000, "an integer of 16610 bits"),
        ([10**5000], "[an integer of 16610 bits]"),
        ([[[[[[[[[[]]]]]]]]]], "[[[[[[[...]]]]]]]"),
    ],
    ids=itertools.count(),
)
def test_values_of_users_are_shown_as_python_writes_them(value: t.Any, text: str) -> None:
    assert _errors.shown(value) == text


def test_long_values_of_users_are_cut() -> None:
    assert len(_errors.shown("x" * 100_000)) == 100


def test_the_error_of_aws_is_a_part_of_the_result() -> None:
    error = _errors.CallError("Failed", exception=client_error("Throttling", "Slow\ndown"))
    assert error.error == {"code": "Throttling", "message": "Slow down", "request_id": None}
    assert error.code == "Throttling"
    assert error.as_result() == {
        "msg": "Failed: Slow down (Throttling). Lower concurrency, or raise max_attempts.",
        "retryable": True,
        "error": {"code": "Throttling", "message": "Slow down", "request_id": None},
    }


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        (_errors.OptionError("No."), False),
        (_errors.ServiceCatalogError("No."), False),
        (_errors.MalformedResponseError("No."), True),
        (_errors.OutOfTimeError("No."), True),
    ],
)
def test_an_error_without_a_response_has_no_error_of_aws(error: _errors.ServiceCatalogError, retryable: bool) -> None:
    assert error.as_result() == {"msg": "No.", "retryable": retryable}


def test_a_call_without_a_response_has_no_error_of_aws() -> None:
    error = _errors.CallError("Failed", exception=NoCredentialsError())
    assert (error.error, error.code) == (None, "")
    assert "error" not in error.as_result()


@pytest.mark.parametrize(
    ("exception", "expected"),
    [
        (client_error("Throttling", "x"), True),
        (client_error("ValidationException", "Rate exceeded"), True),
        (client_error("InternalFailure", "x", 500), True),
        (client_error("503", "x", 503), True),
        (client_error("408", "x", 408), True),
        (client_error("AccessDenied", "x", 403), False),
        (client_error("ResourceNotFoundException", "x", 404), False),
        (client_error("ExpiredToken", "x"), False),
        (EndpointConnectionError(endpoint_url="x"), True),
        (exceptions.ConnectTimeoutError(endpoint_url="x"), True),
        (exceptions.ReadTimeoutError(endpoint_url="x"), True),
        (exceptions.ConnectionClosedError(endpoint_url="x"), True),
        (exceptions.ResponseStreamingError(error="x"), True),
        (exceptions.HTTPClientError(error="x"), True),
        (ProxyConnectionError(proxy_url="x"), True),
        (exceptions.MetadataRetrievalError(error_msg="x"), True),
        (exceptions.InvalidIMDSEndpointError(endpoint="x"), False),
        (NoCredentialsError(), False),
        (exceptions.ProfileNotFound(profile="x"), False),
        (exceptions.ParamValidationError(report="x"), False),
        (exceptions.UnknownServiceError(service_name="x", known_service_names="y"), False),
        (ValueError("x"), False),
        (None, False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_fault_that_may_pass_is_retryable(exception: Exception | None, expected: bool) -> None:
    assert _errors.CallError("Failed", exception=exception).retryable is expected


def test_a_code_of_another_form_is_quoted_too() -> None:
    error = _errors.CallError("Failed", exception=client_error("a\n\x1b" * 1000, ""))
    assert str(error).isprintable()
    assert len(str(error)) < 200
    assert error.code == (error.error or {})["code"]


_JSON = (
    st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.text())
)


@given(code=_JSON, message=_JSON, status=st.integers(200, 599))
def test_an_error_of_any_form_is_one_message(code: t.Any, message: t.Any, status: int) -> None:
    error = _errors.CallError("Failed to do it", exception=client_error(code, message, status))
    assert str(error).isprintable()
    assert len(str(error)) < 1000
    assert json.loads(json.dumps(error.as_result())) == error.as_result()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('Could not connect to "http://user:secret@host:1/x"', 'Could not connect to "http://***@host:1/x"'),
        ("https://token@host", "https://***@host"),
        ("http://user:p@ss:w@host/a@b", "http://***@host/a@b"),
        ("https://host/path?x=a@b", "https://host/path?x=a@b"),
        ("someone@example.com", "someone@example.com"),
    ],
)
def test_user_information_in_urls_is_masked(text: str, masked: str) -> None:
    assert _errors.mask(text) == masked
    assert str(_errors.ServiceCatalogError(text)) == masked
    assert masked in str(_errors.CallError("Failed", exception=client_error("X", text)))
    assert _errors.masked({"a": [text], "b": 1}) == {"a": [masked], "b": 1}


@pytest.mark.parametrize(
    ("code", "message", "status", "reported"),
    [
        ("301", "", 301, "the response was HTTP 301 without an error message"),
        ("301", "301", 301, "the response was HTTP 301 without an error message"),
        ("502", None, 502, "the response was HTTP 502 without an error message"),
        (None, None, 404, "the response was HTTP 404 without an error message"),
        ("", "null", 400, "the response was HTTP 400 without an error message"),
        ("403", "Blocked by policy", 403, "Blocked by policy (HTTP 403)"),
        ("AccessDenied", "None", 403, "AccessDenied"),
    ],
)
def test_responses_without_meaningful_words_are_described(
    code: str | None, message: str | None, status: int, reported: str
) -> None:
    error = _errors.CallError("Failed", exception=client_error(code, message, status))
    assert str(error).startswith(f"Failed: {reported}")


def test_an_exception_without_words_is_named() -> None:
    assert str(_errors.CallError("Failed", exception=TimeoutError())) == "Failed: TimeoutError"


def test_an_unexpected_error_is_named_and_has_a_traceback() -> None:
    with pytest.raises(TypeError) as caught:
        raise TypeError("secret http://user:hunter2@host")
    error = _errors.UnexpectedError(caught.value)
    assert str(error) == (
        "Unexpected TypeError: secret http://***@host. Run it again with -vvv, and report the traceback as a bug."
    )
    assert "test__errors.py" in error.traceback
    assert "hunter2" not in error.traceback
