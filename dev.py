# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The door to this project for a machine that has Python and git, and nothing else.

It prepares what the checks and the demo need in the folder .dev, each thing once until its inputs change, and hands
over to nox or Ansible. Whoever has nox may use it directly; the checks are described in noxfile.py.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tools"))
from versions import DEV, Failed, matrix
from versions.checks import Check, default_checks, nox_environment, run_checks
from versions.pythons import settle_on_python
from versions.running import environment, interrupt, run
from versions.setting_up import alone, demo_tree, mock_python, nox_programs, set_up, virtualenv

LINTERS = (
    *("ruff", "typing", "yamllint", "ansible-lint", "docs-check"),
    *("extra-checks", "license-check", "changelog", "antsibull-nox-config", "tables", "workflows"),
)


def do_setup(_arguments: argparse.Namespace) -> None:
    set_up([settle_on_python()])


def do_test(arguments: argparse.Namespace) -> None:
    core = settle_on_python()
    set_up([core])
    env = nox_environment(core)
    run_checks([Check(name, name, env) for name in arguments.checks or default_checks(core)], arguments.jobs)


def do_lint(arguments: argparse.Namespace) -> None:
    core = settle_on_python()
    set_up([core])
    env = nox_environment(core)
    run_checks([Check(name, name, env) for name in LINTERS], arguments.jobs)


def do_matrix(arguments: argparse.Namespace) -> None:
    settle_on_python()
    matrix.run_matrix(arguments.cores, arguments.jobs, arguments.write_docs)


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
    env = environment(PYTHONPATH=str(ROOT / "tools"))
    os.execve(python, [str(python), "-m", "mock_endpoint", *arguments.passed_on], env)


def do_demo(arguments: argparse.Namespace) -> None:
    core = settle_on_python()
    with alone():
        programs = virtualenv(f"ansible-{core.version}", f"ansible-core=={core.version}.*", "boto3", "botocore")
        tree, python = demo_tree(core), mock_python()
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
        packages = (f"ansible-core=={core.version}.*", "tools/benchmarks/requirements.txt")
        python = virtualenv(f"bench-{core.version}", *packages) / "python"
        given = ["--mock-python", str(mock_python()), "--collections", str(demo_tree(core))]
    env = environment(PYTHONPATH=str(ROOT / "tools"))
    os.execve(python, [str(python), "-m", "benchmarks", *given, *arguments.passed_on], env)


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
    versions = add("matrix", do_matrix, "run the tests with every supported ansible-core and the oldest libraries")
    versions.add_argument("cores", nargs="*", metavar="core", help="only these, such as 2.18")
    versions.add_argument("--write-docs", action="store_true", help="put the table into the documentation")
    for verb in (test, lint, versions):
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
