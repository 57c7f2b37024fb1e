# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import SelectionError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import options as _selection
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._rollout import wait as _rollout


class ActionModule(ActionBase):
    """Waits on the controller, where lines can be shown, and looks with a module on the target host."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        if self._task.async_val:
            # A wait in the background shows nothing: the module of the same name waits on the target host.
            wrap_async = not self._connection.has_native_async
            return t.cast("dict[str, t.Any]", self._execute_module(task_vars=task_vars, wrap_async=wrap_async))
        spec = {**aws_argument_spec(), **_selection.ARGUMENT_SPEC, **_rollout.ARGUMENT_SPEC}
        _result, options = self.validate_argument_spec(argument_spec=spec)
        try:
            patience = _rollout.patience_from_options(options)
        except SelectionError as e:
            raise AnsibleActionFail(str(e)) from None

        def see() -> _rollout.Look:
            return self._see(task_vars)

        if self._task.check_mode:
            outcome = _rollout.look_once(see, patience)
        else:
            outcome = _rollout.wait(see, patience, self._display.display)
        for sentence in outcome.look.warnings:
            self._display.warning(sentence)
        return outcome.as_dict()

    def _see(self, task_vars: dict[str, t.Any] | None) -> _rollout.Look:
        arguments = {name: value for name, value in self._task.args.items() if name not in _rollout.ARGUMENT_SPEC}
        try:
            result: dict[str, t.Any] = self._execute_module(
                module_name="stackfleet.servicecatalog.stack_instance_info",
                module_args={**arguments, "describe_products": True},
                task_vars=task_vars,
            )
        except AnsibleConnectionFailure as e:
            # The way to the target host, not to AWS.
            raise _rollout.LookFailedError({"msg": str(e), "retryable": True}) from None
        if result.get("failed"):
            raise _rollout.LookFailedError(result)
        return _rollout.Look(
            result["provisioned_products"], result["stack_instances"], [str(w) for w in result.get("warnings", ())]
        )
