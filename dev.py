# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work on this collection with only Python and git: python3 dev.py VERB [arguments]

demo [options]     run the demo playbook with the mock AWS endpoint; the options are those of ansible-playbook
mock [options]     start the mock AWS endpoint; --help lists the options
test [session...]  run all checks and tests, or only these sessions of noxfile.py
lint               run the checks that execute no plugin
docs               write the generated parts of the documentation, and build the site
bench [options]    compare the performance with other clients; --help lists the options
matrix [row...]    test with every supported version; --write-docs writes the result into the documentation
release            write the changelog entry of the version in galaxy.yml

All files are created in the folders .dev and .nox, which you can delete at any time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def python_with_nox() -> str:
    """Return the Python of an environment with nox; a supported ansible-core runs on it."""
    cores = json.loads(Path("tools/versions/versions.json").read_text(encoding="utf-8"))["cores"].values()
    usable = sorted({version for core in cores for version in core["controllers"]}, reverse=True)
    for program in (sys.executable, *(f"python{version}" for version in usable)):
        # "env" fails for a program that is missing, or that is a shim without a Python.
        shown = subprocess.run(["env", program, "-V"], capture_output=True, text=True, check=False).stdout
        version = shown.replace("Python ", "").rpartition(".")[0]
        if version in usable:
            break
    else:
        sys.exit(f"Install one of Python {', '.join(usable)}: a supported ansible-core runs on these.")
    python = Path(".dev", f"nox-{version}", "bin", "python").absolute()
    if not (complete := python.with_name("complete")).exists():
        print(f"Installing nox in {python.parents[1]}", file=sys.stderr)
        subprocess.run([program, "-m", "venv", "--clear", str(python.parents[1])], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "antsibull-nox==1.10.*", "nox==2026.*"]
        subprocess.run(pip, check=True)
        complete.touch()
    return str(python)


os.chdir(Path(__file__).resolve().parent)
verb, *arguments = sys.argv[1:] or ["--help"]
if verb in ("-h", "--help"):
    print(__doc__)
    sys.exit()
options = ["-s", verb, "--", *arguments]
if verb in ("lint", "test"):
    sessions = ["lint"] if verb == "lint" else arguments
    options = ["-j", "3", "--report", ".dev/report.json", *(["-s", *sessions] if sessions else [])]
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
python = python_with_nox()
os.execv(python, [python, "-m", "nox", *options])
