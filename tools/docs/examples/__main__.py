# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run every example of the documentation: C(python -m doc_examples), with C(tests/) as the working directory, in an
environment that has Ansible and this collection.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from docs.examples import expectations
from docs.examples.blocks import Block, documents
from docs.examples.lab import Lab
from docs.examples.runner import Account, run_document
from mock_endpoint.process import MockEndpoint


def main() -> None:
    """Run them, tell of each document, and fail if one example does or an expectation fits nothing."""
    parser = argparse.ArgumentParser(prog="python -m doc_examples", description=__doc__.partition(":")[0])
    parser.add_argument("--mock-python", required=True, help="the Python that runs the mock endpoint")
    parser.add_argument("--jobs", type=int, default=2, help="how many documents are run at a time")
    parser.add_argument("documents", nargs="*", help="a part of their names; every document without any")
    given = parser.parse_args()
    found = documents()
    chosen = [name for name in found if not given.documents or any(part in name for part in given.documents)]

    def account_of(name: str) -> Account:
        return _account_of(name, found[name], given.mock_python)

    with ThreadPoolExecutor(given.jobs) as pool:
        accounts = []
        for account in pool.map(account_of, chosen):
            _tell(account)
            accounts.append(account)
    failed = sum(len(account.failed) for account in accounts)
    run, excused = sum(len(a.run) for a in accounts), sum(len(a.excused) for a in accounts)
    total = sum(len(found[name]) for name in chosen)
    print(f"{len(chosen)} documents, {total} blocks: {run} run, {excused} excused, {failed} failed")
    idle = set() if given.documents else _idle({entry for account in accounts for entry in account.used})
    for entry in idle:
        print(f"No block needs the expectation {entry}")
    if failed or idle or not total or run + excused != total:
        sys.exit(1)


def _account_of(name: str, blocks: list[Block], mock_python: str) -> Account:
    if not blocks:
        return Account(name)
    with tempfile.TemporaryDirectory(prefix="doc_examples.") as folder, MockEndpoint(
        mock_python, timeout=300
    ) as endpoint:
        return run_document(name, blocks, Lab(Path(folder), endpoint))


def _tell(account: Account) -> None:
    print(f"{account.document}: {len(account.run)} run, {len(account.excused)} excused, {len(account.failed)} failed")
    for block, why in account.excused.items():
        print(f"  excused line {block.line} ({block.first_line}): {why}")
    for block, why in account.failed.items():
        print(f"  FAILED {block}\n{why}")
    sys.stdout.flush()


def _idle(used: set[t.Any]) -> set[t.Any]:
    """The expectations that nothing has needed."""
    tasks = {task for names in expectations.FAILS_WHERE_BEHIND.values() for task in names}
    entries = {*expectations.EXCUSED_COMMANDS, *expectations.EXCUSED_BLOCKS, *expectations.RUN_ELSEWHERE}
    return (entries | tasks | set(expectations.WORLD_FROM) | set(expectations.FAILS)) - used


if __name__ == "__main__":
    main()
