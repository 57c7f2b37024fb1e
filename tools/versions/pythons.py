# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The releases of ansible-core that are supported, and the Pythons of this machine."""

from __future__ import annotations

import os
import sys
import typing as t
from pathlib import Path

from versions import ROOT, Failed

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


class Core(t.NamedTuple):
    """A release of ansible-core and what goes with it."""

    version: str
    ansible: int  # the community package that carries the amazon.aws of that time
    pip: str  # the pip that its ansible-test puts into virtual environments
    controllers: tuple[str, ...]  # Pythons that run it
    targets: tuple[str, ...]  # Pythons its modules run on


_OLD = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13")
_NEW = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
CORES = (
    Core("2.18", 11, "24.2", ("3.11", "3.12", "3.13"), _OLD),
    Core("2.19", 12, "24.2", ("3.11", "3.12", "3.13"), _OLD),
    Core("2.20", 13, "25.2", ("3.12", "3.13", "3.14"), _NEW),
    Core("2.21", 14, "25.2", ("3.12", "3.13", "3.14"), _NEW),
)


def folders_with_programs() -> list[Path]:
    """PATH without pyenv's shims, which fail for versions that are not chosen; the real folders stand in for them."""
    folders = [Path(entry) for entry in os.environ.get("PATH", os.defpath).split(os.pathsep) if entry]
    roots = {folder.parent for folder in folders if folder.name == "shims"}
    roots.add(Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv"))
    real = [found for root in sorted(roots) for found in sorted(root.glob("versions/3.*/bin"))]
    return [folder for folder in folders if folder.name != "shims"] + real


def pythons() -> dict[str, Path]:
    """The real Pythons of this machine, version → program."""
    found: dict[str, Path] = {}
    for version in dict.fromkeys(_OLD + _NEW):
        for folder in folders_with_programs():
            if os.access(folder / f"python{version}", os.X_OK):
                found.setdefault(version, folder / f"python{version}")
    return found


def core_for(version: str) -> Core | None:
    """The newest ansible-core that this Python runs."""
    return next((core for core in reversed(CORES) if version in core.controllers), None)


def settle_on_python() -> Core:
    """The core to work with; where this Python runs none of them, go on in another that does."""
    usable = {version: program for version, program in pythons().items() if core_for(version)}
    if not core_for(PYTHON) and usable:
        version, program = max(usable.items(), key=lambda item: int(item[0].split(".")[1]))
        print(f"ansible-core needs another Python than {PYTHON}: going on with Python {version}.", flush=True)
        os.execv(program, [str(program), str(ROOT / "dev.py"), *sys.argv[1:]])
    core = core_for(PYTHON)
    if core is None:
        raise Failed(f"No supported ansible-core runs on Python {PYTHON}, and no Python 3.11 to 3.14 was found.")
    return core
