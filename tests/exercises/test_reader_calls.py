"""What the reader calls: check, hint and progress. (A check in a script: test_judging.py, where it is stopped.)"""

import re

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from right_answers import ALL, ANSWERS

from grulib import exercises
from grulib.exercises import record
from grulib.exercises.judging import judge
from grulib.exercises.kinds import Choice, Misconception


def test_check_prints_and_notes_what_is_solved(progress_file, capsys):
    exercises.check("equations.1", (..., ..., ...))
    exercises.check("equations.1", (0.15, -0.35, 0.5))
    exercises.check("equations.1", ANSWERS["equations.1"], own=False)
    assert not progress_file.exists()
    exercises.check("equations.1", ANSWERS["equations.1"])
    exercises.check("equations.3", ANSWERS["equations.3"])
    assert list(record.load()[0]) == ["equations.1", "equations.3"]
    out = capsys.readouterr().out
    statuses = re.findall(r"^equations\.\d: ([a-z ]+)\.$", out, re.MULTILINE)
    assert statuses == ["not attempted yet", "not right yet", "right", "right", "right"]
    exercises.progress()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["chapter", "solved", "to", "do"]
    assert lines[3].split() == ["equations", "1", "3", "2", "4", "5", "6", "7", "8"]
    assert len(lines) == 1 + len(exercises.CHAPTERS)


def stop(*arguments):
    raise KeyboardInterrupt


def test_a_stopped_answer_is_shown_and_stops_what_follows(progress_file, capsys):
    with pytest.raises(KeyboardInterrupt):
        exercises.check("equations.3", stop)
    assert capsys.readouterr().out.startswith("equations.3: stopped.\nIt was stopped before it ended.\n")
    assert not progress_file.exists()


def test_hints_come_in_steps(progress_file, capsys):
    hints = ALL["equations.3"].hints
    for number in (1, 2, 3, 3):
        exercises.hint("equations.3")
        out = capsys.readouterr().out
        assert f"hint {number} of 3" in out and hints[number - 1] in out
        assert ("the solution is below" in out) == (number == 3)


@pytest.mark.parametrize(
    "id", ["equation.3", "equations.99", "equations", "", None, 3, "worked_example.1", ["equations.1"]]
)
def test_an_unknown_id_is_named(id):
    for call in (lambda: exercises.check(id, 1), lambda: exercises.hint(id)):
        with pytest.raises(ValueError, match=r"id must be that of an exercise, such as 'introduction\.1', got"):
            call()


def test_an_unknown_id_gets_a_guess_and_own_must_be_a_truth_value():
    with pytest.raises(ValueError, match=r"did you mean 'equations\.3'"):
        exercises.check("equation.3", 1)
    with pytest.raises(TypeError, match="own must be True or False"):
        exercises.check("equations.1", 1, own="no")


def test_rich_in_jupyter():
    shell = InteractiveShell.instance()
    try:
        with capture_output() as captured:
            shell.run_cell(
                "from grulib.exercises import check, hint\ncheck('equations.1', (1, 2, 3))\nhint('equations.1')"
            )
    finally:
        InteractiveShell.clear_instance()
    html = [output.data["text/html"] for output in captured.outputs]
    assert "<b>equations.1: not right yet.</b>" in html[0] and "hint 1 of 2" in html[1]


def test_html_is_escaped():
    exercise = Choice(id="x.1", letters="ab", reference="a", misconceptions=(Misconception("b", "<i>"),), hints=())
    assert "&lt;i&gt;" in judge(exercise, "b")._repr_html_()
    assert "<script>" not in judge(exercise, "<script>")._repr_html_()
    html = judge(ALL["worked-example.5"], lambda *case: ["<script>"])._repr_html_()
    assert "&lt;script&gt;" in html and "<script>" not in html
