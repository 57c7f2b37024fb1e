# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWS clients that retry what may pass and accept only complete responses. Private to this collection."""

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
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError
except ImportError:
    # amazon.aws reports a missing SDK before anything here is called.
    pass

from .._errors import CallError, MalformedResponseError, OptionError, is_throttling, quote, shown
from .integrity import defect
from .supervision import Watch

if t.TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from botocore.client import BaseClient
    from botocore.model import ServiceModel

Json = t.Dict[str, t.Any]

NAME = "stackfleet.servicecatalog"

# botocore's defaults differ between versions: legacy with 5 attempts, from 1.44 on standard with 3.
RETRY_MODE = "standard"
TOTAL_MAX_ATTEMPTS = 10
THROTTLE_BACKOFF_SECONDS = 1.0
DEFECT_BACKOFF_SECONDS = 0.1
MAX_BACKOFF_SECONDS = 20.0

# What botocore's parsers raise, in addition to an error of their own, for a response of an unexpected form.
_PARSER_ERRORS = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)

_ROLE_ARN = re.compile(r"arn:[\w-]+:iam::[0-9]{12}:role/[\w+=,.@/-]+")


class Client:
    """One AWS service, as one identity in one Region."""

    def __init__(self, boto_client: BaseClient, watch: Watch) -> None:
        self._boto_client = boto_client
        self._watch = watch
        self._attempts = _attempts(boto_client)
        boto_client.meta.events.register(
            f"needs-retry.{self.model.service_id.hyphenize()}", _retry_handler(boto_client, self._attempts, watch)
        )

    @property
    def model(self) -> ServiceModel:
        """botocore's model of the service."""
        return t.cast("ServiceModel", self._boto_client.meta.service_model)

    @property
    def region(self) -> str:
        """The Region that requests go to."""
        return str(self._boto_client.meta.region_name)

    def call(self, operation: str, description: str, **parameters: t.Any) -> Json:
        """Call an operation, with retries.

        Args:
            operation: The name of the client's method.
            description: Completes the sentence "Failed to ...".
            parameters: The parameters of the operation; those that are None are not sent.

        Raises:
            CallError: AWS refused the request, or did not respond.
            MalformedResponseError: No attempt returned a complete response.
        """
        given = {name: value for name, value in parameters.items() if value is not None}
        method = getattr(self._boto_client, operation)
        for attempt in range(1, self._attempts + 1):
            try:
                with self._watch.call(description):
                    return t.cast("Json", method(**given))
            except _DefectError as e:
                raise MalformedResponseError(f"Failed to {description}: {e}; the result was discarded") from None
            except (BotoCoreError, ClientError) as e:
                raise CallError(f"Failed to {description}", exception=e) from e
            except (json.JSONDecodeError, OSError) as e:
                # Not a response: botocore reads some credentials only now, or refreshes them.
                raise CallError(f"Failed to {description}", exception=e, advice=_file_advice(e)) from e
            except (*_PARSER_ERRORS, ResponseParserError):
                # botocore's parser raises these, before the retry handler sees the response, for bytes that are not
                # UTF-8, JSON that is not an object, XML that is incomplete, and values of types that differ from the
                # model (tests/unit/fuzz/test_responses.py).
                if attempt == self._attempts:
                    raise MalformedResponseError(
                        f"Failed to {description}: the response did not have the form of AWS' model; the result was"
                        " discarded"
                    ) from None
                time.sleep(_pause(attempt, DEFECT_BACKOFF_SECONDS))
        raise AssertionError("unreachable: the last attempt returns or raises")


class Clients:
    """The clients of one identity in one Region. Each is made when it is first used, as few queries need all."""

    def __init__(self, make: t.Callable[[str], Client]) -> None:
        self._make = make
        self._made: dict[str, Client] = {}
        self._lock = threading.Lock()

    @property
    def service_catalog(self) -> Client:
        """The client of Service Catalog. Raises CallError."""
        return self._get("servicecatalog")

    @property
    def cloudformation(self) -> Client:
        """The client of CloudFormation. Raises CallError."""
        return self._get("cloudformation")

    @property
    def organizations(self) -> Client:
        """The client of AWS Organizations, which may be another identity. Raises CallError and OptionError."""
        return self._get("organizations")

    def _get(self, service: str) -> Client:
        with self._lock:
            if service not in self._made:
                self._made[service] = self._make(service)
            return self._made[service]


def connect(
    make_client: t.Callable[..., BaseClient],
    watch: Watch,
    *,
    concurrency: int,
    assume_role_arn: str | None = None,
    organizations_role_arn: str | None = None,
) -> Clients:
    """Make the clients for all other calls.

    Args:
        make_client: ``client`` of amazon.aws' module or plugin base, which has the credentials, the Region and the
            endpoint. The user's ``aws_config`` has precedence over the settings made here.
        watch: Notes the calls in progress.
        concurrency: The number of connections to keep open.
        assume_role_arn: The role to assume first.
        organizations_role_arn: The role to assume then, for the client of Organizations only.

    Raises:
        CallError: The options make no client, or the role cannot be assumed.
        OptionError: ``assume_role_arn`` is not the ARN of a role.
    """
    config = {"config": _config(concurrency)}

    def make(service: str, **parameters: t.Any) -> Client:
        return Client(_make(make_client, service, **config, **parameters), watch)

    credentials = _assume_role(make, assume_role_arn) if assume_role_arn else {}

    def make_with_role(service: str) -> Client:
        if service != "organizations" or not organizations_role_arn:
            return make(service, **credentials)
        role = _assume_role(lambda sts: make(sts, **credentials), organizations_role_arn)
        return make(service, **role)

    return Clients(make_with_role)


class _DefectError(Exception):
    """Carries the description of a defective response out of botocore."""


def _config(concurrency: int) -> Config:
    return Config(
        retries={"mode": RETRY_MODE, "total_max_attempts": TOTAL_MAX_ATTEMPTS},
        max_pool_connections=concurrency,
        user_agent_extra=NAME,
    )


def _make(make_client: t.Callable[..., BaseClient], service: str, **parameters: t.Any) -> BaseClient:
    try:
        return make_client(service, **parameters)
    except (AttributeError, BotoCoreError, OSError, TypeError, ValueError) as e:
        # amazon.aws lets pass what botocore raises for an invalid aws_config, and for a credential_process that does
        # not exist or prints JSON that is not an object.
        message = "Failed to make an AWS client from the connection options"
        raise CallError(message, exception=e, advice=_file_advice(e)) from e


def _file_advice(error: Exception) -> str | None:
    # Not in the table of advice: botocore's connection errors are OSErrors too.
    if isinstance(error, OSError):
        return "The profile or the environment refers to that file, which must exist and be readable"
    return None


def _assume_role(make: t.Callable[[str], Client], role_arn: str) -> dict[str, str | None]:
    if not _ROLE_ARN.fullmatch(role_arn):
        raise OptionError(
            "assume_role_arn must be the ARN of a role, such as arn:aws:iam::123456789012:role/NAME,"
            f" but is {shown(role_arn)}"
        )
    description = f"assume the role {quote(role_arn)}"
    response = make("sts").call("assume_role", description, RoleArn=role_arn, RoleSessionName=NAME)
    credentials = response.get("Credentials", {})
    # botocore signs with empty credentials too, and the error that follows does not mention the role.
    values = [credentials.get(name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
    if not all(isinstance(value, str) and value for value in values):
        raise MalformedResponseError(f"Failed to {description}: the response contained no credentials")
    return {
        # A profile and keys exclude each other.
        "profile_name": None,
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }


def _attempts(boto_client: BaseClient) -> int:
    return int((boto_client.meta.config.retries or {}).get("total_max_attempts") or TOTAL_MAX_ATTEMPTS)


def _pause(attempt: int, scale: float) -> float:
    """Return the seconds to wait after this attempt: growing, capped, and different in every thread."""
    return random.random() * min(scale * 2.0 ** (attempt - 1), MAX_BACKOFF_SECONDS)


def _retry_handler(boto_client: BaseClient, total_attempts: int, watch: Watch) -> t.Callable[..., float | None]:
    """Make botocore check every response, and retry what it would not retry by itself."""
    is_xml = boto_client.meta.service_model.metadata.get("protocol") == "query"

    def needs_retry(
        response: tuple[AWSResponse, Json] | None,
        attempts: int,
        caught_exception: Exception | None = None,
        **_event: t.Any,
    ) -> float | None:
        if response is None:
            watch.last_fault = quote(str(caught_exception)).rstrip(".")
            return None  # botocore's own handler decides on connection errors
        raw, parsed = response
        found = defect(raw.status_code, raw.headers, raw.content, parsed, is_xml=is_xml)
        # A proxy or server that closes an idle connection sends a 408 as a response to no request. botocore retries
        # neither this nor throttling by ValidationException, and no throttling at all when the retry quota that the
        # threads of a client share is used up.
        is_late = raw.status_code == HTTPStatus.REQUEST_TIMEOUT
        if not found and not is_late and not is_throttling(parsed.get("Error", {})):
            return None
        watch.last_fault = found or quote(parsed.get("Error", {}).get("Message")) or f"HTTP {raw.status_code}"
        if attempts < total_attempts:
            return _pause(attempts, DEFECT_BACKOFF_SECONDS if found else THROTTLE_BACKOFF_SECONDS)
        if found:
            raise _DefectError(found)
        return None

    return needs_retry
