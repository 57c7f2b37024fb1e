# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The door to this project for a machine that has Python and git, and nothing else.

It prepares what the checks and the demo need in the folder .dev, each thing once until its inputs change, and hands
over to nox or Ansible. Whoever has nox may use it directly; the checks are described in noxfile.py.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import typing as t
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
DEV = ROOT / ".dev"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

NOX = ("antsibull-nox==1.10.*", "nox==2026.*")
LINTERS = (
    *("ruff", "typing", "yamllint", "ansible-lint", "docs-check"),
    *("extra-checks", "license-check", "changelog", "antsibull-nox-config", "tables"),
)


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


class Failed(Exception):
    """What ends the run, in a sentence for whoever started it."""


# --- Pythons -------------------------------------------------------------------------------------------------------


def _folders_with_programs() -> list[Path]:
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
        for folder in _folders_with_programs():
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


# --- Running ---------------------------------------------------------------------------------------------------------


def environment(**more: str) -> dict[str, str]:
    """This machine's environment with real Pythons, and without what would steer Ansible, AWS or Python elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not re.match(r"ANSIBLE_|AWS_|BOTO|PYTHON", name)}
    first = [program.parent for program in pythons().values()]
    folders = dict.fromkeys(map(str, [*_folders_with_programs(), *first]))
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


# --- Setting up ------------------------------------------------------------------------------------------------------


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
    return virtualenv("mock", "tests/mock_endpoint/requirements.txt", "tests/mock_endpoint/tests/requirements.txt") / (
        "python"
    )


def collections(core: Core) -> Path:
    """A folder for ANSIBLE_COLLECTIONS_PATH with the amazon.aws of this core.

    It comes from the ansible package, as the package index is there wherever pip works, while Galaxy may not be.
    """
    folder = DEV / "collections" / core.version
    package, inside = f"ansible=={core.ansible}.*", "ansible_collections/amazon/aws/"

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


# --- Checks ----------------------------------------------------------------------------------------------------------


def nox_environment(core: Core) -> dict[str, str]:
    return {
        "ANSIBLE_COLLECTIONS_PATH": str(collections(core)),
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


def check(checks: Sequence[tuple[str, Core, Sequence[str]]], jobs: int) -> None:
    """Run sessions of nox with their arguments, some side by side, and tell how it went."""
    began = time.monotonic()
    waiting, running, done = list(checks), list[Step](), list[tuple[Step, bool]]()
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                session, core, arguments = waiting.pop(0)
                more = ["--", *arguments] if arguments else []
                command = [str(nox_programs() / "nox"), "-s", session, *more]
                running.append(Step(" ".join([session, *arguments]), command, nox_environment(core)))
            time.sleep(0.05)
            for step in [step for step in running if step.ended()]:
                running.remove(step)
                done.append((step, step.passed()))
                print(f"{'passed' if done[-1][1] else 'FAILED'} {step.seconds:5.0f} s  {step.name}", flush=True)
    finally:
        for step in running:
            interrupt(step.process)
    failed = [step.name for step, passed in done if not passed]
    print(f"\nThis took {time.monotonic() - began:.0f} s, {jobs} at a time.")
    if failed:
        print(f"Failed: {', '.join(failed)}")
    print(f"{len(done) - len(failed)} passed, {len(failed)} failed", flush=True)
    if failed:
        raise SystemExit(1)


# --- Verbs -----------------------------------------------------------------------------------------------------------


def do_setup(_arguments: argparse.Namespace) -> None:
    set_up([settle_on_python()])


def do_test(arguments: argparse.Namespace) -> None:
    core = settle_on_python()
    set_up([core])
    check([(name, core, ()) for name in arguments.checks or default_checks(core)], arguments.jobs)


def do_lint(arguments: argparse.Namespace) -> None:
    core = settle_on_python()
    set_up([core])
    check([(name, core, ()) for name in LINTERS], arguments.jobs)


def do_matrix(arguments: argparse.Namespace) -> None:
    settle_on_python()
    here = pythons()
    cores = [core for core in CORES if core.version in (arguments.cores or [core.version])]
    runnable = [core for core in cores if set(core.controllers) & set(here)]
    if not runnable:
        raise Failed(f"No Python here runs any of these ansible-cores: {', '.join(arguments.cores or [])}.")
    for core in set(cores) - set(runnable):
        print(f"ansible-core {core.version} is left out: none of Python {', '.join(core.controllers)} is here.")
    set_up(runnable)
    checks: list[tuple[str, Core, Sequence[str]]] = []
    for core in runnable:
        checks += [(f"sanity-{core.version}", core, ()), (f"units-everywhere-{core.version}", core, ())]
        pairs = [version for version in core.targets if version in here]
        checks += [(f"integration-{core.version}", core, ("--python", version)) for version in pairs]
    check(checks, arguments.jobs)


def do_docs(_arguments: argparse.Namespace) -> None:
    core = settle_on_python()
    set_up([core])
    run("tables", nox_programs() / "nox", "-s", "tables", "--", "--write", env=nox_environment(core))
    run("docs", nox_programs() / "nox", "-s", "docs", env=nox_environment(core))
    print(f"Open {DEV / 'docs' / 'build' / 'html' / 'index.html'}")


def do_release(_arguments: argparse.Namespace) -> None:
    core = settle_on_python()
    set_up([core])
    run("release", nox_programs() / "nox", "-s", "changelog", "--", "release", env=nox_environment(core))
    print("CHANGELOG.md and changelogs/ hold the release's entry now: look at it, commit and tag.")


def do_mock(arguments: argparse.Namespace) -> None:
    with alone():
        python = mock_python()
    # This process becomes the endpoint, so that Ctrl+C and every other signal reach it.
    env = environment(PYTHONPATH=str(ROOT / "tests"))
    os.execve(python, [str(python), "-m", "mock_endpoint", *arguments.passed_on], env)


def do_demo(arguments: argparse.Namespace) -> None:
    core = settle_on_python()
    with alone():
        programs = virtualenv(f"ansible-{core.version}", f"ansible-core=={core.version}.*", "boto3", "botocore")
        tree, python = demo_tree(core), mock_python()
    sys.path.insert(0, str(ROOT / "tests"))
    from mock_endpoint.process import MockEndpoint

    with MockEndpoint(str(python), "--fleet", str(ROOT / "demo" / "fleet.json")) as endpoint:
        env = environment(
            ANSIBLE_COLLECTIONS_PATH=str(tree),
            ANSIBLE_CONFIG=str(ROOT / "demo" / "ansible.cfg"),
            AWS_URL=endpoint.url,
            AWS_ACCESS_KEY_ID="testing",
            AWS_SECRET_ACCESS_KEY="testing",
            AWS_REGION="eu-west-1",
        )
        playbook = subprocess.Popen(
            [str(programs / "ansible-playbook"), "demo/playbook.yml", *arguments.passed_on], cwd=ROOT, env=env
        )
        try:
            code = playbook.wait()
        finally:
            interrupt(playbook)
    if code:
        raise Failed(f"The demo's playbook ended with exit code {code}.")


def do_bench(arguments: argparse.Namespace) -> None:
    core = settle_on_python()
    with alone():
        packages = (f"ansible-core=={core.version}.*", "tests/benchmarks/requirements.txt")
        python = virtualenv(f"bench-{core.version}", *packages) / "python"
        given = ["--mock-python", str(mock_python()), "--collections", str(demo_tree(core))]
    env = environment(PYTHONPATH=str(ROOT / "tests"))
    os.execve(python, [str(python), "-m", "benchmarks", *given, *arguments.passed_on], env)


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


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        description="Work on the collection stackfleet.servicecatalog, with nothing but Python and git.",
        epilog="Everything made on the way is in the folder .dev, which may be deleted at any time.",
    )
    verbs = top.add_subparsers(title="verbs", metavar="verb", required=True)

    def add(name: str, does: Callable[[argparse.Namespace], None], text: str) -> argparse.ArgumentParser:
        verb = verbs.add_parser(name, help=text, description=text)
        verb.set_defaults(does=does)
        return verb

    add(
        "demo",
        do_demo,
        "run the demo's playbook against a mock AWS endpoint, without an AWS account; passes options such as -v on",
    )
    test = add("test", do_test, "run every check, or those that are named")
    test.add_argument("checks", nargs="*", metavar="check", help="a session of noxfile.py, such as units-2.21")
    lint = add("lint", do_lint, "run the quick checks only: those that run none of the code")
    matrix = add("matrix", do_matrix, "run the tests with every supported ansible-core on every Python that is here")
    matrix.add_argument("cores", nargs="*", metavar="core", help="only these, such as 2.18")
    for verb in (test, lint, matrix):
        verb.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="how many checks run at a time")
    add("bench", do_bench, "measure the collection against its peers; passes options on (-- --help tells them)")
    add("mock", do_mock, "start the mock AWS endpoint until Ctrl+C; passes options on (-- --help tells them)")
    add("docs", do_docs, "write the documentation's tables, and build it as a web site in .dev/docs")
    add("release", do_release, "turn the changelog's fragments into the entry of the version in galaxy.yml")
    add("setup", do_setup, "only prepare what the checks need, for those who run nox themselves")
    return top


def main() -> None:
    top = parser()
    arguments, others = top.parse_known_args()
    if others and arguments.does not in (do_bench, do_demo, do_mock):
        top.error(f"unknown: {' '.join(others)}")
    arguments.passed_on = [word for word in others if word != "--"]
    # A terminated run ends like an interrupted one: what was started is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        arguments.does(arguments)
    except Failed as problem:
        sys.exit(f"{problem}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
