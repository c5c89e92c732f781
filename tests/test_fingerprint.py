"""grulib.fingerprint: which edits of code change it, and which do not."""

import importlib
import sys

import pytest

from grulib.fingerprint import fingerprint

HELPERS = """
RATE = 0.5
TABLE = {"a": (1, 2.0)}

def inner(x):
    return x + 1

def unused(x):
    return x
"""
MAIN = """
from functools import cache
from grulib_of_a_test import helpers
from grulib_of_a_test.helpers import TABLE, inner

class Model:
    '''Says something.'''
    def run(self, x):
        # a comment
        if x < 0:
            raise ValueError("x is negative")
        return inner(x) * helpers.RATE

@cache
def outer(x):
    '''Says more.'''
    return Model().run(x) + TABLE["a"][0]

def other(x):
    return x
"""


@pytest.fixture
def fingerprint_of(tmp_path, monkeypatch):
    """The fingerprint of `outer` in a package with these edits of its two files."""
    folder = tmp_path / "grulib_of_a_test"
    folder.mkdir()
    monkeypatch.syspath_prepend(tmp_path)

    def write_and_take(old="", new=""):
        assert old in HELPERS + MAIN
        (folder / "helpers.py").write_text(HELPERS.replace(old, new) if old else HELPERS, "utf-8")
        (folder / "main.py").write_text(MAIN.replace(old, new) if old else MAIN, "utf-8")
        for name in [name for name in sys.modules if name.startswith("grulib_of_a_test")]:
            del sys.modules[name]
        importlib.invalidate_caches()
        sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
        try:
            module = importlib.import_module("grulib_of_a_test.main")
        finally:
            sys.dont_write_bytecode = before
        import linecache

        linecache.checkcache()
        return fingerprint(module.outer)

    yield write_and_take
    for name in [name for name in sys.modules if name.startswith("grulib_of_a_test")]:
        del sys.modules[name]


@pytest.mark.parametrize(
    "edit",
    [
        ("return x + 1", "return x + 2"),
        ("RATE = 0.5", "RATE = 0.25"),
        ("(1, 2.0)", "(1, 3.0)"),
        ("if x < 0", "if x < 1"),
        ("* helpers.RATE", "/ helpers.RATE"),
        ('TABLE["a"][0]', 'TABLE["a"][1]'),
        ("@cache\n", ""),
        ("    return x + 1", "    x = check_size('x', x)\n    return x + 1"),
        ("    return x + 1", "    change(x)\n    return x + 1"),
    ],
)
def test_an_edit_of_what_is_run_changes_it(fingerprint_of, edit):
    assert fingerprint_of(*edit) != fingerprint_of()


@pytest.mark.parametrize(
    "edit",
    [
        ("Says something.", "Says something else."),
        ("# a comment", "# another comment"),
        ("        # a comment\n", ""),
        ("x is negative", "x must be positive"),
        ("def unused(x):\n    return x", "def unused(x):\n    return 2 * x"),
        ("def other(x):\n    return x", "def other(x):\n    return 2 * x"),
        ("return x + 1", "return (x\n        + 1)"),
        ("    return x + 1", "    check_size('x', x)\n    return x + 1"),
    ],
)
def test_an_edit_of_anything_else_does_not(fingerprint_of, edit):
    assert fingerprint_of(*edit) == fingerprint_of()


def test_a_study_depends_on_its_task_its_data_the_loop_and_the_models(monkeypatch):
    from grulib import data, study, training
    from grulib.study import models, tasks

    followed = {study.made_by(task)["code"] for task in study.TASKS}
    assert len(followed) == len(study.TASKS)
    for task in ("text", "voices"):
        before = study.made_by(task)["code"]
        for module, name in [
            (training, "fit"),
            (training, "shuffled"),
            (training, "_step"),
            (models, "units"),
            (models, "Reader"),
            (data, task if task == "text" else "vowels"),
        ]:
            with monkeypatch.context() as changed:
                changed.setattr(module, name, test_an_edit_of_anything_else_does_not)
                changed.setattr(test_an_edit_of_anything_else_does_not, "__module__", "grulib.test")
                changed.setitem(sys.modules, "grulib.test", sys.modules[__name__])
                if module is models and name == "Reader":
                    changed.setattr(tasks, name, test_an_edit_of_anything_else_does_not)
                assert study.made_by(task)["code"] != before, name
        with monkeypatch.context() as changed:
            changed.setattr(data, "dates", lambda: None)
            assert study.made_by(task)["code"] == before
