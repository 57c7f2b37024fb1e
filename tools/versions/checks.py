# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sessions of noxfile.py, some of them side by side."""

from __future__ import annotations

import json
import subprocess
import time
import typing as t
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from versions import ROOT, Failed
from versions.pythons import Core
from versions.running import Step, environment, interrupt
from versions.setting_up import collections, mock_python, nox_programs


class Check(t.NamedTuple):
    """A session of nox, and how it is run."""

    name: str
    session: str
    env: Mapping[str, str]
    arguments: tuple[str, ...] = ()


def nox_environment(core: Core, amazon_aws: Path | None = None) -> dict[str, str]:
    return {
        "ANSIBLE_COLLECTIONS_PATH": str(amazon_aws or collections(core)),
        "MOCK_ENDPOINT_PYTHON": str(mock_python()),
        "PIP_QUIET": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def default_checks(core: Core) -> list[str]:
    """The sessions that nox runs when none is named."""
    command = [str(nox_programs() / "nox"), "--list", "--json"]
    env = environment(**nox_environment(core))
    listed = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=False, text=True)
    if listed.returncode:
        raise Failed(f"nox can't read its sessions:\n{listed.stdout}{listed.stderr}")
    names = [session["name"] for session in json.loads(listed.stdout)]
    return [name for name in dict.fromkeys(names) if name != "lint"]  # that one only names others


def started(check: Check) -> Step:
    """The check as a command that runs from now on."""
    more = ["--", *check.arguments] if check.arguments else []
    return Step(check.name, [str(nox_programs() / "nox"), "-s", check.session, *more], dict(check.env))


def next_of(waiting: Sequence[Check], running: Sequence[Check]) -> Check | None:
    """The check to start next: two runs of a session would install into the same virtual environment."""
    busy = {check.session for check in running}
    return next((check for check in waiting if check.session not in busy), None)


def run_checks(checks: Sequence[Check], jobs: int, on_pass: Callable[[Check], None] | None = None) -> None:
    """Run them and tell how it went, O(on_pass) being called after each that has passed. Raises Failed."""
    began = time.monotonic()
    waiting, running, failed = list(checks), list[tuple[Check, Step]](), list[str]()
    try:
        while waiting or running:
            while len(running) < jobs and (check := next_of(waiting, [check for check, _step in running])):
                waiting.remove(check)
                running.append((check, started(check)))
            time.sleep(0.05)
            for check, step in [entry for entry in running if entry[1].ended()]:
                running.remove((check, step))
                passed = step.passed()
                print(f"{'passed' if passed else 'FAILED'} {step.seconds:5.0f} s  {check.name}", flush=True)
                if not passed:
                    failed.append(check.name)
                elif on_pass:
                    on_pass(check)
    finally:
        for _check, step in running:
            interrupt(step.process)
    print(f"\nThis took {time.monotonic() - began:.0f} s, {jobs} at a time.")
    if failed:
        print(f"Failed: {', '.join(failed)}")
    print(f"{len(checks) - len(failed)} passed, {len(failed)} failed", flush=True)
    if failed:
        raise SystemExit(1)
