# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection of plugins that run on the controller. Private to this collection.

The lookup imports this only to call AWS: importing boto3 takes far longer than reading a cached listing.
"""

from __future__ import annotations

import typing as t

try:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import NoCredentialsError
except ImportError:
    # amazon.aws reports a missing SDK before anything here is called.
    pass

from ansible.utils.display import Display
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.plugin_utils.base import AWSPluginBase
from ansible_collections.amazon.aws.plugins.plugin_utils.lookup import AWSLookupBase

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client, settings
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.supervision import (
    Watch,
    supervise,
    without_prompts,
)
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import (
    CallError,
    MalformedResponseError,
    ServiceCatalogError,
    UnexpectedError,
    as_error,
)
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Connection, parse
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import stack_instances

if t.TYPE_CHECKING:
    from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Query


# Only the cache depends on this call, so that it must not delay the others.
_STS_CONFIG = {
    "connect_timeout": 5,
    "read_timeout": 5,
    "retries": {"mode": settings.RETRY_MODE, "total_max_attempts": 2},
    "user_agent_extra": settings.NAME,
}
# Who has the credentials that were identified in this process.
_callers: dict[tuple[str, str], str] = {}


class Connecting(AWSPluginBase):
    """A mixin for the plugin bases of amazon.aws that raises errors of this collection."""

    if t.TYPE_CHECKING:

        def get_options(self, hostvars: t.Any = None) -> dict[str, t.Any]: ...

    progress: t.Callable[[], None] | None = None
    """Called after each response, and after each failed attempt."""
    _credentials: t.Mapping[str, str | None] = {}
    _identity: str | None = None

    def client(self, *service: t.Any, **parameters: t.Any) -> t.Any:
        """Make a client, as ``AWSPluginBase`` does, of the identity that ``identify`` returned."""
        made = super().client(*service, **{**self._credentials, **parameters})
        if self.progress:
            made.meta.events.register("response-received", self._note_progress)
        return made

    def identify(self) -> str:
        """Return who the requests are made as, and make all later ones with the same credentials.

        The ID of a long-term access key is sufficient. That of a session is different in each process, so that STS is
        called, once for each session.

        Raises:
            ServiceCatalogError: There are no credentials, or STS does not accept them.
        """
        try:
            if self._identity is None:
                self.require_aws_sdk()
                self._identity = self._identify()
        except AnsibleAWSError as e:
            raise as_error(e) from e
        except ServiceCatalogError:
            raise
        # botocore raises many kinds of errors for credentials that cannot be read.
        except Exception as e:
            raise CallError("Failed to identify the caller", exception=e) from e
        return self._identity

    def _identify(self) -> str:
        profile = self.get_options().get("profile") or None
        found = boto3.session.Session(profile_name=profile).get_credentials()
        if found is None:
            raise NoCredentialsError
        with without_prompts():
            frozen = found.get_frozen_credentials()
        self._credentials = {
            "aws_access_key_id": frozen.access_key,
            "aws_secret_access_key": frozen.secret_key,
            "aws_session_token": frozen.token,
        }
        if not frozen.token:
            return str(frozen.access_key)
        session = frozen.access_key, frozen.token
        if session not in _callers:
            _callers[session] = self._caller()
        return _callers[session]

    def _caller(self) -> str:
        sts = self.client("sts", config=Config(**_STS_CONFIG), **settings.endpoint("sts", self.get_options()))
        response = supervise(lambda watch: client.Client(sts, watch).call("get_caller_identity", "identify the caller"))
        caller = [str(response.get(name) or "") for name in ("Account", "Arn", "UserId")]
        if not all(caller):
            raise MalformedResponseError("Failed to identify the caller: the response contained no identity")
        return " ".join(caller)

    def _note_progress(self, **_event: t.Any) -> None:
        if self.progress:
            self.progress()

    def list_stack_instances(self, query: Query) -> stack_instances.Listing:
        """Connect with the plugin's options, and list the stack instances of a query.

        Raises:
            ServiceCatalogError: No connection can be made, or the listing is not complete.
        """

        def connected(watch: Watch) -> stack_instances.Listing:
            clients = client.connect(self.client, watch, options, concurrency=query.concurrency)
            return stack_instances.read(clients, query)

        options = self.get_options()
        try:
            parse(Connection, options)
            self.require_aws_sdk()
            return supervise(connected, show_retry=Display().vv)
        except AnsibleAWSError as e:
            raise as_error(e) from e
        except ServiceCatalogError:
            raise
        except Exception as e:
            raise UnexpectedError(e) from e

    def fail_aws(self, message: str, exception: Exception | None = None) -> t.NoReturn:
        """Raise an error where amazon.aws ends a plugin, as when no client can be made from the options."""
        raise ServiceCatalogError(message) if exception is None else CallError(message, exception=exception)


class LookupConnection(Connecting, AWSLookupBase):
    """A connection with the options of another plugin."""

    def __init__(self, name: str, options: dict[str, t.Any]) -> None:
        super().__init__()
        self.ansible_name = name
        self._given = options

    def get_options(self, hostvars: t.Any = None) -> dict[str, t.Any]:  # noqa: ARG002 - Ansible's signature
        """Return the options that were given."""
        return self._given
