# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way from a lookup's options to AWS. Private to this collection.

Apart from the lookup, as boto3 takes far longer to import than a cached answer to read.
"""

from __future__ import annotations

import typing as t

from ansible_collections.amazon.aws.plugins.plugin_utils.lookup import AWSLookupBase

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._aws import client as _client
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import RaisesErrors
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._read import stack_instances as _listing

if t.TYPE_CHECKING:
    from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import Selection


def read(name: str, options: dict[str, t.Any], selection: Selection) -> _listing.Listing:
    """What the selection asks for, whole or an error.

    O(name) and O(options) are those of the lookup. Raises what L(_client.connect) and L(_listing.read) raise.
    """
    connection = _Connection(name, options)
    connection.require_aws_sdk()
    clients = _client.connect(
        connection.client, concurrency=selection.concurrency, assume_role_arn=options["assume_role_arn"]
    )
    return _listing.read(clients, selection)


class _Connection(RaisesErrors, AWSLookupBase):
    """amazon.aws' way to a client, with the options of another plugin."""

    def __init__(self, name: str, options: dict[str, t.Any]) -> None:
        super().__init__()
        self.ansible_name = name
        self._given = options

    def get_options(self, hostvars: t.Any = None) -> dict[str, t.Any]:  # noqa: ARG002 - Ansible's signature
        return self._given
