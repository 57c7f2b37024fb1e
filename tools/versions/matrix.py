# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The supported versions, tested together. A row is one combination of them, and a few runs of ansible-test.

Each run leaves a report of what it has really used; a table is made of the reports. What has passed is kept and not run
again, as long as the files that it reads are the same, with no changes beside the commit, and so are the Pythons.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import typing as t
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from versions import DEV, ROOT, Failed, matrix_table
from versions.checks import Check, nox_environment, run_checks
from versions.pythons import CORES, Core, pythons
from versions.setting_up import alone, collections, set_up
from versions.used import Used, version_key

OLDEST_ANSIBLE = "11.0.0"
"""The release of the ansible package that carries the oldest supported amazon.aws."""

RESULTS = DEV / "matrix.json"
KINDS = ("integration", "units", "old-target", "sanity")
"""The kinds of runs: those that take longest come first, so that no CPU waits for another at the end."""

READ = {
    "units": ("galaxy.yml", "meta", "noxfile.py", "playbooks", "plugins", "roles", "tests/devtools", "tests/unit"),
}
"""What a kind of runs depends on, where that are not all files: what is tested, its tests, and what chooses versions."""


class Row(t.NamedTuple):
    """Versions that are tested together."""

    core: Core
    controller: str  # the Python that Ansible runs on
    oldest: bool = False  # whether with the oldest boto3 and botocore instead of the newest
    release: str = ""  # of the ansible package, if another amazon.aws is wanted than the newest for this core

    @property
    def name(self) -> str:
        """What it is called in messages, and kept by."""
        return f"{self.core.version}{' oldest libraries' if self.oldest else ''}"


class Run(t.NamedTuple):
    """A run of ansible-test: a session of nox with arguments."""

    row: Row
    kind: str
    session: str
    arguments: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is called in messages, and kept by."""
        return f"{self.kind} {self.row.name}"


# --- Which versions --------------------------------------------------------------------------------------------------


def rows(here: Collection[str]) -> list[Row]:
    """The combinations that these Pythons allow.

    Every ansible-core comes with the newest libraries. The oldest ones come with the oldest amazon.aws on the oldest
    core, and with the newest amazon.aws on the newest core. The newest and the oldest Python of a controller take
    turns, so that each of them occurs.
    """
    found = []
    for number, core in enumerate(CORES):
        usable = [version for version in core.controllers if version in here]
        if not usable:
            continue
        found.append(Row(core, usable[0 if number % 2 else -1]))
        if core is CORES[0]:
            found.append(Row(core, usable[0], oldest=True, release=OLDEST_ANSIBLE))
        if core is CORES[-1]:
            found.append(Row(core, usable[-1], oldest=True))
    return found


def runs(row: Row, here: Collection[str]) -> list[Run]:
    """How a row is tested.

    The playbooks run where controller and target are one. What differs on the oldest Python of a target are modules, so
    that only playbooks that run modules there are run once more; and libraries make no difference to Ansible's own
    checks.
    """
    version = row.core.version
    everything = ("--python", row.controller)
    found = [
        Run(row, "integration", f"integration-{version}", everything),
        Run(row, "units", f"units-everywhere-{version}"),
    ]
    if row.oldest:
        return found
    oldest = next(target for target in row.core.targets if target in here)
    if oldest != row.controller:
        found.append(Run(row, "old-target", f"integration-{version}", ("--python", oldest, "context/target/")))
    return [*found, Run(row, "sanity", f"sanity-{version}")]


def oldest_libraries(amazon_aws: Path) -> dict[str, str]:
    """The oldest boto3 and botocore that both this collection and an amazon.aws in this folder support."""
    ours = (ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8")
    theirs = (amazon_aws / "plugins" / "module_utils" / "botocore.py").read_text(encoding="utf-8")
    return {
        name: max(
            _only(rf"^{name}>=([0-9.]+)$", ours),
            _only(rf'^MINIMUM_{name.upper()}_VERSION = "([0-9.]+)"$', theirs),
            key=version_key,
        )
        for name in ("boto3", "botocore")
    }


def _only(pattern: str, text: str) -> str:
    """What the pattern's group stands for in the one line that matches. Raises Failed."""
    found: list[str] = re.findall(pattern, text, re.MULTILINE)
    if len(found) != 1:
        raise Failed(f"The oldest supported version is not told in one line like {pattern}")
    return found[0]


# --- Running them ----------------------------------------------------------------------------------------------------


def run_matrix(only: Sequence[str], jobs: int, write_docs: bool) -> None:
    """Run what has not passed yet, print the table, and put it into the documentation if that is wanted."""
    here, states = pythons(), _states()
    wanted = _wanted(only, here)
    if write_docs and {row.core for row in wanted} != set(CORES):
        raise Failed("Only a whole matrix goes into the documentation.")
    if write_docs and not states:
        raise Failed("Only a commit goes into the documentation: there are uncommitted changes.")
    set_up(list(dict.fromkeys(row.core for row in wanted)))
    every = {run.name: run for run in in_order([run for row in wanted for run in runs(row, here)])}
    kept = _kept(every.values(), states)
    for name in every:
        if name in kept:
            print(f"passed before  {name}")
    with alone():
        waiting = [_check(run) for run in every.values() if run.name not in kept]

    def keep(check: Check) -> None:
        kept[check.name] = json.loads(_report(check.name).read_text(encoding="utf-8"))
        if states and states == _states():
            result = {"state": states[every[check.name].kind], "used": kept[check.name]}
            RESULTS.write_text(json.dumps({**_results(), check.name: result}, indent=2), encoding="utf-8")

    try:
        run_checks(waiting, jobs, keep)
    finally:
        table = [(row.name, {run.kind: kept.get(run.name) for run in runs(row, here)}) for row in wanted]
        print(f"\n{matrix_table.as_text(table)}", flush=True)
    if write_docs:
        if states != _states():
            raise Failed("The clone was changed while its tests ran, so nothing is written into the documentation.")
        print(f"Written into {matrix_table.write(table).relative_to(ROOT)}")


def in_order(every: Sequence[Run]) -> list[Run]:
    """Those first that take longest, and of these the ones with the oldest libraries, which are most likely to fail."""
    return sorted(every, key=lambda run: (KINDS.index(run.kind), not run.row.oldest))


def _wanted(only: Sequence[str], here: Collection[str]) -> list[Row]:
    """The rows of these cores, or of all. Those that no Python here runs are named. Raises Failed if none is left."""
    wanted = [row for row in rows(here) if row.core.version in (only or [row.core.version])]
    if not wanted:
        raise Failed(f"No Python here runs any of these ansible-cores: {', '.join(only)}.")
    for core in CORES:
        if core.version in (only or [core.version]) and core not in {row.core for row in wanted}:
            print(f"ansible-core {core.version} is left out: none of Python {', '.join(core.controllers)} is here.")
    return wanted


def _states() -> dict[str, str]:
    """What results of each kind are kept for: files and the Pythons of this machine. Empty if not all is committed."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=True, text=True).stdout

    if git("status", "--porcelain"):
        return {}
    here = "\n".join(map(str, pythons().values()))
    files = {kind: git("ls-files", "--stage", "--", *READ.get(kind, ["."])) for kind in KINDS}
    return {kind: hashlib.sha256(f"{listed}{here}".encode()).hexdigest() for kind, listed in files.items()}


def _results() -> dict[str, dict[str, t.Any]]:
    """What has passed before, name of a run → its state and its report."""
    try:
        return dict(json.loads(RESULTS.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _kept(every: Iterable[Run], states: Mapping[str, str]) -> dict[str, Used]:
    """What has passed in this state before, name of a run → its report."""
    results = _results()
    return {
        run.name: results[run.name]["used"]
        for run in every
        if run.name in results and results[run.name]["state"] == states.get(run.kind)
    }


def _report(name: str) -> Path:
    return DEV / "reports" / f"{name.replace(' ', '-')}.json"


def _check(run: Run) -> Check:
    """A run with the libraries of its row. Raises Failed if the oldest amazon.aws is not what we say we support."""
    folder = collections(run.row.core, run.row.release)
    amazon_aws = folder / "ansible_collections" / "amazon" / "aws"
    if run.row.release:
        manifest = json.loads((amazon_aws / "MANIFEST.json").read_text(encoding="utf-8"))
        oldest = _only(r'^  amazon.aws: ">=([0-9.]+)"$', (ROOT / "galaxy.yml").read_text(encoding="utf-8"))
        if manifest["collection_info"]["version"] != oldest:
            raise Failed(f"ansible {run.row.release} does not carry amazon.aws {oldest}: name the release that does.")
    report = _report(run.name)
    report.parent.mkdir(exist_ok=True)
    report.unlink(missing_ok=True)
    env: Mapping[str, str] = {**nox_environment(run.row.core, folder), "TESTED_REPORT": str(report)}
    if run.row.oldest:
        chosen = " ".join(f"{name}=={version}" for name, version in oldest_libraries(amazon_aws).items())
        env = {**env, "TESTED_WITH": chosen}
    return Check(run.name, run.session, env, run.arguments)
