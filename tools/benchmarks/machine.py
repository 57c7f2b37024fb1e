# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a figure depends on: the machine, who else used it, and the versions."""

from __future__ import annotations

import os
import platform
import time
import typing as t
from importlib import metadata
from pathlib import Path

import yaml

PACKAGES = ("ansible-core", "awscli", "boto3", "botocore")


class Others:
    """Measures what other programs take of the machine from its making on."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._before = _cpu_seconds_of_others()

    def cpus(self) -> float:
        """How many CPUs they kept busy, on average."""
        return max(0.0, _cpu_seconds_of_others() - self._before) / (time.monotonic() - self._began)


def _cpu_seconds_of_others() -> float:
    """All that the machine worked, less what this process and its ended children did."""
    user, nice, system, _idle, _iowait, irq, softirq = map(int, Path("/proc/stat").read_text().split()[1:8])
    mine = os.times()
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK") - sum(mine[:4])


def machine() -> dict[str, t.Any]:
    """The machine, as far as it matters here."""
    models = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    memory = [int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")]
    return {
        "cpu": models[0] if models else platform.machine(),
        "cpus": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory[0] / 2**20),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
    }


def versions(collections: Path) -> dict[str, str]:
    """Of everything that is measured; O(collections) holds this collection and amazon.aws."""
    ours = yaml.safe_load((collections / "stackfleet" / "servicecatalog" / "galaxy.yml").read_text(encoding="utf-8"))
    manifest = yaml.safe_load((collections / "amazon" / "aws" / "MANIFEST.json").read_text(encoding="utf-8"))
    return {
        "stackfleet.servicecatalog": ours["version"],
        "Python": platform.python_version(),
        "amazon.aws": manifest["collection_info"]["version"],
        **{name: metadata.version(name) for name in PACKAGES},
    }


def _lines(file: str) -> list[str]:
    return Path(file).read_text(encoding="utf-8").splitlines()
