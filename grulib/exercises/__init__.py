"""Exercises that answer back: check an answer, ask for a hint, see what is solved.

Each chapter has a module here, in which each exercise is an object: a right answer, the wrong ones that people give and what to
say about them, hints, and the cases on which an answer is tried.
"""

import difflib
from collections import Counter
from html import escape
from importlib import import_module

import torch
from IPython.display import display

from grulib.checks import check_bool
from grulib.exercises import record, sentences
from grulib.exercises.judging import judge
from grulib.exercises.verdict import RIGHT, STOPPED
from grulib.page import BLUE, GREY, Message, boxed

__all__ = ["check", "hint", "progress"]

CHAPTERS = (
    "introduction",
    "background",
    "equations",
    "gradients",
    "worked-example",
    "practice",
    "notations",
    "frameworks",
    "models",
    "service",
    "speed",
    "beyond",
    "language",
    "training",
    "sentiment",
    "translation",
    "forecasting",
    "speech",
    "own-sequences",
    "comparison",
    "gates",
    "dynamics",
    "audit",
)

_hints_given = Counter()


def check(id, answer, *, own=True):
    """Say whether an answer to an exercise is right, and if not, which mistake it most likely is.

    id is chapter and number, "equations.3". The answer is what the exercise asks for: a function, a number, an array, a
    tuple or dictionary of these, a SymPy expression, or the letters of a choice. `...` counts as not attempted. A right answer is
    noted as solved, unless own is False, as it is where the book checks its own solution.
    Raises ValueError for an unknown id, and KeyboardInterrupt if the answer is stopped, after saying where.
    """
    exercise = find(id)
    check_bool("own", own)
    verdict = judge(exercise, answer)
    display(verdict)
    if verdict.status == STOPPED:  # what would run next stops too
        raise KeyboardInterrupt
    note = record.add(id) if own and verdict.status == RIGHT else None
    if note:
        display(Message(note, boxed(escape(note), GREY)))


def hint(id):
    """Show the next hint for an exercise; each call goes one step further. Raises ValueError for an unknown id."""
    hints = find(id).hints
    number = min(_hints_given[id] + 1, len(hints))
    _hints_given[id] += 1
    sentence = sentences.HINT if number < len(hints) else sentences.LAST_HINT
    text = sentence.format(id=id, number=number, count=len(hints), hint=hints[number - 1])
    display(Message(text, boxed(escape(text), BLUE)))


def progress():
    """Show what has been solved so far, chapter by chapter."""
    try:
        solved, note = record.load()
    except OSError as error:
        solved, note = {}, sentences.NOT_READ.format(error=error)
    rows = [(sentences.CHAPTER, sentences.SOLVED, sentences.TO_DO)]
    for chapter in CHAPTERS:
        numbers = {id.rpartition(".")[2]: id in solved for id in exercises(chapter)}
        rows.append(
            (chapter, *(" ".join(n for n, done in numbers.items() if done is which) for which in (True, False)))
        )
    text = "\n".join(f"{chapter:16s}{done:18s}{to_do}".rstrip() for chapter, done, to_do in rows)
    cells = ["".join(f"<td style='text-align: left'>{escape(cell)}</td>" for cell in row) for row in rows]
    html = f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"
    if note:
        text, html = f"{text}\n{note}", html + escape(note)
    display(Message(text, html))


def exercises(chapter):
    """The exercises of a chapter by their ids, in order."""
    with torch.random.fork_rng(devices=[]):  # the modules count the parameters of layers, which draw random numbers
        module = import_module(f"grulib.exercises.chapters.{chapter.replace('-', '_')}")
    return {exercise.id: exercise for exercise in module.EXERCISES}


def find(id):
    """The exercise with this id. Raises ValueError, with a guess at what was meant, if there is none."""
    chapter = id.rpartition(".")[0] if isinstance(id, str) else None
    if chapter in CHAPTERS and id in exercises(chapter):
        return exercises(chapter)[id]
    known = [known for chapter in CHAPTERS for known in exercises(chapter)]
    close = difflib.get_close_matches(str(id), known, n=3)
    sentence = sentences.UNKNOWN_ID_WITH_GUESS if close else sentences.UNKNOWN_ID
    raise ValueError(sentence.format(known=repr(known[0]), got=repr(id), close=sentences.listed(map(repr, close))))
