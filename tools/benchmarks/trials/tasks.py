# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules as Ansible runs them."""

from __future__ import annotations

import json
import shlex
import sys
import typing as t
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.lab import HERE, Lab
from benchmarks.measure import USAGE, Contestant, Row, Sample, Target, Trial
from benchmarks.trials import fleet
from benchmarks.trials.listing import SERVICE_CATALOG_PAGE, boto3_loop


def trials(lab: Lab, scale: float) -> list[Trial]:
    """A short task, a long one, and the memory of a huge one."""
    return [_one_page(lab), _against_shell(lab, max(2, int(100 * scale))), _memory(lab, int(100_000 * scale))]


def _playbook(
    lab: Lab, name: str, playbook: str, instances: int, variables: t.Mapping[str, t.Any] | None = None, **more: t.Any
) -> Contestant:
    given = {"product": fleet.PRODUCT, "instances": instances, **(variables or {})}
    return Contestant(name, lab.playbook(playbook, "--extra-vars", json.dumps(given)), **more)


def _one_page(lab: Lab) -> Trial:
    reports = lab.scratch / "junit"

    def seconds_of_tasks(_output: str) -> Sample:
        """What Ansible's own reporter says of the tasks of each name, from a task's start to its end."""
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
                lab,
                "playbook",
                "task_of_one_page.yml",
                SERVICE_CATALOG_PAGE,
                environment=environment,
                tell=seconds_of_tasks,
                # Ten listings, and twice ten questions about the caller.
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


def _against_shell(lab: Lab, pages: int) -> Trial:
    instances = pages * SERVICE_CATALOG_PAGE

    def lines(output: str) -> Sample:
        return {"instances": len(output.splitlines())}

    return Trial(
        "shell",
        [
            _playbook(lab, "playbook", "listing.yml", instances, expects={"requests": pages}),
            Contestant(
                "shell loop",
                [str(HERE / "peers" / "aws_cli_loop.sh"), fleet.PRODUCT],
                tell=lines,
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


def _memory(lab: Lab, instances: int) -> Trial:
    measured, interpreter = lab.scratch / "measured.json", lab.scratch / "measured_python"
    _write_program(interpreter, sys.executable, str(USAGE), str(measured), sys.executable)
    module = _playbook(
        lab,
        "module",
        "listing.yml",
        instances,
        variables={"ansible_python_interpreter": str(interpreter)},
        tell=lambda _output: t.cast(Sample, json.loads(measured.read_text(encoding="utf-8"))),
        expects={"requests": instances // SERVICE_CATALOG_PAGE},
    )
    return Trial(
        "memory",
        [module, boto3_loop(lab, "boto3 loop", instances)],
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
    """A program for Ansible's interpreter setting, which takes no arguments."""
    file.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
    file.chmod(0o700)
