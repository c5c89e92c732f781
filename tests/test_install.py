"""What is installed: requirements.txt, requirements.lock, pyproject.toml, CONTRIBUTING.md and this environment agree."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions, version

from helpers import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version


def read(name):
    return (ROOT / name).read_text("utf-8")


def requirements(lines):
    return {requirement.name: requirement for requirement in map(Requirement, lines)}


def pin(requirement):
    """The version of a requirement NAME==VERSION."""
    (specifier,) = requirement.specifier
    assert specifier.operator == "==" and "*" not in specifier.version, str(requirement)
    return specifier.version


def direct(name):
    return requirements(line for line in read(name).splitlines() if line and line[0] not in "#-")


FOR_READING = direct("requirements-read.txt")
DIRECT = direct("requirements.txt") | FOR_READING
EXTRA = requirements(tomllib.loads(read("pyproject.toml"))["project"]["optional-dependencies"]["chapters"])
DECLARED = requirements(tomllib.loads(read("pyproject.toml"))["project"]["dependencies"])


def entries(name):
    """A requirement, its hashes, who needs it."""
    return re.split(r"^(?=\w)", read(name), flags=re.MULTILINE)[1:]


def locked(found):
    return [Requirement(entry.splitlines()[0].rstrip(" \\")) for entry in found]


ENTRIES = entries("requirements.lock")
LOCKED = locked(ENTRIES)


def test_the_lock_file_has_every_direct_dependency_but_torch_at_the_same_version():
    pins = {requirement.name: pin(requirement) for requirement in LOCKED}
    assert {name: pins.get(name) for name in DIRECT} == {
        name: None if name == "torch" else pin(requirement) for name, requirement in DIRECT.items()
    }


def test_the_lock_file_pins_each_package_with_hashes():
    assert len(ENTRIES) > 3 * len(DIRECT)
    for entry, requirement in zip(ENTRIES, LOCKED):
        assert pin(requirement)
        hashes = [line.strip(" \\") for line in entry.splitlines()[1:] if "#" not in line]
        assert hashes and all(re.fullmatch("--hash=sha256:[0-9a-f]{64}", each) for each in hashes), entry


def test_what_reading_needs_is_locked_at_the_same_versions_and_is_not_torch():
    found = entries("requirements-read.lock")
    names = {requirement.name for requirement in locked(found)}
    assert {(one.name, pin(one)) for one in locked(found)} <= {(one.name, pin(one)) for one in LOCKED}
    assert FOR_READING.keys() <= names and len(names) < 0.7 * len(LOCKED)
    assert all("--hash=sha256:" in entry for entry in found)


def test_this_environment_has_the_locked_versions():
    here = [requirement for requirement in LOCKED if requirement.marker is None or requirement.marker.evaluate()]
    assert {requirement.name: version(requirement.name) for requirement in here} == {
        requirement.name: pin(requirement) for requirement in here
    }
    assert Version(version("torch")).public == pin(DIRECT["torch"])  # without what names the build, as +cpu


def test_contributing_gives_a_reason_for_each_direct_dependency():
    table = read("CONTRIBUTING.md").split("| package | reason |\n|---|---|\n")[1].split("\n\n")[0]
    names = [name for row in table.splitlines() for name in row.split("|")[1].strip().split(", ")]
    assert sorted(names) == sorted(DIRECT)


def test_the_package_declares_what_it_imports_in_ranges_that_admit_the_pins():
    distributions = packages_distributions()
    modules = set()
    for path in (ROOT / "grulib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                modules.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                modules.add(node.module.split(".")[0])
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "importlib.util.find_spec":
                modules.add(node.args[0].value)
    modules -= {"grulib", *sys.stdlib_module_names}
    used = {canonicalize_name(distributions[module][0]) for module in modules}
    assert used - EXTRA.keys() == set(DECLARED)
    for name, requirement in DECLARED.items():
        assert pin(DIRECT[name]) in requirement.specifier, name


def test_the_workflow_runs_the_readmes_commands_without_make():
    commands = re.search(r"## Without make\n.*?```\n(.*?)```", read("README.md"), re.DOTALL)[1].splitlines()
    plain = re.search(r"^  plain:\n(.*?)^  \w+:\n", read(".github/workflows/book.yml"), re.DOTALL | re.MULTILINE)[1]
    run = re.findall(r"- run: (.+)", plain)
    assert len(commands) == 6 and all(system in plain for system in ("macos", "windows", "ubuntu"))
    assert [command for command in run if command.startswith(("python", "jupyter-book"))] == [
        commands[0],
        *commands[2:],
    ]


def test_an_installation_has_every_folder_of_the_package_and_what_its_chapters_need():
    project = tomllib.loads(read("pyproject.toml"))
    folders = {".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "grulib").rglob("__init__.py")}
    assert set(project["tool"]["setuptools"]["packages"]) == folders | {"grulib.static"}
    for name, requirement in EXTRA.items():
        assert pin(DIRECT[name]) in requirement.specifier, name
    code = "".join(path.read_text("utf-8") for path in (ROOT / "book").glob("*.ipynb"))
    used = {name for name in DIRECT if re.search(rf"(import|from) {name.replace('-', '_')}\b", code)}
    assert used <= EXTRA.keys() | DECLARED.keys()
