# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The base of this collection's modules. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible.module_utils import basic
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ._aws import client
from ._aws.supervision import Watch, supervise
from ._errors import CallError, ServiceCatalogError, as_error
from ._model.options import Connection, Options, argument_spec, refuse_numbers

if t.TYPE_CHECKING:
    from ._aws.client import Clients

Result = t.TypeVar("Result")

# YAML reads some names as numbers, and the argument spec makes strings of numbers before anything else sees them.
_NAMES = ("provisioned_product_ids", "provisioned_product_names", "ids", "names", "provisioning_artifact_name")


class Module(AnsibleAWSModule):
    """amazon.aws' module with one error edge: ``run``."""

    def __init__(self, *kinds: type[Options]) -> None:
        """Read the options of these dataclasses, and those of the connection."""
        super().__init__(argument_spec=argument_spec(*kinds, Connection), supports_check_mode=True)

    def run(self, main: t.Callable[[], dict[str, t.Any]]) -> t.NoReturn:
        """Exit with the result of a function, or fail with its error.

        Args:
            main: Returns the result, and raises ServiceCatalogError. A result with a true ``failed`` fails too.
        """
        try:
            # Ansible documents this function for modules that need their options as they were given.
            refuse_numbers(basic._load_params(), _NAMES)
            result = main()
        except ServiceCatalogError as e:
            self.fail_json(**e.as_result())
        if result.pop("failed", False):
            self.fail_json(**result)
        self.exit_json(**result)

    def supervise(self, work: t.Callable[[Clients], Result], concurrency: int, seconds: float | None = None) -> Result:
        """Connect, and run work with the clients within the time limits.

        Args:
            work: The work.
            concurrency: The number of connections to keep open.
            seconds: The time limit of the work; each API call has one of its own.

        Raises:
            ServiceCatalogError: What the work raises, or no connection can be made.
        """

        def connected(watch: Watch) -> Result:
            roles = {name: self.params.get(name) for name in ("assume_role_arn", "organizations_role_arn")}
            return work(client.connect(self.client, watch, concurrency=concurrency, **roles))

        try:
            return supervise(connected, seconds)
        except AnsibleAWSError as e:
            raise as_error(e) from e

    def fail_json_aws(
        self,
        exception: BaseException,
        msg: str | None = None,
        **kwargs: t.Any,  # noqa: ARG002 - amazon.aws' signature
    ) -> t.NoReturn:
        """Raise CallError where amazon.aws ends a module, as when no client can be made from the options."""
        raise CallError(str(msg), exception=t.cast("Exception", exception))
