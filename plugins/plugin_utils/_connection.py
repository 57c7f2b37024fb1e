# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection of plugins that run on the controller. Private to this collection.

The lookup imports this only to call AWS: importing boto3 takes far longer than reading a cached listing.
"""

from __future__ import annotations

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.plugin_utils.base import AWSPluginBase
from ansible_collections.amazon.aws.plugins.plugin_utils.lookup import AWSLookupBase

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws.supervision import Watch, supervise
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import (
    CallError,
    ServiceCatalogError,
    as_error,
)
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import stack_instances

if t.TYPE_CHECKING:
    from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Query


class Connecting(AWSPluginBase):
    """A mixin for the plugin bases of amazon.aws that raises errors of this collection."""

    def list_stack_instances(self, query: Query, assume_role_arn: str | None) -> stack_instances.Listing:
        """Connect with the plugin's options, and list the stack instances of a query.

        Raises:
            ServiceCatalogError: No connection can be made, or the listing is not complete.
        """

        def connected(watch: Watch) -> stack_instances.Listing:
            clients = client.connect(
                self.client,
                watch,
                concurrency=query.concurrency,
                assume_role_arn=assume_role_arn,
                organizations_role_arn=query.organizations_role_arn,
            )
            return stack_instances.read(clients, query)

        try:
            self.require_aws_sdk()
            return supervise(connected)
        except AnsibleAWSError as e:
            raise as_error(e) from e

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
