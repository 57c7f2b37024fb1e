# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run every example of the documentation: ``python -m docs.examples``, in an environment with Ansible and this
collection.
"""

from __future__ import annotations

import argparse
import contextlib
import queue
import sys
import tempfile
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from docs.examples import expectations
from docs.examples.blocks import Block, documents
from docs.examples.runner import DocumentResult, run_document
from docs.examples.workspace import Workspace
from mock_endpoint.process import MockEndpoint


def main() -> None:
    """Run the examples, print the result of each document, and exit with 1 if a check failed."""
    parser = argparse.ArgumentParser(prog="python -m docs.examples", description="Run every example of the docs.")
    parser.add_argument("--mock-python", required=True, help="Python that runs the mock endpoint")
    parser.add_argument("--jobs", type=int, default=3, help="number of concurrent documents (default: %(default)s)")
    parser.add_argument("documents", nargs="*", help="parts of names of documents (default: all documents)")
    arguments = parser.parse_args()
    selected = {
        name: blocks
        for name, blocks in documents().items()
        if not arguments.documents or any(part in name for part in arguments.documents)
    }
    results = run_documents(selected, arguments.mock_python, arguments.jobs)
    for result in results:
        print_result(result)
    unused = set() if arguments.documents else _unused({entry for result in results for entry in result.used})
    for entry in unused:
        print(f"Unused expectation: {entry}")
    run, skipped, failed = (sum(len(getattr(r, name)) for r in results) for name in ("run", "skipped", "failed"))
    total = sum(map(len, selected.values()))
    print(f"{len(selected)} documents, {total} blocks: {run} run, {skipped} skipped, {failed} failed")
    if failed or unused or not total or run + skipped != total:
        sys.exit(1)


def run_documents(selected: t.Mapping[str, list[Block]], mock_python: str, jobs: int) -> list[DocumentResult]:
    """Run documents concurrently, each with an endpoint of its own at a time. Starting an endpoint takes seconds."""
    endpoints: queue.SimpleQueue[MockEndpoint] = queue.SimpleQueue()

    def run(name: str) -> DocumentResult:
        if not selected[name]:
            return DocumentResult(name)
        endpoint = endpoints.get()
        try:
            with tempfile.TemporaryDirectory(prefix="examples.") as folder:
                return run_document(name, selected[name], Workspace(Path(folder), endpoint))
        finally:
            endpoints.put(endpoint)

    with contextlib.ExitStack() as stack, ThreadPoolExecutor(jobs) as pool:
        for endpoint in pool.map(lambda _number: MockEndpoint(mock_python, timeout=300), range(jobs)):
            endpoints.put(stack.enter_context(endpoint))
        # The longest first, so that the last one is short.
        order = sorted(selected, key=lambda name: len(selected[name]), reverse=True)
        futures = {name: pool.submit(run, name) for name in order}
        return [futures[name].result() for name in selected]


def print_result(result: DocumentResult) -> None:
    """Print the numbers of blocks, the skipped ones and the failed ones."""
    counts = f"{len(result.run)} run, {len(result.skipped)} skipped, {len(result.failed)} failed"
    print(f"{result.document}: {counts}")
    for block, reason in result.skipped.items():
        print(f"  skipped line {block.line} ({block.first_line}): {reason}")
    for block, message in result.failed.items():
        print(f"  FAILED {block}\n{message}")
    sys.stdout.flush()


def _unused(used: set[t.Any]) -> set[t.Any]:
    """Return the expectations that no block used."""
    entries = {*expectations.SKIPPED_COMMANDS, *expectations.SKIPPED_BLOCKS, *expectations.RUN_ELSEWHERE}
    return (entries | set(expectations.FLEET_FROM) | set(expectations.FAILING_PLAYS)) - used


if __name__ == "__main__":
    main()
