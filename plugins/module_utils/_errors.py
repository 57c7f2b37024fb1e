# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of this collection, each with one message that a person can act on. Private to this collection."""

from __future__ import annotations

import reprlib
import typing as t
from http import HTTPStatus

# Strings from AWS, or from a proxy in front of it, are cut to this length: more of an HTML page does not help.
QUOTE_LENGTH = 500
CODE_LENGTH = 100

_HERE = "on the task's host for a module, on the controller for a lookup or an inventory"
_ONE_OBJECT = "Make sure that the profile's credential_process prints one JSON object and no other output"

# Advice by error code or by the name of botocore's exception. The codes are those of AWS' JSON and query services.
_ADVICE = {
    "AccessDenied": "Grant this action to the identity, or use different credentials",
    "ExpiredToken": "Renew the session credentials",
    "InvalidClientTokenId": "Check the access key",
    "InvalidSignature": "Check the secret key and the clock of the machine",
    "RequestExpired": "Check the clock of the machine",
    "SignatureDoesNotMatch": "Check the secret key and the clock of the machine",
    "Throttling": "Lower concurrency, or raise retries.total_max_attempts in aws_config",
    "UnrecognizedClient": "Check the access key, and that the session token belongs to it",
    "ConnectTimeoutError": "Check the network, region, and endpoint_url",
    "EndpointConnectionError": "Check the network, region, and endpoint_url",
    "ConfigParseError": "Fix that file",
    "CredentialRetrievalError": f"Run `aws sts get-caller-identity` with the same profile {_HERE}",
    "AttributeError": _ONE_OBJECT,
    "JSONDecodeError": _ONE_OBJECT,
    "NoCredentialsError": (
        f"Set access_key and secret_key, set profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY {_HERE}"
    ),
    "PartialCredentialsError": "Set both access_key and secret_key, or neither of them",
    "ProfileNotFound": f"Use a profile that the AWS configuration files contain {_HERE}",
    "SSLError": "Check endpoint_url, or set aws_ca_bundle to the certificate authority",
}

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

# botocore's exceptions for faults of the network or of a metadata service, which may pass.
_PASSING = frozenset(
    {
        "HTTPClientError",
        "ConnectTimeoutError",
        "EndpointConnectionError",
        "ProxyConnectionError",
        "MetadataRetrievalError",
    }
)


class ServiceCatalogError(Exception):
    """Base class of this collection's errors; ``str()`` returns the complete message."""

    def __init__(self, message: str, exception: Exception | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.exception = exception

    def __str__(self) -> str:
        return self.message

    @property
    def error(self) -> dict[str, str] | None:
        """``{"code", "message"}`` as AWS reported them, or None if AWS did not respond."""
        error = _aws_error(self.exception)
        return {"code": _code(error), "message": quote(error.get("Message"))} if error else None

    @property
    def retryable(self) -> bool:
        """Whether retrying may succeed."""
        return False

    def as_result(self) -> dict[str, t.Any]:
        """Return the result of a module that fails with this error."""
        return {"msg": str(self), "retryable": self.retryable, **({"error": self.error} if self.error else {})}


class OptionError(ServiceCatalogError):
    """An invalid option or combination of options. No request has been sent."""


class MalformedResponseError(ServiceCatalogError):
    """A response that is truncated, malformed, or contradicts itself."""

    @property
    def retryable(self) -> bool:
        """Whether retrying may succeed."""
        return True


class OutOfTimeError(ServiceCatalogError):
    """A request, or a poll, that did not end within its time limit."""

    @property
    def retryable(self) -> bool:
        """Whether retrying may succeed."""
        return True


class CallError(ServiceCatalogError):
    """A failed API call: what failed, what AWS or botocore reported, and what to do if the cause is known."""

    def __init__(self, message: str, exception: Exception | None = None, advice: str | None = None) -> None:
        super().__init__(message, exception)
        self.advice = advice or _advice(exception)

    def __str__(self) -> str:
        text = f"{self.message}: {_reported(self.exception)}"
        return f"{text}. {self.advice}." if self.advice else text

    @property
    def code(self) -> str:
        """The error code from AWS, or an empty string if AWS did not respond."""
        return (self.error or {}).get("code", "")

    @property
    def retryable(self) -> bool:
        """Whether retrying may succeed, as after throttling, a server error, or a network fault."""
        response = getattr(self.exception, "response", None) or {}
        if is_throttling(response.get("Error", {})):
            return True
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        passing = any(kind.__name__ in _PASSING for kind in type(self.exception).__mro__)
        return passing or status == HTTPStatus.REQUEST_TIMEOUT or status >= 500


def as_error(error: Exception) -> ServiceCatalogError:
    """Return an error of amazon.aws, with its ``message`` and ``exception``, as one of this collection."""
    message = str(getattr(error, "message", None) or error)
    exception = getattr(error, "exception", None)
    return CallError(message, exception=exception) if exception else ServiceCatalogError(message)


def quote(text: t.Any, length: int = QUOTE_LENGTH) -> str:
    """Return a string from AWS on one line, without control characters, cut to ``length`` characters."""
    text = text if isinstance(text, str) else shown(text) if text else ""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= length else f"{line[:length]}..."


def shown(value: t.Any) -> str:
    """Return a user's value as Python writes it, cut to a length that fits a message.

    Deep nesting and integers with many digits, which ``repr()`` refuses, are abbreviated.
    """
    return _SHORT.repr(value)


def is_throttling(error: t.Mapping[str, t.Any]) -> bool:
    """Return whether an error of AWS, ``{"Code", "Message"}``, reports throttling.

    Service Catalog has been seen to report throttling with ``ValidationException``, which botocore does not retry.
    """
    code = str(error.get("Code"))
    if code == "ValidationException":
        return "rate exceeded" in str(error.get("Message")).lower()
    return code in _THROTTLING


class _Short(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 100

    def repr_int(self, x: int, level: int) -> str:
        try:
            return super().repr_int(x, level)
        except ValueError:
            return f"an integer of {x.bit_length()} bits"


_SHORT = _Short()


def _aws_error(exception: BaseException | None) -> dict[str, t.Any]:
    return (getattr(exception, "response", None) or {}).get("Error") or {}


def _code(error: t.Mapping[str, t.Any]) -> str:
    return quote(error.get("Code"), CODE_LENGTH)


def _reported(exception: Exception | None) -> str:
    error = _aws_error(exception)
    if not error:
        return quote(str(exception)).rstrip(".")
    message = quote(error.get("Message")).rstrip(".")
    return f"{message} ({_code(error)})" if message else _code(error)


def _advice(exception: Exception | None) -> str | None:
    error = _aws_error(exception)
    if not error:
        return next((_ADVICE[kind.__name__] for kind in type(exception).__mro__ if kind.__name__ in _ADVICE), None)
    if is_throttling(error):
        return _ADVICE["Throttling"]
    # JSON services report FooException for the error that query services report as Foo.
    code = str(error.get("Code"))
    return _ADVICE.get(code[: -len("Exception")] if code.endswith("Exception") else code)
