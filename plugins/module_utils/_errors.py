# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What went wrong, as one sentence a person can act on. Private to this collection."""

from __future__ import annotations

import reprlib
import typing as t
from http import HTTPStatus

from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

# What AWS or a proxy in front of it says is quoted up to this many characters: an HTML page says nothing more.
QUOTE_LENGTH = 500
CODE_LENGTH = 100

_WHERE = "where this runs: on the task's host for a module, on the controller for a lookup or an inventory"

# botocore looks for fields in whatever JSON such a program prints, be it an object or not.
_ONE_OBJECT = "let the profile's credential_process print one JSON object and nothing else"

# What to do, by error code or by botocore's exception. Codes are those that AWS' JSON and query services share.
_ADVICE = {
    "AccessDenied": "allow that action to the identity that asks, or ask with another one",
    "ExpiredToken": "renew the session's credentials",
    "InvalidClientTokenId": "check the access key",
    "InvalidSignature": "check the secret key and the machine's clock",
    "RequestExpired": "check the machine's clock",
    "SignatureDoesNotMatch": "check the secret key and the machine's clock",
    "Throttling": "lower concurrency, or raise retries.total_max_attempts in aws_config",
    "UnrecognizedClient": "check the access key, and that the session token belongs to it",
    "ConnectTimeoutError": "check the network, region and endpoint_url",
    "EndpointConnectionError": "check the network, region and endpoint_url",
    "ConfigParseError": "mend that file",
    "CredentialRetrievalError": f"see what `aws sts get-caller-identity` says with the same profile {_WHERE}",
    "AttributeError": _ONE_OBJECT,
    "JSONDecodeError": _ONE_OBJECT,
    "NoCredentialsError": (
        f"give access_key and secret_key, a profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY {_WHERE}"
    ),
    "PartialCredentialsError": "give access_key and secret_key, both or neither",
    "ProfileNotFound": f"name a profile of the AWS configuration files {_WHERE}",
    "SSLError": "check endpoint_url, or name the certificate authority in aws_ca_bundle",
}

# Codes with which AWS' services say "too fast", by the retry modes of botocore, which calls an HTTP 429 without any by
# its number. LimitExceededException is not among them: it tells of a quota, too.
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


class ServiceCatalogError(AnsibleAWSError):
    """The base of all that this collection raises; C(str()) of it is the whole sentence."""

    def __init__(self, message: str, exception: Exception | None = None) -> None:
        super().__init__(message=message, exception=exception)
        self.message: str = message
        self.exception: Exception | None = exception

    def __str__(self) -> str:
        return self.message

    @property
    def error(self) -> dict[str, str] | None:
        """C({"code", "message"}) as AWS gave them, as amazon.aws' modules return them; None where AWS said nothing."""
        response = getattr(self.exception, "response", None) or {}
        error = response.get("Error")
        return {"code": _code(error), "message": quote(error.get("Message"))} if error else None

    @property
    def retryable(self) -> bool:
        """Whether the same may go well a little later."""
        return False

    def as_result(self) -> dict[str, t.Any]:
        """What a module fails with."""
        return {"msg": str(self), "retryable": self.retryable, **({"error": self.error} if self.error else {})}


class SelectionError(ServiceCatalogError):
    """What was asked for makes no sense, and nothing was asked of AWS."""


class DamagedAnswerError(ServiceCatalogError):
    """AWS, or what stands before it, gave an answer that can't be believed."""

    @property
    def retryable(self) -> bool:
        return True


class CallError(ServiceCatalogError):
    """A call that failed: what was tried, what AWS said and, where the cause is known, what to do."""

    def __init__(self, message: str, exception: Exception | None = None, advice: str | None = None) -> None:
        super().__init__(message, exception)
        self.advice = advice or _advice(exception)

    def __str__(self) -> str:
        return f"{self.message}: {_said(self.exception)}" + (f"; {self.advice}" if self.advice else "")

    @property
    def code(self) -> str:
        """AWS' error code; empty where no answer came."""
        return (self.error or {}).get("code", "")

    @property
    def retryable(self) -> bool:
        response = getattr(self.exception, "response", None) or {}
        if is_throttling(response.get("Error", {})):
            return True
        # botocore's name for all that can happen to a connection.
        lost = any(kind.__name__ == "HTTPClientError" for kind in type(self.exception).__mro__)
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return lost or status == HTTPStatus.REQUEST_TIMEOUT or status >= 500


class RaisesErrors:
    """A mixin for amazon.aws' bases of modules and plugins. Where no client can be made of the given options, they end
    with botocore's words; this raises these as an error of this collection's, with what to do.
    """

    def fail_json_aws(
        self,
        exception: BaseException,
        msg: str | None = None,
        **kwargs: t.Any,  # noqa: ARG002 - amazon.aws' signature
    ) -> t.NoReturn:
        """How amazon.aws ends a module. Raises CallError."""
        raise CallError(str(msg), exception=t.cast("Exception", exception))

    def fail_aws(self, message: str, exception: Exception | None = None) -> t.NoReturn:
        """How amazon.aws ends another plugin. Raises CallError, or ServiceCatalogError for its own words."""
        if exception is None:
            raise ServiceCatalogError(message)
        raise CallError(message, exception=exception)


class ErrorHandler(AWSErrorHandler):
    """amazon.aws' error handlers, raising L(CallError)."""

    _CUSTOM_EXCEPTION: type[AnsibleAWSError] = CallError


def quote(text: t.Any, length: int = QUOTE_LENGTH) -> str:
    """Text from AWS on one line, without control characters, cut to a length that fits a message."""
    text = text if isinstance(text, str) else shown(text) if text else ""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= length else f"{line[:length]}..."


def shown(value: t.Any) -> str:
    """A value that a user has given, as Python writes it, cut to a length that fits a message.

    Python itself writes down neither what is nested too deep nor an integer of too many digits.
    """
    return _SHORT.repr(value)


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


def _code(error: t.Mapping[str, t.Any]) -> str:
    """AWS' error code, or what something else sent in its place."""
    return quote(error.get("Code"), CODE_LENGTH)


def _said(exception: Exception | None) -> str:
    error = (getattr(exception, "response", None) or {}).get("Error")
    if not error:
        return quote(str(exception)).rstrip(".")
    message = quote(error.get("Message")).rstrip(".")
    return f"{message} ({_code(error)})" if message else _code(error)


def _advice(exception: Exception | None) -> str | None:
    error = (getattr(exception, "response", None) or {}).get("Error")
    if error is None:
        return next((_ADVICE[kind.__name__] for kind in type(exception).__mro__ if kind.__name__ in _ADVICE), None)
    if is_throttling(error):
        return _ADVICE["Throttling"]
    # The same error is called FooException by JSON services and Foo by query services.
    code = str(error.get("Code"))
    return _ADVICE.get(code[: -len("Exception")] if code.endswith("Exception") else code)


def is_throttling(error: dict[str, t.Any]) -> bool:
    """Whether an error of AWS (C({"Code", "Message"})) means "too fast".

    Service Catalog has been seen to say so with a C(ValidationException) too, which botocore does not retry.
    """
    code = str(error.get("Code"))
    if code == "ValidationException":
        return "rate exceeded" in str(error.get("Message")).lower()
    return code in _THROTTLING
