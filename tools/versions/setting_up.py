# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the checks, the demo and the benchmark need, made in the folder .dev."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from versions import DEV, ROOT
from versions.pythons import PYTHON, Core
from versions.running import run

NOX = ("antsibull-nox==1.10.*", "nox==2026.*")


def prepared(folder: Path, inputs: Sequence[object], make: Callable[[], None]) -> Path:
    """A folder made from these inputs. Its stamp is written last, so that what was interrupted is made again."""
    stamp = folder / ".made-from"
    key = hashlib.sha256(repr(inputs).encode()).hexdigest()
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != key or is_orphaned(folder):
        print(f"preparing {folder.relative_to(ROOT)} ...", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        make()
        stamp.write_text(key, encoding="utf-8")
    return folder


def is_orphaned(virtual: Path) -> bool:
    """Whether this is a virtual environment whose Python has been removed."""
    return (virtual / "pyvenv.cfg").exists() and not (virtual / "bin" / "python").exists()


def virtualenv(name: str, *wanted: str) -> Path:
    """A virtual environment of this Python with these packages and files of requirements; answers its programs."""
    folder = DEV / name
    packages = [item for item in wanted if not item.endswith(".txt")]
    files = [ROOT / item for item in wanted if item.endswith(".txt") and (ROOT / item).exists()]
    arguments = [*packages, *(part for file in files for part in ("-r", str(file)))]

    def make() -> None:
        run(f"virtual environment {name}", sys.executable, "-m", "venv", folder)
        run(f"packages of {name}", folder / "bin" / "python", "-m", "pip", "install", *arguments)

    inputs = [str(folder), packages, [file.read_text(encoding="utf-8") for file in files]]
    return prepared(folder, inputs, make) / "bin"


def nox_programs() -> Path:
    return virtualenv(f"nox-{PYTHON}", *NOX)


def mock_python() -> Path:
    return virtualenv("mock", "tools/mock_endpoint/requirements.txt", "tools/mock_endpoint/tests/requirements.txt") / (
        "python"
    )


def collections(core: Core, release: str = "") -> Path:
    """A folder for ANSIBLE_COLLECTIONS_PATH with an amazon.aws: that of the named release of the ansible package, or of
    the newest one that goes with this core.

    It comes from that package, as the package index is there wherever pip works, while Galaxy may not be.
    """
    folder = DEV / "collections" / (f"{core.version}-of-{release}" if release else core.version)
    package, inside = f"ansible=={release or f'{core.ansible}.*'}", "ansible_collections/amazon/aws/"

    def make() -> None:
        with tempfile.TemporaryDirectory(dir=DEV) as scratch:
            pip = (nox_programs() / "python", "-m", "pip", "download", "--no-deps", "--only-binary", ":all:")
            run("amazon.aws", *pip, "--python-version", core.controllers[0], "--dest", scratch, package)
            [wheel] = Path(scratch).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(folder, [name for name in archive.namelist() if name.startswith(inside)])

    return prepared(folder, [package], make)


def pip_for_ansible_test(core: Core) -> None:
    """Where the script with which ansible-test installs pip is not cached, cache one that does it with a wheel.

    Its own one comes from a host that not every network lets through.
    """
    cache = Path.home() / ".ansible" / "test" / "cache"
    script = cache / f"get_pip_{core.pip.replace('.', '_')}.py"
    if script.exists():
        return
    cache.mkdir(parents=True, exist_ok=True)
    pip = (nox_programs() / "python", "-m", "pip", "download", "--no-deps", "--dest", cache)
    run(f"pip {core.pip}", *pip, f"pip=={core.pip}")
    text = (
        "import pathlib, runpy, sys\n"
        f'wheel = pathlib.Path(__file__).with_name("pip-{core.pip}-py3-none-any.whl")\n'
        "sys.path.insert(0, str(wheel))\n"
        'dropped = ("--no-setuptools", "--no-wheel")\n'
        'sys.argv[1:] = ["install", *(word for word in sys.argv[1:] if word not in dropped)]\n'
        'runpy.run_module("pip", run_name="__main__", alter_sys=True)\n'
    )
    unfinished = script.with_suffix(".unfinished")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(script)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One set-up at a time: two would wipe each other's folders."""
    DEV.mkdir(exist_ok=True)
    with (DEV / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def set_up(cores: Sequence[Core]) -> None:
    """Everything the checks need."""
    with alone():
        nox_programs()
        mock_python()
        for core in cores:
            collections(core)
            pip_for_ansible_test(core)


def demo_tree(core: Core) -> Path:
    """This collection beside amazon.aws, as links: what is edited is what runs.

    Only what Ansible reads is linked: a link to the whole clone would lead back into .dev, without an end.
    """
    place = collections(core).with_name(f"{core.version}-linked")
    shutil.rmtree(place, ignore_errors=True)
    ours = place / "ansible_collections" / "stackfleet" / "servicecatalog"
    ours.mkdir(parents=True)
    (place / "ansible_collections" / "amazon").symlink_to(collections(core) / "ansible_collections" / "amazon")
    for name in ("galaxy.yml", "meta", "playbooks", "plugins", "roles"):
        if (ROOT / name).exists():
            (ours / name).symlink_to(ROOT / name)
    return place
