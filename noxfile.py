# Copyright: Contributors to stackfleet.servicecatalog
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sessions of this project. `python3 dev.py` starts them on a machine that has only Python and git.

antsibull-nox.toml configures further sessions. The sessions here run ansible-test in the virtual environments of nox
instead of containers, use the mock AWS endpoint, or check the artifact.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import re
import shutil
import signal
import sys
import tarfile
import tempfile
import typing as t
import zipfile
from pathlib import Path

import antsibull_nox
import nox
from antsibull_nox.python.versions import get_installed_python_versions

ROOT = Path(__file__).resolve().parent
DEV = ROOT / ".dev"
CACHE = DEV / "cache"
VERSIONS = json.loads((ROOT / "tools" / "versions" / "versions.json").read_text(encoding="utf-8"))
CORES, ROWS = VERSIONS["cores"], VERSIONS["rows"]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
RELEASED = [core for core in CORES if "prerelease" not in CORES[core]]
CORE = max((core for core in RELEASED if PYTHON in CORES[core]["controllers"]), default=max(RELEASED))
"""The newest ansible-core for this Python; the row of the same name runs by default."""

MOCK_PYTHON = ROOT / ".nox" / "mock-environment" / "bin" / "python"
LINTERS = [
    *("ruff", "typing", "spelling", "yamllint", "ansible-lint", "docs-check", "extra-checks", "license-check"),
    *("changelog", "antsibull-nox-config", "tables", "workflows"),
]
IN_ARTIFACT = {
    *("CHANGELOG.md", "COPYING", "FILES.json", "LICENSES", "MANIFEST.json", "README.md"),
    *("changelogs", "docs", "extensions", "meta", "playbooks", "plugins", "roles"),
}

Decorator = t.Callable[[t.Callable[[nox.Session], None]], t.Any]

nox.options.error_on_missing_interpreters = True
nox.options.reuse_existing_virtualenvs = True
nox.options.allow_parallel = True
nox.options.download_python = "never"

# nox stops its programs when it is interrupted. It must also do so when it is terminated, or started in the background.
for _number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(_number, signal.default_int_handler)


def _prepare_environment() -> None:
    """Remove what would change how Ansible, AWS or Python behave, and give all programs a home in the folder .dev.

    The home has links to your configuration of git, npm and pip. ansible-test would leave scripts in your own home, and
    the tests of other projects would execute them.
    """
    for name in [name for name in os.environ if re.match(r"ANSIBLE_|AWS_|BOTO|PYTHON|XDG_", name)]:
        del os.environ[name]
    # The shims of pyenv fail for versions that are not selected: use the real folders.
    folders = [Path(entry) for entry in os.environ.get("PATH", os.defpath).split(os.pathsep)]
    real = [sorted(f.parent.glob("versions/3.*/bin"), reverse=True) if f.name == "shims" else [f] for f in folders]
    yours, home = Path.home(), DEV / "home"
    (home / ".config").mkdir(parents=True, exist_ok=True)
    for name in (".config/pip", ".gitconfig", ".netrc", ".npmrc", ".pip"):
        if yours != home and (yours / name).exists():
            with contextlib.suppress(FileExistsError):
                (home / name).symlink_to(yours / name)
    os.environ.update(
        ANSIBLE_ASYNC_DIR=str(home / ".ansible_async"),
        ANSIBLE_COLLECTIONS_PATH=str(DEV / "collections" / CORE),
        ANSIBLE_REMOTE_TEMP=str(home / ".ansible" / "tmp"),
        HOME=str(home),
        PATH=os.pathsep.join(str(folder) for group in real for folder in group),
        PYTHONDONTWRITEBYTECODE="1",
        RUFF_CACHE_DIR=str(CACHE / "ruff"),
    )


def _print_totals(report: Path) -> None:
    """Print the last line of `python3 dev.py test`."""
    if report.exists():
        sessions = json.loads(report.read_text(encoding="utf-8"))["sessions"]
        results = [session["result"] == "success" for session in sessions if session["result"] != "skipped"]
        print(f"{results.count(True)} passed, {results.count(False)} failed", flush=True)


_prepare_environment()
if ".dev/report.json" in sys.argv:
    (DEV / "report.json").unlink(missing_ok=True)
    atexit.register(_print_totals, DEV / "report.json")


def _tree(session: nox.Session, row: str = CORE) -> Path:
    """Copy this collection into a folder of collections, beside amazon.aws; return the copy.

    ansible-test needs a real folder, which must be outside of what git ignores in the clone.
    """
    place = Path(tempfile.mkdtemp(prefix="collections-")) / "ansible_collections"
    atexit.register(shutil.rmtree, place.parent, ignore_errors=True)
    listed = session.run("git", "ls-files", "-z", "-co", "--exclude-standard", external=True, silent=True, log=False)
    copy = place / "stackfleet" / "servicecatalog"
    for name in str(listed).split("\0"):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    (place / "amazon").symlink_to(DEV / "collections" / row / "ansible_collections" / "amazon")
    session.env["ANSIBLE_COLLECTIONS_PATH"] = str(place.parent)
    return copy


def _unpack(session: nox.Session, requirement: str, python: str, names: str, place: Path) -> None:
    """Unpack the files of a package whose names match into a folder, unless it exists."""
    if place.exists():
        return
    with tempfile.TemporaryDirectory() as scratch:
        pip = ("python", "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:")
        session.run(*pip, "--python-version", python, "--dest", scratch, requirement)
        [wheel] = Path(scratch).glob("*.whl")
        unfinished = place.with_name(f"{place.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unfinished, [name for name in archive.namelist() if re.match(names, name)])
        unfinished.rename(place)


def _install(session: nox.Session, row: str, *packages: str) -> None:
    """Install packages for a row of the versions: with the oldest supported libraries if its name ends in "oldest"."""
    libraries = (ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line.replace(">=", "==") if row.endswith("oldest") else line for line in libraries if line[:1].isalpha()]
    session.install(*wanted, *packages)


def _keep_result(session: nox.Session, row: str, kind: str, details: str = "") -> None:
    """Keep the versions that a session used for the table of versions."""
    listed = json.loads(str(session.run("python", "-m", "pip", "list", "--format", "json", silent=True, log=False)))
    versions = {package["name"]: package["version"] for package in listed}
    manifest = DEV / "collections" / row / "ansible_collections" / "amazon" / "aws" / "MANIFEST.json"
    versions["amazon.aws"] = json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"]
    versions["python"] = str(session.run("python", "-V", silent=True, log=False)).split()[-1]
    (DEV / "results").mkdir(exist_ok=True)
    result = {"row": row, "kind": kind, "versions": versions, "details": details}
    (DEV / "results" / f"{session.name}.json").write_text(json.dumps(result), encoding="utf-8")


def _core(row: str) -> str:
    core = ROWS[row]["core"]
    # pip installs a prerelease only if a requirement names one.
    return f"ansible-core=={core}.*" + (f",>={CORES[core]['prerelease']}" if "prerelease" in CORES[core] else "")


def _ansible_test(session: nox.Session, row: str, command: str, *arguments: str, tree: Path | None = None) -> None:
    """Run ansible-test in a copy of the collection."""
    with session.chdir(tree or _tree(session, row)):
        # Environment variables do not reach the integration targets.
        config = {"mock_endpoint_python": str(MOCK_PYTHON), "collection_folder": str(Path.cwd())}
        Path("tests/integration/integration_config.yml").write_text(json.dumps(config), encoding="utf-8")
        folders = [f"remote_tmp={os.environ['ANSIBLE_REMOTE_TEMP']}", f"async_dir={os.environ['ANSIBLE_ASYNC_DIR']}"]
        text = "\n".join(["[defaults]", *folders, "[connection]", "pipelining=true", ""])
        Path("tests/integration/integration.cfg").write_text(text, encoding="utf-8")
        session.run("ansible-test", command, "--color", "no", *arguments, *session.posargs)


def _prepare_pip(session: nox.Session, core: str) -> None:
    """Let ansible-test install pip from a wheel, since the script that it downloads is not always reachable."""
    cache, pip = Path.home() / ".ansible" / "test" / "cache", CORES[core]["pip"]
    cache.mkdir(parents=True, exist_ok=True)
    if not (script := cache / f"get_pip_{pip.replace('.', '_')}.py").exists():
        session.run("python", "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(cache), f"pip=={pip}")
        shutil.copy(ROOT / "tools" / "versions" / "get_pip.py", script)


# --- Sessions for each row of versions ---


def _row_session(name: str, row: str, python: str, *requires: str, default: bool = True, **options: t.Any) -> Decorator:
    """Return a decorator for a session of a row, which runs by default if the row is that of this Python."""
    needed, tags = [f"amazon-aws-{row}", *requires], [f"matrix-{row}"]
    return nox.session(name=name, python=python, default=default and row == CORE, requires=needed, tags=tags, **options)


def _add_row(row: str) -> None:
    """Add the sessions that test with the versions of a row."""
    core = CORES[ROWS[row]["core"]]
    controller = PYTHON if row == CORE else ROWS[row]["controller"]
    installed = [str(version) for version in get_installed_python_versions()]
    targets = [version for version in core["targets"] if version in installed] or core["targets"][:1]

    @nox.session(name=f"amazon-aws-{row}", default=False)
    def fetch_amazon_aws(session: nox.Session) -> None:
        """Unpack amazon.aws from the ansible package, which is reachable wherever pip works."""
        package, names = f"ansible=={ROWS[row]['ansible']}", "ansible_collections/amazon/aws/"
        _unpack(session, package, core["controllers"][0], names, DEV / "collections" / row)

    for kind, selection in (("scenarios", ["scenarios/"]), ("integration", ["--exclude", "scenarios/"])):
        _add_integration(row, kind, controller, selection)
    for python in targets:
        _add_units(row, python, default=python in (targets[0], controller))
    if row.endswith("oldest"):
        return
    if targets[0] != controller:
        where = f"controller:python={targets[0]}@{{target}}/bin/python"
        options = ["--controller", "origin:python=default", "--target", where, "context/target/"]
        _add_integration(row, "old-target", controller, options, target=targets[0])

    @_row_session(f"sanity-{row}", row, controller)
    def sanity(session: nox.Session) -> None:
        """Run the checks of ansible-test; by default with the oldest and the newest Python, otherwise with all."""
        session.install(_core(row))
        _prepare_pip(session, ROWS[row]["core"])
        pythons = dict.fromkeys((targets[0], targets[-1])) if row == CORE else targets
        options = ["--controller", "origin:python=default", *(f"--target-python={version}" for version in pythons)]
        _ansible_test(session, row, "sanity", *options)
        _keep_result(session, row, "sanity")


def _add_integration(row: str, kind: str, controller: str, options: list[str], target: str = "") -> None:
    """Add a session of integration tests.

    There are two for the targets, to run them at the same time, and one for modules on the oldest Python found.
    """

    @_row_session(f"{kind}-{row}", row, controller, "mock-environment", default=not target)
    def integration(session: nox.Session) -> None:
        """Run playbooks against the mock AWS endpoint: all of this session, or the targets that follow `--`."""
        _install(session, row, _core(row), "-r", "tests/integration/requirements.txt")
        place = Path(session.virtualenv.location).resolve() / "target"
        if target:
            session.run(f"python{target}", "-m", "venv", str(place), external=True)
            requirements = ("-r", "tests/integration/target.requirements.txt")
            session.run(str(place / "bin" / "pip"), "install", "--quiet", *requirements, external=True)
        selection = [option.format(target=place) for option in options] if target or not session.posargs else []
        _ansible_test(session, row, "integration", "--continue-on-error", *selection)
        _keep_result(session, row, kind, f" with modules on {target}" if target else "")


def _add_units(row: str, python: str, *, default: bool) -> None:
    """Add a session of unit tests."""
    on_controller = python in CORES[ROWS[row]["core"]]["controllers"]

    # virtualenv does not support Python 3.8.
    @_row_session(f"units-{row}-py{python}", row, python, default=default, venv_backend="venv")
    def units(session: nox.Session) -> None:
        """Run the unit tests: all on a Python of the controller, those of modules on an older one."""
        packages = [_core(row), "pytest-ansible"] if on_controller else []
        _install(session, row, "-r", "tests/unit/requirements.txt", "pytest", "PyYAML", *packages)
        tree = _tree(session, row)
        path, options, tests = [str(tree.parents[2])], ["-q", "--ansible-unit-inject-only"], ["tests/unit"]
        if not on_controller:
            # Only this part of Ansible is available on a target.
            names = r"ansible/((__init__|release)\.py|(_vendor|module_utils)/)"
            path.append(str(Path(session.virtualenv.location).resolve() / "ansible"))
            _unpack(session, _core(row), CORES[ROWS[row]["core"]]["controllers"][0], names, Path(path[-1]))
            options, tests = ["-q"], ["tests/unit/plugins/modules", "tests/unit/plugins/module_utils"]
        with session.chdir(tree):
            command = ("python", "-m", "pytest", *options, *(session.posargs or tests))
            session.run(*command, env={"PYTHONPATH": os.pathsep.join(path)})
        _keep_result(session, row, "units")


for _row in ROWS:
    _add_row(_row)

antsibull_nox.load_antsibull_nox_toml()
for _name in ("ansible-lint", "build-import-check", "docs-check"):
    nox.registry.get()[_name].requires = [f"amazon-aws-{CORE}"]
nox.registry.get()["lint"].requires = LINTERS

# --- The mock AWS endpoint and what runs against it ---


@nox.session(name="mock-environment", default=False)
def mock_environment(session: nox.Session) -> None:
    """Install the mock AWS endpoint's requirements apart from the tested packages, since moto pins some of them."""
    session.install(*("-r", "tools/mock_endpoint/requirements.txt"), "-r", "tools/mock_endpoint/tests/requirements.txt")


@nox.session(python=False, default=False, requires=["mock-environment"])
def mock(session: nox.Session) -> None:
    """Start the mock AWS endpoint; `nox -s mock -- --help` lists its options."""
    command = (str(MOCK_PYTHON), "-m", "mock_endpoint", *session.posargs)
    session.run(*command, env={"PYTHONPATH": "tools"}, external=True, terminate_timeout=10)


@nox.session(default=False, requires=["mock-environment", f"amazon-aws-{CORE}"])
def demo(session: nox.Session) -> None:
    """Run the demo playbook against the mock AWS endpoint; options are passed on to ansible-playbook."""
    _run_demo(session, terminate_timeout=20)


def _run_demo(session: nox.Session, **options: t.Any) -> None:
    _install(session, CORE, _core(CORE))
    _tree(session)
    env = {"ANSIBLE_CONFIG": str(ROOT / "demo" / "ansible.cfg"), "PYTHONPATH": "tools"}
    session.run("python", "demo/run.py", str(MOCK_PYTHON), *session.posargs, env=env, **options)


@nox.session(default=False, requires=["mock-environment", f"amazon-aws-{CORE}"])
def bench(session: nox.Session) -> None:
    """Compare the performance with other clients; `nox -s bench -- --help` lists the options."""
    session.install(_core(CORE), "-r", "tools/benchmarks/requirements.txt")
    given = ("--mock-python", str(MOCK_PYTHON), "--collections", str(_tree(session).parents[2]))
    session.run("python", "-m", "benchmarks", *given, *session.posargs, env={"PYTHONPATH": "tools"})


@nox.session(default=False, requires=["mock-environment", f"amazon-aws-{CORE}"])
def load(session: nox.Session) -> None:
    """Look up from 32 threads for two minutes while faults occur; `nox -s load -- 3600` takes an hour."""
    _install(session, CORE, _core(CORE), "psutil>=7.2")
    tree = _tree(session)
    path = os.pathsep.join(map(str, (tree.parents[2], tree / "tools", tree / "tests" / "system")))
    # Python's own allocator does not report how much of its memory is in use.
    env = {"PYTHONMALLOC": "malloc", "PYTHONPATH": path}
    session.run("python", "-m", "load", "--mock-python", str(MOCK_PYTHON), *session.posargs, env=env)


@nox.session(requires=["mock-environment"])
def tools(session: nox.Session) -> None:
    """Test the tools, and the mock AWS endpoint with boto3, the AWS CLI and the AWS SDK for JavaScript."""
    session.install("awscli==1.*")
    env = {"MOCK_ENDPOINT_AWS_CLI": str(Path(session.bin).resolve() / "aws"), "PYTHONPATH": "tools:tests/system"}
    if shutil.which("npm"):
        modules = CACHE / "mock_endpoint_clients"
        modules.mkdir(parents=True, exist_ok=True)
        for file in Path("tools/mock_endpoint/tests").glob("package*.json"):
            shutil.copy(file, modules)
        session.run("npm", "install", "--no-audit", "--no-fund", "--prefix", str(modules), external=True)
        env["MOCK_ENDPOINT_NODE_MODULES"] = str(modules / "node_modules")
    else:
        session.warn("npm was not found: the AWS SDK for JavaScript is not tested.")
    tests = session.posargs or [*map(str, Path("tools").rglob("tests")), *map(str, Path("tests/system").rglob("tests"))]
    session.run(str(MOCK_PYTHON), "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, env=env, external=True)


@nox.session(requires=[f"amazon-aws-{CORE}"])
def browser(session: nox.Session) -> None:
    """Test the page of the role rollout_report in a browser: light and dark, desktop and phone."""
    if os.environ.get("CI") and not _browser() and shutil.which("apt-get"):
        session.run("apt-get", "update", external=True)
        session.run("apt-get", "install", "--yes", "--no-install-recommends", "chromium", external=True)
    chromium = _browser()
    if not (chromium and shutil.which("npm")):
        stop = session.error if os.environ.get("CI") else session.skip
        stop("Install npm and Chromium.")
    session.install(_core(CORE))
    _tree(session)
    place = CACHE / "browser"
    pages, pictures = place / "pages", place / "screenshots"
    for folder in (pages, pictures):
        folder.mkdir(parents=True, exist_ok=True)
    session.run("ansible-playbook", "tests/system/browser/render.yml", "-e", f"pages={pages}")
    for file in ("package.json", "report.test.mjs"):
        shutil.copy(ROOT / "tests" / "system" / "browser" / file, place)
    with session.chdir(place):
        session.run("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", external=True)
        env = {"ROLLOUT_REPORT_PAGES": str(pages), "ROLLOUT_REPORT_SCREENSHOTS": str(pictures), "BROWSER": chromium}
        session.run("node", "--test", "report.test.mjs", env=env, external=True)
    print(f"The screenshots are in {pictures}")


def _browser() -> str:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""


# --- Linters ---


@nox.session
def ruff(session: nox.Session) -> None:
    """Check style and format of Python files; `nox -s ruff -- --fix` fixes what it can."""
    session.install("ruff==0.17.*")
    fix = "--fix" in session.posargs
    session.run("ruff", "check", *(["--fix"] if fix else []))
    session.run("ruff", "format", *([] if fix else ["--diff"]))


@nox.session(requires=["mock-environment", f"amazon-aws-{CORE}"])
def typing(session: nox.Session) -> None:
    """Check types strictly in all Python files but the tests."""
    libraries = ("boto3", "pytest", "hypothesis", "matplotlib", "rich", "trustme", "psutil", "types-psutil")
    session.install("mypy==2.*", "antsibull-docutils", "antsibull-nox", "nox", _core(CORE), *libraries)
    tree = _tree(session)
    place = tree.parents[2]
    mypy = ("mypy", "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(CACHE / "mypy"))
    packages = ("--namespace-packages", "--explicit-package-bases")
    with session.chdir(place):
        files = [str(tree.relative_to(place) / name) for name in ("plugins", "dev.py", "noxfile.py")]
        session.run(*mypy, *packages, *files, env={"MYPYPATH": str(place)})
    path = os.pathsep.join(map(str, (place, tree / "tools", tree / "tests" / "system")))
    with session.chdir(tree / "tools"):
        session.run(*mypy, *packages, "benchmarks", "versions", "docs", "../tests/system", env={"MYPYPATH": path})
        session.run(*mypy, "--python-executable", str(MOCK_PYTHON), "mock_endpoint")


@nox.session
def spelling(session: nox.Session) -> None:
    """Check that the text uses US spelling and the words of tools/docs/words.txt; `-- --write-changes` fixes it."""
    session.install("codespell==2.*")
    session.run("codespell", *("--dictionary", "-", "--dictionary", "tools/docs/words.txt"), *session.posargs)


@nox.session(python=False, requires=["mock-environment"])
def tables(session: nox.Session) -> None:
    """Compare the generated parts of the documentation with their sources; `nox -s tables -- --write` writes them."""
    _run_generators(session, *session.posargs)


def _run_generators(session: nox.Session, *options: str) -> None:
    for generator in ("docs.returns", "docs.tables"):
        command = (str(MOCK_PYTHON), "-m", generator, *options)
        session.run(*command, env={"PYTHONPATH": "tools:tests/system"}, external=True)


@nox.session
def changelog(session: nox.Session, command: str = "lint") -> None:
    """Check the changelog and its fragments."""
    session.install("antsibull-changelog", _core(CORE))
    session.run("antsibull-changelog", command, *session.posargs)


@nox.session(default=False)
def release(session: nox.Session) -> None:
    """Write the changelog entry of the version in galaxy.yml from the fragments."""
    changelog.func(session, "release")


@nox.session
def workflows(session: nox.Session) -> None:
    """Check the files that GitHub reads: workflows, their security, and issue forms."""
    session.install("check-jsonschema", "zizmor")
    schemas = {
        "workflows": "workflows/*",
        "issue-forms": "ISSUE_TEMPLATE/*_*",
        "issue-config": "ISSUE_TEMPLATE/config*",
    }
    for schema, pattern in schemas.items():
        files = map(str, (ROOT / ".github").glob(pattern))
        session.run("check-jsonschema", "--builtin-schema", f"vendor.github-{schema}", *files)
    session.run("check-jsonschema", "--builtin-schema", "vendor.dependabot", ".github/dependabot.yml")
    session.run("zizmor", "--offline", ".github")


def _build(session: nox.Session, folder: Path) -> tuple[Path, Path]:
    """Build the artifact in a folder; return it, and the collection that it was built from."""
    tree = _tree(session)
    shutil.rmtree(folder, ignore_errors=True)
    with session.chdir(tree):
        session.run("ansible-galaxy", "collection", "build", "--output-path", str(folder))
    [artifact] = folder.glob("*.tar.gz")
    return artifact, tree


@nox.session(requires=[f"amazon-aws-{CORE}"])
def build(session: nox.Session) -> None:
    """Build the artifact, check its content, install it, and find its plugins and requirements."""
    session.install(_core(CORE), "ansible-builder", "antsibull-docutils")
    folder = DEV / "build"
    artifact, collection = _build(session, folder)
    with tarfile.open(artifact) as archive:
        names = {name for name in archive.getnames() if name != "."}
    if unexpected := {name for name in names if name.split("/")[0] not in IN_ARTIFACT or "/." in f"/{name}"}:
        session.error(f"The artifact must not contain: {', '.join(sorted(unexpected))}")
    plugins = {str(file.relative_to(collection)) for file in collection.glob("plugins/**/*.py")}
    if missing := (plugins | {"README.md", "COPYING", "meta/runtime.yml"}) - names:
        session.error(f"The artifact must contain: {', '.join(sorted(missing))}")
    session.env["ANSIBLE_COLLECTIONS_PATH"] = os.pathsep.join([str(folder), os.environ["ANSIBLE_COLLECTIONS_PATH"]])
    session.run("ansible-galaxy", "collection", "install", "--no-deps", "-p", str(folder), str(artifact))
    listing = ("ansible-doc", "--list", "--json", "stackfleet.servicecatalog")
    listed = json.loads(str(session.run(*listing, silent=True)))
    modules = {f"stackfleet.servicecatalog.{Path(name).stem}" for name in plugins if "/modules/" in name}
    if missing := modules - set(listed):
        session.error(f"ansible-doc does not list: {', '.join(sorted(missing))}")
    _create_execution_environment(session, collection, folder)


def _create_execution_environment(session: nox.Session, collection: Path, folder: Path) -> None:
    """Check that ansible-builder finds the requirements, and uses the definition in the guide about AWX."""
    needed = str(session.run("ansible-builder", "introspect", str(folder), silent=True))
    if not all(f"{library}>=1.35.0" in needed for library in ("boto3", "botocore")):
        session.error(f"ansible-builder does not find boto3 and botocore:\n{needed}")
    script = collection / "tests" / "integration" / "targets" / "setup_guide" / "files" / "files_of_guide.py"
    files, context = folder / "environment", folder / "environment" / "context"
    session.run("python", str(script), str(collection / "docs" / "docsite" / "rst" / "guide_awx.rst"), str(files))
    create = ("ansible-builder", "create", "--output-filename", "Containerfile", "--context", str(context))
    session.run(*create, "--file", str(files / "execution-environment.yml"))
    if "stackfleet.servicecatalog" not in (context / "_build" / "requirements.yml").read_text(encoding="utf-8"):
        session.error("The execution environment would not contain this collection.")
    if "introspect.py introspect" not in (context / "Containerfile").read_text(encoding="utf-8"):
        session.error("The execution environment would not contain the requirements of its collections.")


@nox.session(default=False, requires=["mock-environment", f"amazon-aws-{CORE}"])
def artifact(session: nox.Session) -> None:
    """Build the artifact in .dev/artifact, and run the integration targets with it and the requirements it declares."""
    tests = (ROOT / "tests" / "integration" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    test_tools = [line for line in tests if line[:1].isalpha() and not line.startswith("boto")]
    session.install(_core(CORE), "-r", "meta/ee-requirements.txt", *test_tools)
    file, tree = _build(session, DEV / "artifact")
    repository = tree.rename(tree.with_name("repository"))
    install = ("ansible-galaxy", "collection", "install", "--force", "--no-deps")
    session.run(*install, "-p", str(tree.parents[2]), str(file))
    for name in ("demo", "tests", "tools"):
        (repository / name).rename(tree / name)
    shutil.rmtree(repository)
    _ansible_test(session, CORE, "integration", "--continue-on-error", tree=tree)
    print(f"Tested: {file}")


@nox.session(default=False, requires=["mock-environment", f"amazon-aws-{CORE}"])
def docs(session: nox.Session) -> None:
    """Write the generated parts of the documentation, and build the site in .dev/site."""
    _run_generators(session, "--write")
    session.install("antsibull-docs", _core(CORE), "sphinx", "sphinx-ansible-theme")
    _tree(session)
    site = DEV / "site"
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(mode=0o700, parents=True)
    options = ("--use-current", "--squash-hierarchy", "--dest-dir", str(site))
    session.run("antsibull-docs", "sphinx-init", *options, "stackfleet.servicecatalog")
    with (site / "conf.py").open("a", encoding="utf-8") as configuration:
        configuration.write((ROOT / "tools" / "docs" / "site" / "conf.py").read_text(encoding="utf-8"))
    with session.chdir(site):
        session.run("./build.sh", env={"REPOSITORY": str(ROOT)}, external=True)
    print(f"Open {site / 'build' / 'html' / 'index.html'}")


@nox.session(default=False, requires=["mock-environment", f"amazon-aws-{CORE}"])
def pictures(session: nox.Session) -> None:
    """Write the pictures of README.md from the output of the demo: a wait in a terminal, and the report."""
    session.install("rich")
    session.env.update(ANSIBLE_FORCE_COLOR="1", COLUMNS="100")
    shown = CACHE / "demo.txt"
    with shown.open("w", encoding="utf-8") as output:
        _run_demo(session, stdout=output)
    folder = ROOT / "docs" / "pictures"
    session.run("python", "tools/docs/site/terminal.py", str(shown), str(folder / "wait.svg"))
    size = ("--window-size=1200,1080", "--hide-scrollbars", f"--screenshot={folder / 'report.png'}")
    page = (DEV / "rollout_report.html").as_uri()
    session.run(_browser() or "chromium", "--headless", "--no-sandbox", *size, page, silent=True, external=True)


@nox.session(python=False, default=False)
def matrix(session: nox.Session) -> None:
    """Test all rows of versions, or the rows given, and print a table; `-- --write-docs` writes it into a guide."""
    options = [argument for argument in session.posargs if argument.startswith("-")]
    rows = [argument for argument in session.posargs if argument not in options] or list(ROWS)
    shutil.rmtree(DEV / "results", ignore_errors=True)
    report = str(DEV / "matrix.json")
    command = (sys.executable, "-m", "nox", "-j", "2", "--report", report, "-t", *(f"matrix-{row}" for row in rows))
    session.run(*command, success_codes=[0, 1], external=True)
    session.run(sys.executable, "-m", "versions", report, *options, env={"PYTHONPATH": "tools"}, external=True)
