"""Every sentence that a reader sees stands whole in grulib/exercises/sentences.py, and each that stands there is used."""

import ast
import re
import string
from pathlib import Path

import pytest
from helpers import ROOT

from grulib import exercises
from grulib.exercises import sentences

FOLDER = Path(exercises.__file__).parent
ENGINE = sorted(path for path in FOLDER.glob("*.py") if path.name != "sentences.py")
TREES = {
    path.relative_to(FOLDER).as_posix(): ast.parse(path.read_text("utf-8"))
    for path in [*ENGINE, *sorted(FOLDER.glob("chapters/*.py"))]
}
TEMPLATES = {name: value for name, value in vars(sentences).items() if isinstance(value, str) and name.isupper()}


def sentences_in(tree):
    """Texts with a blank beside a letter; docstrings, HTML and CSS, and patterns of `re` are left out."""
    skipped = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            skipped.add(node.body[0].value)
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):
            skipped.update(node.args[:1])
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [
        text.value
        for text in texts
        if text not in skipped and re.search(r"\w .|. \w", text.value) and "<" not in text.value
    ]


def named_in(node):
    """The templates that a piece of code names, as sentences.NAME."""
    return {
        found.attr
        for found in ast.walk(node)
        if isinstance(found, ast.Attribute) and isinstance(found.value, ast.Name) and found.value.id == "sentences"
    }


@pytest.mark.parametrize("name", [path.name for path in ENGINE])
def test_no_sentence_stands_elsewhere(name):
    assert sentences_in(TREES[name]) == []


def test_a_sentence_elsewhere_would_be_found():
    code = """'A docstring here.'\nx = f"It is {y}."\nz = 'for a reader' if y else "<b style='a b'>" """
    assert sorted(sentences_in(ast.parse(code))) == ["It is ", "for a reader"]


def test_each_template_is_used():
    used = set().union(*map(named_in, TREES.values()))
    used |= set(re.findall(r'"([A-Z_]+)"', (ROOT / "extensions" / "exercise_forms.py").read_text("utf-8")))
    used |= set(re.findall(r"\bS\.([A-Z_]+)", (ROOT / "book" / "_static" / "exercises.js").read_text("utf-8")))
    assert set(TEMPLATES) == used & set(TEMPLATES)


def test_the_fields_that_are_given_are_those_of_the_template():
    for name, tree in TREES.items():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "format":
                given = {keyword.arg for keyword in call.keywords}
                for template in named_in(call.func.value):
                    fields = {field for _, field, _, _ in string.Formatter().parse(TEMPLATES[template]) if field}
                    assert not call.args and fields <= given, (name, template)


def test_fields_have_names():
    for template in TEMPLATES.values():
        assert all(
            re.fullmatch(r"[a-z]+", field) for _, field, _, _ in string.Formatter().parse(template) if field is not None
        )
