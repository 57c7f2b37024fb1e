# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
import typing as t

from ansible import constants
from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._errors import OptionError
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model import wait_options
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._model.options import (
    Connection,
    Selection,
    argument_spec,
    as_given,
)
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._rollout.judge import (
    EMPTY,
    Observation,
    Verdict,
)
from ansible_collections.stackfleet.servicecatalog.plugins.module_utils._rollout.wait import (
    NOT_READY,
    PollFailedError,
    wait,
)

# Callbacks that write JSON or another structured format to standard output, which a progress line would break.
_STRUCTURED_CALLBACK = re.compile("json|xml|csv|tap|null")


class ActionModule(ActionBase):
    """Waits on the controller, where it can show progress, and polls with the module of the same name on the target."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        if self._task.async_val or self._task.check_mode:
            # The module waits in the background, or polls once, by itself.
            wrap_async = bool(self._task.async_val) and not self._connection.has_native_async
            return t.cast("dict[str, t.Any]", self._execute_module(task_vars=task_vars, wrap_async=wrap_async))
        own = argument_spec(Selection, wait_options.WaitOptions, Connection)
        self._task.args = as_given(self._task.args, own)
        spec = {**aws_argument_spec(), **own}
        _result, given = self.validate_argument_spec(argument_spec=spec)
        try:
            _query, options = wait_options.parse(given)
        except OptionError as e:
            return {**e.as_result(), "failed": True}

        def poll(seconds: float) -> tuple[Observation, Verdict, t.Sequence[t.Any]]:
            return self._poll(seconds, task_vars)

        result = wait(poll, options, self._progress(task_vars or {}))
        # Passed on as they are: their type differs between versions of ansible-core.
        return {**result.as_dict(), **({"warnings": list(result.warnings)} if result.warnings else {})}

    def _poll(
        self, seconds: float, task_vars: dict[str, t.Any] | None
    ) -> tuple[Observation, Verdict, t.Sequence[t.Any]]:
        # Without a timeout the module polls once, for at most the seconds of one sleep.
        sleep = min(max(1, int(seconds)), wait_options.LONGEST_WAIT)
        arguments = {**self._task.args, "timeout": 0, "delay": 0, "sleep": sleep}
        try:
            result: dict[str, t.Any] = self._execute_module(module_args=arguments, task_vars=task_vars)
        except AnsibleConnectionFailure as e:
            raise PollFailedError({"msg": str(e), "unreachable": True, "retryable": False}) from None
        for line in result.get("request_retries", ()):
            self._display.vv(str(line), host=(task_vars or {}).get("inventory_hostname"))
        outcome = result.get("outcome", "call_failed")
        if outcome == "call_failed":
            raise PollFailedError(result)
        observation = t.cast("Observation", {name: result[name] for name in EMPTY})
        message = str(result.get("msg", ""))
        if message.startswith(NOT_READY):
            message = message[len(NOT_READY) :]
        verdict = Verdict("waiting" if outcome == "timed_out" else outcome, message)
        return observation, verdict, result.get("warnings", ())

    def _progress(self, task_vars: t.Mapping[str, t.Any]) -> t.Callable[[str], None]:
        """Return what shows a progress line."""
        hosts = task_vars.get("ansible_play_batch") or ()
        host = f"[{task_vars['inventory_hostname']}] " if len(hosts) > 1 else ""
        to_stderr = bool(_STRUCTURED_CALLBACK.search(str(constants.config.get_config_value("DEFAULT_STDOUT_CALLBACK"))))

        def show(line: str) -> None:
            if not self._task.no_log:
                self._display.display(f"{host}{line}", stderr=to_stderr)

        return show
