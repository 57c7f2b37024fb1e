# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands that run quietly, and end when they shall."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from versions import DEV, ROOT, Failed
from versions.pythons import folders_with_programs, pythons


def environment(**more: str) -> dict[str, str]:
    """This machine's environment with real Pythons, and without what would steer Ansible, AWS or Python elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not re.match(r"ANSIBLE_|AWS_|BOTO|PYTHON", name)}
    first = [program.parent for program in pythons().values()]
    folders = dict.fromkeys(map(str, [*folders_with_programs(), *first]))
    return {**kept, "PATH": os.pathsep.join(folders), **more}


class Step:
    """A command that runs quietly beside others. Its output goes to a file, and to the screen if it fails."""

    def __init__(self, name: str, command: Sequence[str], env: dict[str, str]) -> None:
        self.name, self.began, self.seconds = name, time.monotonic(), 0.0
        self.log = DEV / "logs" / f"{name.replace(' ', '-')}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment(**env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def ended(self) -> bool:
        """Whether it has, by itself."""
        self.seconds = time.monotonic() - self.began
        return self.process.poll() is not None

    def passed(self) -> bool:
        """Wait for the end; show everything where it failed."""
        if self.process.wait():
            sys.stdout.write(self.log.read_text(encoding="utf-8", errors="replace"))
        return self.process.returncode == 0


def interrupt(process: subprocess.Popen[bytes]) -> None:
    """End it, if it still runs, as Ctrl+C does: nox and Ansible then end what they have started."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.wait()


def run(name: str, *command: str | Path, env: dict[str, str] | None = None) -> None:
    """Run one command and wait for it."""
    step = Step(name, [str(part) for part in command], env or {})
    try:
        if not step.passed():
            raise Failed(f"{name} failed with exit code {step.process.returncode}.")
    finally:
        interrupt(step.process)
