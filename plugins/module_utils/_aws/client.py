# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A boto3 client that retries what may be retried and believes only whole answers. Private to this collection."""

from __future__ import annotations

import json
import random
import re
import threading
import time
import typing as t
from http import HTTPStatus

try:
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError
    from botocore.parsers import ResponseParserError
except ImportError:
    # amazon.aws says so, in its own words, before anything here is called.
    pass

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import (
    CallError,
    DamagedAnswerError,
    ErrorHandler,
    SelectionError,
    is_throttling,
    quote,
    shown,
)

if t.TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from botocore.client import BaseClient

NAME = "stackfleet.servicecatalog"

# botocore's own defaults differ from version to version (legacy with 5 attempts, then standard with 3).
RETRY_MODE = "standard"
TOTAL_MAX_ATTEMPTS = 10
THROTTLE_BACKOFF_SECONDS = 1.0
DAMAGE_BACKOFF_SECONDS = 0.1
MAX_BACKOFF_SECONDS = 20.0

# What botocore's parsers raise, beside an error of their own, when an answer is not of the form that they expect.
_MISUNDERSTANDINGS = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)

_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_ROLE_ARN = re.compile(r"arn:[\w-]+:iam::[0-9]{12}:role/[\w+=,.@/-]+")


class Clients:
    """The clients of one identity in one Region, each made when it is first asked for: few questions need both.

    Either may raise CallError, and whatever amazon.aws raises where it has its own words.
    """

    def __init__(self, make: t.Callable[[str], BaseClient]) -> None:
        self._make = make
        self._made: dict[str, BaseClient] = {}
        self._lock = threading.Lock()

    @property
    def service_catalog(self) -> BaseClient:
        return self._of("servicecatalog")

    @property
    def cloudformation(self) -> BaseClient:
        return self._of("cloudformation")

    def _of(self, service: str) -> BaseClient:
        with self._lock:
            if service not in self._made:
                self._made[service] = self._make(service)
            return self._made[service]


def connect(
    make_client: t.Callable[..., BaseClient], *, concurrency: int, assume_role_arn: str | None = None
) -> Clients:
    """The clients with which all else is asked.

    O(make_client) is C(client) of amazon.aws' module or plugin base: it knows the credentials, the Region and the
    endpoint, and the user's O(aws_config) wins over what is set here. With O(assume_role_arn) the role is taken
    with STS first.

    Raises CallError, SelectionError for what is not the ARN of a role, and whatever O(make_client) raises where
    amazon.aws has its own words.
    """
    config = {"config": _config(concurrency)}
    credentials = _assume_role(make_client, assume_role_arn, config) if assume_role_arn else {}
    return Clients(lambda service: _make(make_client, service, **config, **credentials))


def call(client: BaseClient, operation: str, description: str, **parameters: t.Any) -> dict[str, t.Any]:
    """The answer of C(client.<operation>), retried; parameters that are None are not sent.

    O(description) completes the sentence "Failed to ...". Raises CallError and DamagedAnswerError.
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    method = ErrorHandler.common_error_handler(description)(getattr(client, operation))
    attempts = _attempts(client)
    for attempt in range(1, attempts + 1):
        try:
            return t.cast("dict[str, t.Any]", method(**given))
        except _Damage as e:
            raise DamagedAnswerError(f"Failed to {description}: {e}; nothing of it was used") from None
        except (json.JSONDecodeError, OSError) as e:
            # No answer's fault: botocore reads some credentials only now, or once more.
            raise CallError(f"Failed to {description}", exception=e, advice=_advice_for_file(e)) from e
        except (*_MISUNDERSTANDINGS, ResponseParserError):
            # botocore's parser trips over bytes that are not UTF-8, JSON that is no object, XML that is cut, empty or
            # of another kind, and values of types that the service's model does not have (measured), before it comes
            # to any retry. What it says of XML repeats the whole answer, which need not be fit to be shown.
            if attempt == attempts:
                raise DamagedAnswerError(
                    f"Failed to {description}: the answer was not of the form that AWS' model of it has; nothing of it"
                    " was used"
                ) from None
            time.sleep(_pause(attempt, DAMAGE_BACKOFF_SECONDS))
    raise AssertionError("unreachable: the last attempt returns or raises")


class _Damage(Exception):
    """Carries out of botocore what is wrong with an answer."""


def _config(concurrency: int) -> Config:
    return Config(
        retries={"mode": RETRY_MODE, "total_max_attempts": TOTAL_MAX_ATTEMPTS},
        max_pool_connections=concurrency,
        user_agent_extra=NAME,
    )


def _make(make_client: t.Callable[..., BaseClient], service: str, **parameters: t.Any) -> BaseClient:
    try:
        client = make_client(service, **parameters)
    except (AttributeError, BotoCoreError, OSError, TypeError, ValueError) as e:
        # amazon.aws leaves to its caller an aws_config that botocore refuses, and a credential_process that is not
        # there or prints JSON that is no object.
        advice = _advice_for_file(e)
        raise CallError("Failed to make an AWS client of the given options", exception=e, advice=advice) from e
    _believe_only_whole_answers(client)
    return client


def _advice_for_file(error: Exception) -> str | None:
    # Not with all other advice, by the name of its kind: what botocore says of connections is of that kind, too.
    if isinstance(error, OSError):
        return "the profile or the environment names that file, and it must be there and readable where this runs"
    return None


def _assume_role(
    make_client: t.Callable[..., BaseClient], role_arn: str, config: dict[str, t.Any]
) -> dict[str, str | None]:
    if not _ROLE_ARN.fullmatch(role_arn):
        raise SelectionError(
            "assume_role_arn must be the ARN of a role, such as arn:aws:iam::123456789012:role/NAME,"
            f" not {shown(role_arn)}"
        )
    sts = _make(make_client, "sts", **config)
    description = f"assume the role {quote(role_arn)}"
    answer = call(sts, "assume_role", description, RoleArn=role_arn, RoleSessionName=NAME)
    credentials = answer.get("Credentials", {})
    # botocore signs with empty ones too (measured), and then AWS' refusal says nothing about the role.
    texts = [credentials.get(name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
    if not all(isinstance(text, str) and text for text in texts):
        raise DamagedAnswerError(f"Failed to {description}: AWS' answer holds no credentials")
    return {
        # A profile and keys exclude each other.
        "profile_name": None,
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }


def _attempts(client: BaseClient) -> int:
    return int((client.meta.config.retries or {}).get("total_max_attempts") or TOTAL_MAX_ATTEMPTS)


def _pause(attempt: int, scale: float) -> float:
    """Seconds to wait after the failed attempt of this number: growing, capped, and different in every thread."""
    return random.random() * min(scale * 2.0 ** (attempt - 1), MAX_BACKOFF_SECONDS)


def _believe_only_whole_answers(client: BaseClient) -> None:
    """Check the raw body of every answer, and retry what botocore would not, by the client's own number of attempts.

    botocore makes an empty result of an HTTP 200 whose body is cut, empty or HTML, and raises nothing (measured), and
    from 1.43.127 on it does not compare a body with its announced length (measured).
    """
    total_attempts = _attempts(client)
    # Newer models name another protocol of Service Catalog's first, but the client goes on to speak JSON (measured).
    speaks_xml = client.meta.service_model.metadata.get("protocol") == "query"
    nothing_understood = {"ResponseMetadata"}

    def needs_retry(
        response: tuple[AWSResponse, dict[str, t.Any]] | None, attempts: int, **_event: t.Any
    ) -> float | None:
        if response is None:
            # No answer at all: botocore's own handler knows what to do.
            return None
        answer, parsed = response
        # That in which botocore has found a part of the service's model was whole: it takes JSON as a whole or not at
        # all (measured), and is stricter with XML. It is not parsed once more.
        parsed_as_a_whole = speaks_xml or not parsed.keys() <= nothing_understood
        damage = damage_of(answer.status_code, answer.headers, answer.content, parsed_as_a_whole)
        if not damage and not speaks_xml:
            damage = _misread(answer.content, parsed)
        # botocore does not retry a throttle in ValidationException's clothes, nor any throttle once the quota that
        # all threads of a client share is used up: 32 listings side by side would give up in a storm that passes.
        # Nor an answer to nothing: a proxy or a server that closes an idle connection says 408 as it goes (measured).
        is_late = answer.status_code == HTTPStatus.REQUEST_TIMEOUT
        if not damage and not is_late and not is_throttling(parsed.get("Error", {})):
            return None
        if attempts < total_attempts:
            return _pause(attempts, DAMAGE_BACKOFF_SECONDS if damage else THROTTLE_BACKOFF_SECONDS)
        if damage:
            raise _Damage(damage)
        return None

    client.meta.events.register(f"needs-retry.{client.meta.service_model.service_id.hyphenize()}", needs_retry)


def damage_of(status: int, headers: t.Mapping[str, str], body: bytes, parsed_as_a_whole: bool) -> str | None:
    """What is wrong with a raw answer, as words for a message; None if nothing is.

    An error's answer is left to botocore, which makes the best of any body. So is XML: that which is not whole, or has
    no result of the operation in it, its parser refuses (measured), unlike JSON.
    """
    if status >= 300:
        return None
    announced = headers.get("content-length")
    if announced is not None and not headers.get("content-encoding") and announced != str(len(body)):
        return f"the answer was cut off after {len(body)} of {quote(announced, 20)} bytes"
    if parsed_as_a_whole:
        return None
    if not body:
        return "the answer was empty"
    return None if _is_whole_object(body) else "the answer was not a whole JSON object"


def _misread(body: bytes, parsed: dict[str, t.Any]) -> str | None:
    """What botocore's JSON parser has made of a body that was something else, as words for a message."""
    # Only as an escape a half of a surrogate pair gets through; nobody could write it down again.
    if _ESCAPED_SURROGATE.search(body):
        try:
            json.dumps(json.loads(body), ensure_ascii=False).encode()
        except ValueError:
            return "the answer held half of a surrogate pair, which is no text"
    # An empty text or object becomes an empty list (measured).
    empty = [name for name, value in parsed.items() if value == []]
    told = json.loads(body) if empty else {}
    if not all(isinstance(told.get(name), list) for name in empty):
        return "the answer held something else in the place of a list"
    return None


def _is_whole_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (RecursionError, ValueError):
        return False
