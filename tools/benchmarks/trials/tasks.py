# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules in playbooks."""

from __future__ import annotations

import json
import shlex
import sys
import typing as t
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.measure import USAGE, Contestant, Row, Sample, Target, Trial
from benchmarks.trials import fleet
from benchmarks.trials.listing import SERVICE_CATALOG_PAGE, boto3_loop
from benchmarks.workspace import HERE, Workspace


def trials(workspace: Workspace, scale: float) -> list[Trial]:
    """Return trials of a short task, of a long task, and of the memory of a large one."""
    return [
        _one_page(workspace),
        _against_shell(workspace, max(2, int(100 * scale))),
        _memory(workspace, int(100_000 * scale)),
    ]


def _playbook(
    workspace: Workspace,
    name: str,
    playbook: str,
    instances: int,
    variables: t.Mapping[str, t.Any] | None = None,
    **more: t.Any,
) -> Contestant:
    given = {"product": fleet.PRODUCT, "instances": instances, **(variables or {})}
    return Contestant(name, workspace.playbook(playbook, "--extra-vars", json.dumps(given)), **more)


def _one_page(workspace: Workspace) -> Trial:
    reports = workspace.scratch / "junit"

    def seconds_of_tasks(_output: str) -> Sample:
        """Return the duration of the tasks by name, from Ansible's callback junit."""
        [report] = reports.glob("*.xml")
        took = {"Ours": 0.0, "Theirs": 0.0}
        for case in ElementTree.parse(report).iter("testcase"):
            for name in took:
                if f": {name} " in f"{case.attrib['name']} ":
                    took[name] += float(case.attrib["time"])
        report.unlink()
        return took

    environment = {"ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit", "JUNIT_OUTPUT_DIR": str(reports)}
    return Trial(
        "task",
        [
            _playbook(
                workspace,
                "playbook",
                "task_of_one_page.yml",
                SERVICE_CATALOG_PAGE,
                environment=environment,
                parse=seconds_of_tasks,
                # Ten listings, and ten times two requests about the caller.
                expects={"requests": 30},
            )
        ],
        [
            Row(
                "task",
                "a task of one page against amazon.aws.aws_caller_info, ten of each in a playbook",
                ("playbook", "Ours"),
                ("playbook", "Theirs"),
                Target(at_most=1.1),
            )
        ],
        products=[fleet.product(SERVICE_CATALOG_PAGE, 1)],
    )


def _against_shell(workspace: Workspace, pages: int) -> Trial:
    instances = pages * SERVICE_CATALOG_PAGE

    def lines(output: str) -> Sample:
        return {"instances": len(output.splitlines())}

    return Trial(
        "shell",
        [
            _playbook(workspace, "playbook", "listing.yml", instances, expects={"requests": pages}),
            Contestant(
                "shell loop",
                [str(HERE / "peers" / "aws_cli_loop.sh"), fleet.PRODUCT],
                parse=lines,
                expects={"requests": pages, "instances": instances},
            ),
        ],
        [
            Row(
                "shell",
                f"a playbook with a task of {pages} pages, start to end, against a shell loop over"
                " aws servicecatalog list-stack-instances-for-provisioned-product",
                ("playbook", "wall"),
                ("shell loop", "wall"),
                Target(at_least=20),
            )
        ],
        products=[fleet.product(instances, 1)],
    )


def _memory(workspace: Workspace, instances: int) -> Trial:
    measured, interpreter = workspace.scratch / "measured.json", workspace.scratch / "measured_python"
    _write_program(interpreter, sys.executable, str(USAGE), str(measured), sys.executable)
    module = _playbook(
        workspace,
        "module",
        "listing.yml",
        instances,
        variables={"ansible_python_interpreter": str(interpreter)},
        parse=lambda _output: t.cast(Sample, json.loads(measured.read_text(encoding="utf-8"))),
        expects={"requests": instances // SERVICE_CATALOG_PAGE},
    )
    return Trial(
        "memory",
        [module, boto3_loop(workspace, "boto3 loop", instances)],
        [
            Row(
                "memory",
                f"{instances:,} instances: peak memory of the module against a boto3 loop that keeps them in a list",
                ("module", "peak"),
                ("boto3 loop", "peak"),
                Target(at_most=1.3),
            )
        ],
        products=[fleet.product(instances // len(fleet.REGIONS))],
    )


def _write_program(file: Path, *command: str) -> None:
    """Write a program for ansible_python_interpreter, which cannot have arguments."""
    file.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
    file.chmod(0o700)
