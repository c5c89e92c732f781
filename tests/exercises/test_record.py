"""The file of what is solved: two kernels at once, damage, and files that can't be written or read."""

import inspect
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from grulib import exercises
from grulib.exercises import record

TODAY = date.today().isoformat()


def test_each_solved_exercise_is_one_line(progress_file):
    for id in ("gradients.1", "background.5", "gradients.1"):
        assert record.add(id) is None
    assert progress_file.read_text("utf-8") == f"gradients.1 {TODAY}\nbackground.5 {TODAY}\n"


def test_unknown_entries_and_first_days_are_kept(progress_file):
    progress_file.parent.mkdir()
    progress_file.write_text("a-later-chapter.7 2030-01-01\ngradients.1 2020-01-01\ngradients.1 2021-01-01\n", "utf-8")
    exercises.check("gradients.1", "a")
    exercises.check("background.5", "c")
    solved = {"a-later-chapter.7": "2030-01-01", "gradients.1": "2020-01-01", "background.5": TODAY}
    assert record.load() == (solved, None)


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (b"\xff\xfe", 1),
        (b"gradients.1", 1),
        (b"equations.1 2020-01-01\n\ngradients.1 2020", 3),
        (b"equations.1 2020-01-01\ngradients.1 today\nspeed.1 2020-01-01 x\n", 2),
        (b"\0" * 10**5, 1),
    ],
)
def test_damaged_lines_are_left_out_and_said(progress_file, capsys, damage, line):
    progress_file.parent.mkdir()
    progress_file.write_bytes(damage)
    exercises.check("gradients.1", "a")
    solved, note = record.load()
    assert solved == ({"equations.1": "2020-01-01"} if b"equations" in damage else {}) | {"gradients.1": TODAY}
    assert str(progress_file) in note and note.endswith(f"the first is line {line}.")
    capsys.readouterr()
    exercises.progress()
    assert capsys.readouterr().out.splitlines()[-1] == note


def meeting(read, meet):
    """A Path.read_bytes after which two processes meet, so that both have read before either goes on to write."""

    def read_and_meet(path):
        try:
            return read(path)
        finally:
            meet()

    return read_and_meet


def test_two_kernels_at_once_lose_nothing(progress_file, monkeypatch):
    script = f"""
import sys, types
from pathlib import Path
sys.modules["grulib.exercises"] = package = types.ModuleType("grulib.exercises")  # without its __init__, which loads PyTorch
package.__path__ = {list(exercises.__path__)}
from grulib.exercises import record

{inspect.getsource(meeting)}

def meet():
    print("here", flush=True)
    sys.stdin.readline()

record.path = lambda: Path(sys.argv[1])
Path.read_bytes = meeting(Path.read_bytes, meet)
for i in range(50):
    assert record.add(f"b.{{i}}") is None
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", script, progress_file], **pipes) as other:

        def meet():
            assert other.stdout.readline() == "here\n"
            other.stdin.write("go\n")
            other.stdin.flush()

        monkeypatch.setattr(Path, "read_bytes", meeting(Path.read_bytes, meet))
        for i in range(50):
            assert record.add(f"a.{i}") is None
    monkeypatch.undo()
    assert other.returncode == 0
    lines = progress_file.read_text("utf-8").splitlines()
    assert sorted(lines) == sorted(f"{name}.{i} {TODAY}" for name in "ab" for i in range(50))


def test_a_folder_in_its_place_is_said(progress_file, capsys):
    progress_file.mkdir(parents=True)
    exercises.check("gradients.1", "a")
    out = capsys.readouterr().out
    assert "gradients.1: right." in out and "could not be saved" in out
    exercises.progress()
    assert "can't be read" in capsys.readouterr().out
    assert progress_file.is_dir()


def test_a_folder_that_cannot_be_made_is_said(progress_file, capsys):
    progress_file.parent.write_text("a file", "utf-8")
    exercises.check("gradients.1", "a")
    assert "could not be saved" in capsys.readouterr().out
    assert progress_file.parent.read_text("utf-8") == "a file"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_leave_to_write_is_said(progress_file, capsys):
    progress_file.parent.mkdir(mode=0o500)
    exercises.check("gradients.1", "a")
    assert "could not be saved" in capsys.readouterr().out


def test_a_full_disk_is_said_and_what_is_there_is_left(progress_file, capsys, monkeypatch):
    exercises.check("background.5", "c")
    before = progress_file.read_bytes()
    real_open = type(progress_file).open

    def full(path, mode="r", **options):
        return real_open("/dev/full" if mode == "ab" else path, mode, **options)

    monkeypatch.setattr(type(progress_file), "open", full)
    exercises.check("gradients.1", "a")
    out = capsys.readouterr().out
    assert "gradients.1: right." in out and "could not be saved" in out
    assert progress_file.read_bytes() == before
