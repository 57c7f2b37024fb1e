# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWS clients that retry what may pass and accept only complete responses. Private to this collection."""

from __future__ import annotations

import getpass
import json
import random
import threading
import time
import traceback
import typing as t
import uuid
from http import HTTPStatus

try:
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:
    # amazon.aws reports a missing SDK before anything here is called.
    pass

from .._advice import is_throttling
from .._errors import CallError, MalformedResponseError, ServiceCatalogError, quote
from . import settings
from .bounded import TooLargeError, limit_responses
from .integrity import defect
from .settings import TOTAL_MAX_ATTEMPTS
from .supervision import Watch, supervise

if t.TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from botocore.client import BaseClient
    from botocore.model import OperationModel, ServiceModel

    from .settings import Given

Json = t.Dict[str, t.Any]

THROTTLE_BACKOFF_SECONDS = 1.0
DEFECT_BACKOFF_SECONDS = 0.1
MAX_BACKOFF_SECONDS = 20.0
IDENTITY_SECONDS = 10.0
"""The longest that the request for the identity of a message may last."""

_QUICK = {"connect_timeout": 3, "read_timeout": 5, "retries": {"total_max_attempts": 1}}
_OF_CREDENTIALS = (EOFError, OSError, getpass.GetPassWarning, json.JSONDecodeError)
_NO_CLIENT = "Failed to make an AWS client from the connection options"
_ANOTHER_FORM = "the response did not have the form of AWS' model"


class Client:
    """One AWS service, as one identity in one Region."""

    def __init__(
        self, boto_client: BaseClient, watch: Watch, identify: t.Callable[[], str | None] = lambda: None
    ) -> None:
        self._boto_client = boto_client
        self._watch = watch
        self._attempts = _attempts(boto_client)
        self.identify = identify
        """Returns the identity that requests are made with, such as for a message, or None if it is not known."""
        limit_responses(boto_client)
        service = self.model.service_id.hyphenize()
        events = boto_client.meta.events
        events.register(f"needs-retry.{service}", _retry_handler(boto_client, self._attempts, watch))
        events.register(f"request-created.{service}", lambda **_event: watch.sending())

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
        # botocore makes a token for each call of its method, of which there is one for each attempt below.
        for token in self._operation_model(operation).idempotent_members:
            given.setdefault(token, str(uuid.uuid4()))
        method = getattr(self._boto_client, operation)
        with self._watch.call(description):
            for attempt in range(1, self._attempts + 1):
                try:
                    return t.cast("Json", method(**given))
                except Exception as e:
                    error = _as_error(e, description)
                    if error is None:
                        raise
                    if not isinstance(error, _FormError) or attempt == self._attempts:
                        raise error from e
                self._watch.failed(_ANOTHER_FORM)
                time.sleep(_pause(attempt, DEFECT_BACKOFF_SECONDS))
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _operation_model(self, operation: str) -> OperationModel:
        name = self._boto_client.meta.method_to_api_mapping[operation]
        return t.cast("OperationModel", self.model.operation_model(name))


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
        """The client of AWS Organizations, which may be another identity. Raises CallError."""
        return self._get("organizations")

    def _get(self, service: str) -> Client:
        with self._lock:
            if service not in self._made:
                self._made[service] = self._make(service)
            return self._made[service]


def connect(make_client: t.Callable[..., BaseClient], watch: Watch, options: Given, *, concurrency: int) -> Clients:
    """Make the clients for all other calls.

    Args:
        make_client: ``client`` of amazon.aws' module or plugin base, which has the credentials, the Region and the
            endpoint.
        watch: Notes the calls in progress.
        options: The options of the connection, which are valid by ``_model.options.Connection``.
        concurrency: The number of connections to keep open.

    Raises:
        CallError: The options make no client, or the role cannot be assumed.
        OptionError: Both a profile and keys are set.
    """
    settings.refuse_two_identities(options)
    role_arn = options.get("assume_role_arn")
    config = _config(options, concurrency)
    credentials: Json = {}

    def make(service: str, watch: Watch = watch, **more: t.Any) -> Client:
        given = {"aws_config": config, **settings.endpoint(service, options), **credentials, **more}
        made = _make(make_client, service, **given)
        return Client(made, watch, identify)

    identify = _identify(lambda watch: make("sts", watch, aws_config={**config, **_QUICK}))
    if role_arn:
        credentials.update(_assume_role(make("sts"), role_arn))

    def make_with_role(service: str) -> Client:
        role_arn = options.get("organizations_role_arn")
        if service != "organizations" or not role_arn:
            return make(service)
        return make(service, watch, **_assume_role(make("sts"), role_arn))

    return Clients(make_with_role)


class _DefectError(Exception):
    """Carries the description of a defective response out of botocore."""


class _FormError(MalformedResponseError):
    """A response that botocore's parser fails on, before the retry handler sees it."""


def _as_error(error: Exception, description: str) -> ServiceCatalogError | None:
    """Return what an API call raised as an error of this collection, or None for a bug."""
    failed = f"Failed to {description}"
    if isinstance(error, (_DefectError, TooLargeError)):
        return MalformedResponseError(f"{failed}: {error}; the result was discarded")
    if isinstance(error, (BotoCoreError, ClientError)):
        return CallError(failed, exception=error)
    modules = [frame.f_globals.get("__name__") for frame, _line in traceback.walk_tb(error.__traceback__)]
    if "botocore.parsers" in modules or modules[-1] == "botocore.endpoint":
        # For bytes that are not UTF-8, JSON that is not an object, XML that is incomplete, and values of types that
        # differ from the model (tests/unit/fuzz/test_responses.py).
        return _FormError(f"{failed}: {_ANOTHER_FORM}; the result was discarded")
    if "botocore.credentials" in modules or isinstance(error, _OF_CREDENTIALS):
        # botocore reads some credentials only now, or refreshes them.
        return CallError(failed, exception=error, advice=_file_advice(error))
    return None


def _config(options: Given, concurrency: int) -> Json:
    try:
        return settings.botocore_config(options, concurrency)
    except (BotoCoreError, ValueError) as e:
        raise CallError(_NO_CLIENT, exception=e) from e


def _make(make_client: t.Callable[..., BaseClient], service: str, **parameters: t.Any) -> BaseClient:
    try:
        return make_client(service, **parameters)
    except (AttributeError, BotoCoreError, OSError, TypeError, ValueError) as e:
        # amazon.aws lets pass what botocore raises for an invalid aws_config, and for a credential_process that does
        # not exist or prints JSON that is not an object.
        raise CallError(_NO_CLIENT, exception=e, advice=_file_advice(e)) from e


def _identify(make_sts: t.Callable[[Watch], Client]) -> t.Callable[[], str | None]:
    """Return a function that requests the identity once. No policy can deny this request."""

    def request(watch: Watch) -> str | None:
        response = make_sts(watch).call("get_caller_identity", "identify the caller")
        account, arn = response.get("Account"), response.get("Arn")
        return f"account {quote(account, 20)} as {quote(arn)}" if account and arn else None

    known: list[str | None] = []
    lock = threading.Lock()

    def identify() -> str | None:
        with lock:
            if not known:
                try:
                    known.append(supervise(request, IDENTITY_SECONDS))
                except (Exception, SystemExit):
                    # The error whose message this completes counts.
                    known.append(None)
            return known[0]

    return identify


def _file_advice(error: Exception) -> str | None:
    # Not in the table of advice: botocore's connection errors are OSErrors too.
    if isinstance(error, OSError):
        return "The profile or the environment refers to that file, which must exist and be readable"
    return None


def _assume_role(sts: Client, role_arn: str) -> Json:
    description = f"assume the role {quote(role_arn)}"
    response = sts.call("assume_role", description, RoleArn=role_arn, RoleSessionName=settings.NAME)
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
            watch.failed(quote(str(caught_exception)).rstrip("."))
            return None  # botocore's own handler decides on connection errors
        # Older versions of botocore make None of the JSON null.
        raw, parsed = response[0], response[1] or {}
        found = defect(raw.status_code, raw.headers, raw.content, parsed, is_xml=is_xml)
        # A proxy or server that closes an idle connection sends a 408 as a response to no request. botocore retries
        # neither this nor throttling by ValidationException, and no throttling at all when the retry quota that the
        # threads of a client share is used up.
        is_late = raw.status_code == HTTPStatus.REQUEST_TIMEOUT
        is_ours = found or is_late or is_throttling(parsed.get("Error", {}))
        if is_ours or raw.status_code >= 500:
            watch.failed(found or quote(parsed.get("Error", {}).get("Message")) or f"HTTP {raw.status_code}")
        if not is_ours:
            return None
        if attempts < total_attempts:
            return _pause(attempts, DEFECT_BACKOFF_SECONDS if found else THROTTLE_BACKOFF_SECONDS)
        if found:
            raise _DefectError(found)
        return None

    return needs_retry
