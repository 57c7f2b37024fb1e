# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The conditions of a measurement: the machine, its load by other programs, and versions."""

from __future__ import annotations

import os
import platform
import time
import typing as t
from importlib import metadata
from pathlib import Path

import psutil
import yaml

PACKAGES = ("ansible-core", "awscli", "boto3", "botocore")


class OtherLoad:
    """Measures the load of the machine by other programs from its creation on."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._before = _cpu_seconds_of_others()

    def cpus(self) -> float:
        """Return how many CPUs other programs used on average."""
        return max(0.0, _cpu_seconds_of_others() - self._before) / (time.monotonic() - self._began)


def _cpu_seconds_of_others() -> float:
    """Return the CPU time of the machine without that of this process and its ended children."""
    times = psutil.cpu_times()
    return float(sum(times[:8]) - times.idle - times.iowait - sum(os.times()[:4]))


def machine() -> dict[str, t.Any]:
    """Return a description of the machine."""
    cpuinfo = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in cpuinfo if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.machine(),
        "cpus": len(os.sched_getaffinity(0)),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
    }


def versions(collections: Path) -> dict[str, str]:
    """Return the versions of all programs under test. The folder contains this collection and amazon.aws."""
    ours = yaml.safe_load((collections / "stackfleet" / "servicecatalog" / "galaxy.yml").read_text(encoding="utf-8"))
    manifest = yaml.safe_load((collections / "amazon" / "aws" / "MANIFEST.json").read_text(encoding="utf-8"))
    return {
        "stackfleet.servicecatalog": ours["version"],
        "Python": platform.python_version(),
        "amazon.aws": manifest["collection_info"]["version"],
        **{name: metadata.version(name) for name in PACKAGES},
    }
