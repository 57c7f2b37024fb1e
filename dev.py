# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work on stackfleet.servicecatalog with only Python and git: python3 dev.py VERB [arguments]

demo [options]     run the demo playbook against the mock AWS endpoint; the options are those of ansible-playbook
mock [options]     start the mock AWS endpoint; --help lists the options
test [session...]  run every check, or only these sessions of noxfile.py
lint               run the checks that execute no plugin
docs               write the generated tables of the documentation, and build the site
bench [options]    compare the performance with other clients; --help lists the options
matrix [row...]    test with every supported version; --write-docs also writes the result into the documentation
release            write the changelog entry of the version in galaxy.yml

All files are created in the folders .dev and .nox, which you can delete at any time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

NOX = ("antsibull-nox==1.10.*", "nox==2026.*")


def python_with_nox() -> str:
    """Return a Python that runs a supported ansible-core, from an environment that has nox."""
    cores = json.loads(Path("tools/versions/versions.json").read_text(encoding="utf-8"))["cores"].values()
    usable = sorted({version for core in cores for version in core["controllers"]}, reverse=True)
    for program in (sys.executable, *(f"python{version}" for version in usable)):
        # "env" returns an error for a program that is missing, or that is a shim without a Python.
        shown = subprocess.run(["env", program, "-V"], capture_output=True, text=True, check=False).stdout
        version = shown.replace("Python ", "").rpartition(".")[0]
        if version in usable:
            break
    else:
        sys.exit(f"Install one of Python {', '.join(usable)}, which a supported ansible-core runs on.")
    python = Path(".dev", f"nox-{version}", "bin", "python").absolute()
    complete = python.with_name("complete")
    if not complete.exists():
        print(f"Installing nox in {python.parents[1]}", file=sys.stderr)
        subprocess.run([program, "-m", "venv", str(python.parents[1])], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *NOX], check=True)
        complete.touch()
    return str(python)


def main() -> None:
    verb, *arguments = sys.argv[1:] or ["--help"]
    if verb in ("-h", "--help"):
        sys.exit(__doc__)
    os.chdir(Path(__file__).resolve().parent)
    python = python_with_nox()
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    if verb == "test":
        options = ["-j", "2", "--report", ".dev/report.json", *(["-s", *arguments] if arguments else [])]
    else:
        options = ["-s", verb, "--", *arguments]
    os.execv(python, [python, "-m", "nox", *options])


if __name__ == "__main__":
    main()
