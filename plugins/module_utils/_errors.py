# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of this collection, each with one message that a person can act on. Private to this collection."""

from __future__ import annotations

import re
import reprlib
import traceback
import typing as t
from http import HTTPStatus

from . import _advice
from ._advice import aws_error, http_status, is_code_of_aws, is_throttling

# Strings from AWS, or from a proxy in front of it, are cut to this length: more of an HTML page does not help.
QUOTE_LENGTH = 500
CODE_LENGTH = 100

# User information in a URL, such as in http://user:password@host.
_USER_INFORMATION = re.compile(r"(?<=://)[^/\s\"'<>]*@")
_MEANINGLESS = frozenset({"", "null", "none", "unknown", "undefined", "[]", "{}"})

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
        return mask(self.message)

    @property
    def error(self) -> dict[str, str | None] | None:
        """``{"code", "message", "request_id"}`` as AWS reported them, or None if AWS did not respond."""
        error = aws_error(self.exception)
        if error is None:
            return None
        metadata = getattr(self.exception, "response", {}).get("ResponseMetadata") or {}
        request_id = quote(metadata.get("RequestId"), CODE_LENGTH)
        return {
            "code": quote(error.get("Code"), CODE_LENGTH) or str(http_status(self.exception)),
            "message": quote(error.get("Message")),
            "request_id": request_id or None,
        }

    @property
    def retryable(self) -> bool:
        """Whether retrying may succeed."""
        return False

    @property
    def traceback(self) -> str:
        """The traceback, including that of the cause."""
        chain = traceback.format_exception(type(self), self, self.__traceback__)
        if self.exception is not None and self.__cause__ is None:
            chain += traceback.format_exception(type(self.exception), self.exception, self.exception.__traceback__)
        return mask("".join(chain))

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
        self.advice = advice or _advice.advice(exception)

    def __str__(self) -> str:
        text = mask(f"{self.message}: {_reported(self.exception)}")
        return f"{text}. {self.advice}." if self.advice else text

    @property
    def code(self) -> str:
        """The error code from AWS, or an empty string if AWS did not respond."""
        return str((self.error or {}).get("code", ""))

    @property
    def retryable(self) -> bool:
        """Whether retrying may succeed, as after throttling, a server error, or a network fault."""
        if is_throttling(aws_error(self.exception) or {}):
            return True
        status = http_status(self.exception)
        passing = any(kind.__name__ in _PASSING for kind in type(self.exception).__mro__)
        return passing or status == HTTPStatus.REQUEST_TIMEOUT or status >= 500


class UnexpectedError(ServiceCatalogError):
    """An exception that this collection does not expect, which is a bug or a fault of the installation."""

    def __init__(self, exception: Exception) -> None:
        reported = f"{type(exception).__name__}: {quote(str(exception))}".rstrip(": .")
        message = f"Unexpected {reported}. Run it again with -vvv, and report the traceback as a bug."
        super().__init__(message, exception)


def as_error(error: Exception) -> ServiceCatalogError:
    """Return an error of amazon.aws, with its ``message`` and ``exception``, as one of this collection."""
    message = str(getattr(error, "message", None) or error)
    exception = getattr(error, "exception", None)
    return CallError(message, exception=exception) if exception else ServiceCatalogError(message)


def mask(text: str) -> str:
    """Return a string without the user information of its URLs, which can contain a password."""
    return _USER_INFORMATION.sub("***@", text)


def masked(value: t.Any) -> t.Any:
    """Return the same dicts and lists with masked strings."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {name: masked(item) for name, item in value.items()}
    return [masked(item) for item in value] if isinstance(value, (list, tuple)) else value


def quote(text: t.Any, length: int = QUOTE_LENGTH) -> str:
    """Return a string from AWS on one line, without control characters, cut to ``length`` characters."""
    text = text if isinstance(text, str) else shown(text) if text else ""
    line = mask(" ".join("".join(c if c.isprintable() else " " for c in text).split()))
    return line if len(line) <= length else f"{line[:length]}..."


def shown(value: t.Any) -> str:
    """Return a user's value as Python writes it, cut to a length that fits a message.

    Deep nesting and integers with many digits, which ``repr()`` refuses, are abbreviated.
    """
    return mask(_SHORT.repr(value))


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


def _reported(exception: BaseException | None) -> str:
    error = aws_error(exception)
    if error is None:
        return quote(str(exception)).rstrip(".") or type(exception).__name__
    code, message = error.get("Code"), quote(error.get("Message")).rstrip(".")
    is_of_aws = is_code_of_aws(code)
    if message.lower() in _MEANINGLESS or message.isdigit():
        message = ""
    source = quote(code, CODE_LENGTH) if is_of_aws else f"HTTP {http_status(exception) or quote(code, CODE_LENGTH)}"
    if message:
        return f"{message} ({source})"
    return source if is_of_aws else f"the response was {source} without an error message"
