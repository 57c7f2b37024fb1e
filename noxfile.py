# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks of this project. `python3 dev.py test` prepares what they need and runs those marked as default.

Linters and checks of documentation, licences and the like come from antsibull-nox.toml; here is what it can't say:
ansible-test in virtual environments instead of containers, the mock AWS endpoint, and the artifact.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import antsibull_nox
import nox
from antsibull_nox.ansible import get_ansible_core_info, parse_ansible_core_version
from antsibull_nox.python.versions import get_installed_python_versions
from antsibull_nox.sessions.collections import CollectionSetup, prepare_collections

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "tools"))
from versions.pythons import CORES, PYTHON, core_for
from versions.used import cases_in, used_by

IN_ARTIFACT = {
    "CHANGELOG.md",
    "COPYING",
    "FILES.json",
    "LICENSES",
    "MANIFEST.json",
    "README.md",
    "changelogs",
    "docs",
    "meta",
    "playbooks",
    "plugins",
    "roles",
}
"""What users get, as names in the artifact's root."""

TOOLS = ("benchmarks", "versions", "docs")
"""What is in the folder tests beside the tests, but for the mock endpoint, which has an environment of its own."""

NEWEST_CORE = (core_for(PYTHON) or CORES[-1]).version
"""The newest ansible-core that runs on the Python at hand."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# A check whose interpreter is missing has not been passed.
nox.options.error_on_missing_interpreters = True
nox.options.reuse_existing_virtualenvs = True


def _tree(session: nox.Session) -> CollectionSetup:
    """A tree of collections, with a copy of this one."""
    tree = prepare_collections(session, install_in_site_packages=False, install_out_of_tree=True)
    if tree is None:
        session.error("No tree of collections could be prepared.")
    return tree


def _mock_python() -> str:
    """The Python that runs the mock endpoint: it has an environment of its own, as moto pins what is tested here."""
    python = Path(os.environ.get("MOCK_ENDPOINT_PYTHON") or ROOT / ".dev" / "mock" / "bin" / "python")
    if not python.exists():
        raise RuntimeError("The mock endpoint's environment is missing: run `python3 dev.py setup`.")
    return str(python)


def _choose_libraries() -> None:
    """If somebody has chosen the libraries to test with, tell ansible-test in the copy that is tested."""
    if chosen := os.environ.get("TESTED_WITH"):
        for kind in ("unit", "integration"):
            Path("tests", kind, "constraints.txt").write_text("\n".join(chosen.split()), encoding="utf-8")


def _write_integration_config() -> None:
    """Tell the integration targets what they can't know: no environment variable reaches them."""
    values = {"mock_endpoint_python": _mock_python(), "collection_folder": str(Path.cwd())}
    Path("tests/integration/integration_config.yml").write_text(json.dumps(values), encoding="utf-8")


def _prepare_integration() -> None:
    _choose_libraries()
    _write_integration_config()


def _wind_up() -> None:
    """Refuse a run without tests, leave a report where one is wanted, and remove what antsibull-nox stumbles over."""
    found = len(cases_in(Path("tests/output/junit")))
    if not found:
        raise RuntimeError("ansible-test has reported no test at all.")
    if report := os.environ.get("TESTED_REPORT"):
        Path(report).write_text(json.dumps(used_by(Path.cwd()), indent=2), encoding="utf-8")
    shutil.rmtree("tests/output/.tmp", ignore_errors=True)
    print(f"ansible-test has reported {found} tests.")


def _two_pythons(core: str) -> list[str]:
    """Where to run the unit tests: on the oldest Python that a module may meet, and on the controller's."""
    known = get_ansible_core_info(parse_ansible_core_version(core)).remote_python_versions
    oldest = min(set(known) & set(get_installed_python_versions()))
    return [
        "--controller",
        "origin:python=venv/default",
        "--target-python",
        f"venv/{oldest}",
        "--target-python",
        "venv/default",
    ]


def _add_ansible_test(
    kind: str,
    core: str,
    description: str,
    *params: str,
    name: str | None = None,
    before: Callable[[], None] = _choose_libraries,
) -> None:
    where = () if "--controller" in params else ("--venv",)
    antsibull_nox.add_ansible_test_session(
        name=f"{name or kind}-{core}",
        description=f"{description}, with ansible-core {core}.",
        ansible_test_params=[kind, "--color", "no", *where, *params],
        default=core == NEWEST_CORE and name is None,
        ansible_core_version=core,
        ansible_core_source="pypi",
        callback_before=before,
        callback_after=_wind_up,
    )


for _core in (core.version for core in CORES):
    _add_ansible_test("sanity", _core, "Ansible's own checks of plugins, on every Python that is here", "--junit")
    _add_ansible_test("integration", _core, "Playbooks against the mock AWS endpoint", before=_prepare_integration)
    _add_ansible_test(
        "units", _core, "Unit tests on the oldest Python that is here and on this one", *_two_pythons(_core)
    )
    _add_ansible_test("units", _core, "Unit tests on every Python that is here", name="units-everywhere")

antsibull_nox.load_antsibull_nox_toml()


@nox.session
def ruff(session: nox.Session) -> None:
    """Check style and format of everything that is Python; `nox -s ruff -- --fix` mends what it can."""
    session.install("ruff==0.17.*")
    fix = "--fix" in session.posargs
    session.run("ruff", "check", *(["--fix"] if fix else []))
    session.run("ruff", "format", *([] if fix else ["--diff"]))


@nox.session
def typing(session: nox.Session) -> None:
    """Check types: strictly, of everything that is Python."""
    libraries = ("ansible-core", "boto3", "botocore", "pytest", "hypothesis", "matplotlib")
    session.install("mypy==2.*", "antsibull-docutils", "antsibull-nox", "nox", *libraries)
    tree = _tree(session)
    here = tree.current_path.relative_to(tree.current_place)
    mypy = ("mypy", "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", f"{session.cache_dir}/mypy")
    path = f"{tree.current_place}:{tree.current_path / 'tests'}"
    with session.chdir(tree.current_place):
        packages = ("--namespace-packages", "--explicit-package-bases")
        files = [str(here / name) for name in ("plugins", "dev.py", "noxfile.py")]
        session.run(*mypy, *packages, *files, env={"MYPYPATH": path})
    with session.chdir(tree.current_path / "tests"):
        session.run(*mypy, *packages, *TOOLS, env={"MYPYPATH": str(tree.current_place)})
        session.run(*mypy, "--python-executable", _mock_python(), "mock_endpoint")


@nox.session
def mock(session: nox.Session) -> None:
    """Test the mock AWS endpoint with the clients that people have: boto3, the AWS CLI, the JavaScript SDK.

    The tests of the tools beside it run along, as they need little else.
    """
    session.install("awscli==1.*")
    env = {"MOCK_ENDPOINT_AWS_CLI": str(Path(session.bin).resolve() / "aws"), "PYTHONPATH": "tools:tests/system"}
    if shutil.which("npm"):
        modules = Path(session.create_tmp()).resolve() / "node"
        modules.mkdir(exist_ok=True)
        for file in (ROOT / "tools" / "mock_endpoint" / "tests").glob("package*.json"):
            shutil.copy(file, modules)
        session.run("npm", "install", "--no-audit", "--no-fund", "--prefix", str(modules), external=True)
        env["MOCK_ENDPOINT_NODE_MODULES"] = str(modules / "node_modules")
    else:
        session.warn("There is no npm on this machine, so the SDK for JavaScript is left out.")
    tests = session.posargs or sorted(map(str, Path("tests").glob("*/tests")))
    session.run(_mock_python(), "-m", "pytest", "-p", "no:cacheprovider", *tests, env=env, external=True)


def _browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@nox.session(default=False)
def load(session: nox.Session) -> None:
    """Look up from 32 threads at once for two minutes while faults play; `nox -s load -- 3600` takes an hour."""
    session.install("ansible-core", "boto3", "botocore")
    tree = _tree(session)
    path = f"{tree.current_place}:{tree.current_path / 'tests'}"
    env = {"ANSIBLE_COLLECTIONS_PATH": str(tree.current_place), "PYTHONPATH": path}
    # Python's own allocator can't tell what is in use of the memory that it holds.
    env["PYTHONMALLOC"] = "malloc"
    session.run("python", "-m", "load", "--mock-python", _mock_python(), *session.posargs, env=env)


@nox.session
def browser(session: nox.Session) -> None:
    """Look at the page of the role rollout_report with a browser: light and dark, on a desk and on a phone."""
    in_ci = bool(os.environ.get("CI"))
    if in_ci and not _browser() and shutil.which("apt-get"):
        session.run("apt-get", "update", external=True)
        session.run("apt-get", "install", "--yes", "--no-install-recommends", "chromium", external=True)
    chromium = _browser()
    if not (chromium and shutil.which("npm")):
        (session.error if in_ci else session.skip)(f"This needs npm and one of {', '.join(BROWSERS)}.")
    session.install("ansible-core")
    tree = _tree(session)
    place = Path(session.create_tmp()).resolve()
    pages, pictures = place / "pages", place / "screenshots"
    for folder in (pages, pictures):
        folder.mkdir(exist_ok=True)
    env = {"ANSIBLE_COLLECTIONS_PATH": str(tree.current_place)}
    session.run("ansible-playbook", "tests/system/browser/render.yml", "-e", f"pages={pages}", env=env)
    for file in ("package.json", "report.test.mjs"):
        shutil.copy(ROOT / "tests" / "system" / "browser" / file, place)
    with session.chdir(place):
        session.run("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", external=True)
        env = {
            "ROLLOUT_REPORT_PAGES": str(pages),
            "ROLLOUT_REPORT_SCREENSHOTS": str(pictures),
            "BROWSER": str(chromium),
        }
        # The session's own folder for temporary files has too long a path for Chromium's socket.
        env["TMPDIR"] = tempfile.gettempdir()
        session.run("node", "--test", "report.test.mjs", env=env, external=True)
    print(f"Pictures are in {pictures}")


@nox.session(venv_backend="none")
def tables(session: nox.Session) -> None:
    """Compare the documentation's tables with what the tests hold; `nox -s tables -- --write` writes them."""
    session.run(
        _mock_python(), "-m", "docs.tables", *session.posargs, env={"PYTHONPATH": "tools:tests/system"}, external=True
    )


@nox.session
def changelog(session: nox.Session) -> None:
    """Check the changelog and its fragments; `nox -s changelog -- release` makes a release's entry of them."""
    session.install("antsibull-changelog", "ansible-core")
    session.run("antsibull-changelog", *(session.posargs or ["lint"]))


@nox.session
def workflows(session: nox.Session) -> None:
    """Check what GitHub reads: workflows, their safety, and the forms of issues."""
    session.install("check-jsonschema", "zizmor")
    schemas = {
        "github-workflows": "workflows/*.yml",
        "github-issue-forms": "ISSUE_TEMPLATE/*_*.yml",
        "github-issue-config": "ISSUE_TEMPLATE/config.yml",
        "dependabot": "dependabot.yml",
    }
    for schema, pattern in schemas.items():
        files = map(str, (ROOT / ".github").glob(pattern))
        session.run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)
    session.run("zizmor", "--offline", ".github")


def _built(session: nox.Session, folder: Path) -> tuple[Path, Path]:
    """The artifact as users get it, newly built in O(folder), and the collection that it was built of."""
    tree = _tree(session)
    shutil.rmtree(folder, ignore_errors=True)
    with session.chdir(tree.current_path):
        session.run("ansible-galaxy", "collection", "build", "--output-path", str(folder))
    [artifact] = folder.glob("*.tar.gz")
    return artifact, tree.current_path


@nox.session
def build(session: nox.Session) -> None:
    """Build the artifact as users get it, look at what is in it, install it, and find its plugins and requirements."""
    session.install("ansible-core", "ansible-builder", "antsibull-docutils")
    folder = Path(session.create_tmp()).resolve() / "built"
    artifact, collection = _built(session, folder)
    with tarfile.open(artifact) as archive:
        names = {name for name in archive.getnames() if name != "."}
    if strangers := {name for name in names if name.split("/")[0] not in IN_ARTIFACT or "/." in f"/{name}"}:
        session.error(f"These are not for users: {', '.join(sorted(strangers))}")
    plugins = {str(file.relative_to(collection)) for file in collection.glob("plugins/**/*.py")}
    if missing := (plugins | {"README.md", "COPYING", "meta/runtime.yml"}) - names:
        session.error(f"The artifact lacks: {', '.join(sorted(missing))}")
    _install_and_look(session, artifact, folder, [Path(name).stem for name in plugins if "/modules/" in name])
    _describe_an_execution_environment(session, collection, folder / "environment")


def _install_and_look(session: nox.Session, artifact: Path, folder: Path, modules: list[str]) -> None:
    """The way of a user: ansible-galaxy installs it, ansible-doc shows it, ansible-builder finds what it needs."""
    session.run("ansible-galaxy", "collection", "install", "--no-deps", "-p", str(folder), str(artifact))
    paths = [str(folder), *filter(None, [os.environ.get("ANSIBLE_COLLECTIONS_PATH")])]
    listed = session.run(
        "ansible-doc",
        "--list",
        "--json",
        "stackfleet.servicecatalog",
        env={"ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(paths)},
        silent=True,
    )
    if absent := {f"stackfleet.servicecatalog.{name}" for name in modules} - set(json.loads(str(listed))):
        session.error(f"ansible-doc does not list: {', '.join(sorted(absent))}")
    needed = session.run("ansible-builder", "introspect", str(folder), silent=True)
    if not all(name in str(needed) for name in ("boto3>=1.35.0", "botocore>=1.35.0")):
        session.error(f"ansible-builder does not find boto3 and botocore:\n{needed}")


def _describe_an_execution_environment(session: nox.Session, collection: Path, folder: Path) -> None:
    """Let ansible-builder write what it would build of the definition in the guide about AWX."""
    find_files = collection / "tests" / "integration" / "targets" / "setup_guide" / "files" / "files_of_guide.py"
    guide = collection / "docs" / "docsite" / "rst" / "guide_awx.rst"
    session.run("python", str(find_files), str(guide), str(folder))
    context = folder / "context"
    definition = folder / "execution-environment.yml"
    create = ("ansible-builder", "create", "--output-filename", "Containerfile")
    session.run(*create, "--file", str(definition), "--context", str(context))
    required = context / "_build" / "requirements.yml"
    if "stackfleet.servicecatalog" not in required.read_text(encoding="utf-8"):
        session.error("The execution environment would not hold this collection.")
    steps = (context / "Containerfile").read_text(encoding="utf-8")
    if "introspect.py introspect" not in steps:
        session.error("The execution environment would not hold what its collections need.")


@nox.session(default=False)
def artifact(session: nox.Session) -> None:
    """Install the artifact as users do, and run the integration targets with it and with what it says it needs.

    Beside ansible-core and amazon.aws there are the Python packages that it declares, and those with which the targets
    look at it. It stays in the session's folder for temporary files, to be published.
    """
    session.install("ansible-core")
    place = Path(session.create_tmp()).resolve()
    shutil.rmtree(place)
    place.mkdir()
    built, repository = _built(session, place / "built")
    file = shutil.copy(built, place)
    # Not in the clone, whose git ignores it: ansible-test would find no file there.
    with tempfile.TemporaryDirectory(prefix="artifact-") as tree:
        here = os.environ.get("ANSIBLE_COLLECTIONS_PATH")
        session.run("ansible-galaxy", "collection", "install", "-p", tree, *(["--no-deps"] if here else []), file)
        collections = Path(tree) / "ansible_collections"
        if here:
            (collections / "amazon").symlink_to(Path(here) / "ansible_collections" / "amazon")
        installed = collections / "stackfleet" / "servicecatalog"
        for name in ("demo", "tests", "tools"):
            shutil.copytree(repository / name, installed / name)
        with session.chdir(installed):
            needed = Path("tests/integration/requirements.txt")
            tools = [line for line in needed.read_text(encoding="utf-8").splitlines() if not line.startswith("boto")]
            declared = Path("meta/ee-requirements.txt").read_text(encoding="utf-8")
            needed.write_text("\n".join([*tools, declared]), encoding="utf-8")
            _write_integration_config()
            session.run("ansible-test", "integration", "--color", "no", "--venv")
    print(f"Tested: {file}")


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """Build the documentation as a web site."""
    session.install("antsibull-docs", "ansible-core", "sphinx", "sphinx-ansible-theme")
    tree = _tree(session)
    site = ROOT / ".dev" / "docs"
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(mode=0o700, parents=True)
    env = {"ANSIBLE_COLLECTIONS_PATH": str(tree.current_place)}
    session.run(
        "antsibull-docs",
        "sphinx-init",
        "--use-current",
        "--squash-hierarchy",
        "--dest-dir",
        str(site),
        "stackfleet.servicecatalog",
        env=env,
    )
    # Other projects' inventories come from the internet, which a site that is built here must not need; and before
    # the first release the changelog has no title. antsibull-docs takes texts along, but no pictures.
    pictures = ROOT / "docs" / "docsite" / "rst"
    with (site / "conf.py").open("a", encoding="utf-8") as conf:
        conf.write("\nintersphinx_mapping = {}\nnitpicky = False\nsuppress_warnings = ['ref.ref', 'toc.no_title']\n")
        conf.write("import pathlib, shutil\ndef setup(app):\n")
        conf.write(f"    for picture in pathlib.Path({str(pictures)!r}).glob('*.svg'):\n")
        conf.write("        shutil.copy(picture, pathlib.Path(app.srcdir) / 'docsite')\n")
    with session.chdir(site):
        session.run("./build.sh", env=env, external=True)
    print(f"Open {site / 'build' / 'html' / 'index.html'}")


@nox.session(default=False)
def pictures(session: nox.Session) -> None:
    """Make the pictures of README.md anew, of what the demo shows: its wait on a terminal, and its page."""
    chromium = _browser()
    if not chromium:
        session.error(f"This needs one of {', '.join(BROWSERS)}.")
    session.install("rich")
    colours = {"ANSIBLE_FORCE_COLOR": "1", "COLUMNS": "100"}
    shown = str(session.run(sys.executable, "dev.py", "demo", env=colours, silent=True, external=True))
    wait = shown[shown.index("TASK [Wait") : shown.index("TASK [Make a page")].strip()
    folder = ROOT / "docs" / "pictures"
    code = (
        "import sys; from rich.console import Console; from rich.text import Text\n"
        "console = Console(record=True, width=100, file=sys.stderr)\n"
        "console.print(Text.from_ansi(sys.argv[1]))\n"
        "console.save_svg(sys.argv[2], title='ansible-playbook')\n"
    )
    terminal = folder / "wait.svg"
    session.run("python", "-c", code, wait, str(terminal), silent=True)
    # A picture loads nothing from anywhere: without these fonts it takes one that is here.
    drawn = terminal.read_text(encoding="utf-8")
    plain = re.sub(r" *@font-face \{.*?\}\n", "", drawn, flags=re.DOTALL)
    terminal.write_text("\n".join(line.rstrip() for line in plain.splitlines()) + "\n", encoding="utf-8")
    size = ("--window-size=1200,1080", "--hide-scrollbars", f"--screenshot={folder / 'report.png'}")
    page = ROOT / ".dev" / "rollout_report.html"
    session.run(chromium, "--headless", "--no-sandbox", *size, page.as_uri(), silent=True, external=True)
