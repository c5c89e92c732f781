"""The house: which module of grulib imports which, and that CONTRIBUTING.md says so."""

import ast
import re
from graphlib import TopologicalSorter

import pytest
from helpers import ROOT

FILES = sorted((ROOT / "grulib").rglob("*.py"))


def name_of(path):
    """A file's module: grulib/convert/__init__.py is "convert", grulib/convert/onnx.py "convert.onnx"."""
    parts = path.relative_to(ROOT / "grulib").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES if path.parent.name != "chapters" and name_of(path)}


def imports(path):
    """The modules that a file imports, as names: all of their own, or grulib's without "grulib."."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inside = f"{node.module}.{alias.name}".removeprefix("grulib.")
                yield f"grulib.{inside}" if inside in MODULES else node.module


def neighbours(name):
    """The other modules of grulib that a module imports; the exercises' chapters count as what they are in, content."""
    ours = {used.removeprefix("grulib.") for used in imports(MODULES[name]) if used.startswith("grulib.")}
    return sorted(ours & MODULES.keys() - {name})


def test_no_cycle():
    tuple(TopologicalSorter({name: neighbours(name) for name in MODULES}).static_order())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_grulib_knows_neither_book_nor_tests_nor_tools(path):
    roots = {name.split(".")[0] for name in imports(path)}
    assert not roots & {"book", "tests", "tools", "conftest", "helpers"}


def test_contributing_has_each_module_with_its_subject_and_its_neighbours():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rows = re.findall(r"^\| `([\w.]+)` \| (.+?) \| (.*?) ?\|$", text, re.MULTILINE)
    told = {name: sorted(re.findall(r"`([\w.]+)`", used)) for name, _, used in rows}
    assert told == {name: neighbours(name) for name in MODULES}
    assert all(len(subject) > 10 for _, subject, _ in rows)
