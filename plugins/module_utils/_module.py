# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The base of this collection's modules. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible.module_utils import basic
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ._aws import client
from ._aws.supervision import Watch, supervise
from ._errors import CallError, OptionError, ServiceCatalogError, UnexpectedError, as_error, masked
from ._model.options import Connection, Options, argument_spec, as_given, parse, refuse_numbers

if t.TYPE_CHECKING:
    from ._aws.client import Clients

Result = t.TypeVar("Result")

VERBOSITY_OF_RETRIES = 2
VERBOSITY_OF_TRACEBACKS = 3


class Module(AnsibleAWSModule):
    """amazon.aws' module with one error edge: ``run``."""

    def __init__(self, *kinds: type[Options]) -> None:
        """Read the options of these dataclasses, and those of the connection."""
        self._retries: list[str] = []
        spec = argument_spec(*kinds, Connection)

        class Given(basic.AnsibleModule):
            def _load_params(self) -> None:
                super()._load_params()
                self.params = as_given(self.params, spec)

        # amazon.aws ignores its parameter module_class, and always uses the default.
        defaults = AnsibleAWSModule.default_settings
        before = defaults["module_class"]
        defaults["module_class"] = Given
        try:
            super().__init__(argument_spec=spec, supports_check_mode=True)
        finally:
            defaults["module_class"] = before

    def run(self, main: t.Callable[[], dict[str, t.Any]]) -> t.NoReturn:
        """Exit with the result of a function, or fail with its error.

        Args:
            main: Returns the result, and raises ServiceCatalogError. A result with a true ``failed`` fails too.
        """
        try:
            # Ansible documents this function for modules that need their options as they were given.
            refuse_numbers(basic._load_params())
            result = main()
        except ServiceCatalogError as e:
            result = {**self.failure(e), "failed": True}
        except Exception as e:
            result = {**self.failure(UnexpectedError(e)), "failed": True}
        self._end(result)

    def failure(self, error: ServiceCatalogError) -> dict[str, t.Any]:
        """Return the part of the result that describes an error."""
        result = error.as_result()
        if not isinstance(error, OptionError):
            result.update(self._gather_versions())
        if self._verbosity >= VERBOSITY_OF_TRACEBACKS:
            # Ansible shows the traceback in "exception" only if its configuration enables that for all errors.
            result["traceback"] = error.traceback.splitlines()
        return result

    def _end(self, result: dict[str, t.Any]) -> t.NoReturn:
        if self._retries and self._verbosity >= VERBOSITY_OF_RETRIES:
            result["request_retries"] = self._retries
        # Ansible keeps the options in the result with -vvv. ansible-core 2.22 masks secrets only when it shows the
        # result, and not in the file of a background job.
        arguments = remove_values(self.params, self._module.no_log_values)
        result["invocation"] = {"module_args": masked(arguments)}
        if result.pop("failed", False):
            self.fail_json(**result)
        self.exit_json(**result)

    def warn(self, *args: t.Any, **kwargs: t.Any) -> None:
        """Issue a warning. amazon.aws would add it to the result too, which ansible-core deprecates."""
        self._module.warn(*args, **kwargs)

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
            return work(client.connect(self.client, watch, self.params, concurrency=concurrency))

        parse(Connection, self.params)
        try:
            return supervise(connected, seconds, self._retries.append)
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
