# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: lines_json
type: stdout
short_description: Write the result of each task as a line of JSON
description:
  - Write the result of each task as a line of JSON to standard output, as ansible.posix.jsonl does.
"""

import json
import sys
import typing as t

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "lines_json"

    def _write(self, result: t.Any, **_more: t.Any) -> None:
        # The public names are new in ansible-core 2.20.
        host, task, value = (
            getattr(result, name, None) or getattr(result, f"_{name}") for name in ("host", "task", "result")
        )
        line = {"host": host.get_name(), "task": task.get_name(), "result": self._clean(value, task)}
        sys.stdout.write(f"{json.dumps(line, default=str)}\n")
        sys.stdout.flush()

    def _clean(self, value: t.Mapping[str, t.Any], task: t.Any) -> dict[str, t.Any]:
        return {} if task.no_log else dict(value)

    v2_runner_on_ok = v2_runner_on_failed = v2_runner_on_unreachable = v2_runner_on_skipped = _write
