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


DIRECT = requirements(line for line in read("requirements.txt").splitlines() if line and line[0] not in "#-")
DECLARED = requirements(tomllib.loads(read("pyproject.toml"))["project"]["dependencies"])
ENTRIES = re.split(r"^(?=\w)", read("requirements.lock"), flags=re.MULTILINE)[
    1:
]  # a requirement, its hashes, who needs it
LOCKED = [Requirement(entry.splitlines()[0].rstrip(" \\")) for entry in ENTRIES]


def test_the_lock_file_has_every_direct_dependency_but_torch_at_the_same_version():
    locked = {requirement.name: pin(requirement) for requirement in LOCKED}
    assert {name: locked.get(name) for name in DIRECT} == {
        name: None if name == "torch" else pin(requirement) for name, requirement in DIRECT.items()
    }


def test_the_lock_file_pins_each_package_with_hashes():
    assert len(ENTRIES) > 3 * len(DIRECT)
    for entry, requirement in zip(ENTRIES, LOCKED):
        assert pin(requirement)
        hashes = [line.strip(" \\") for line in entry.splitlines()[1:] if "#" not in line]
        assert hashes and all(re.fullmatch("--hash=sha256:[0-9a-f]{64}", each) for each in hashes), entry


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
    assert {canonicalize_name(distributions[module][0]) for module in modules} == set(DECLARED)
    for name, requirement in DECLARED.items():
        assert pin(DIRECT[name]) in requirement.specifier, name
