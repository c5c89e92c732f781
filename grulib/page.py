"""What pages and figures share: colours, and what a cell shows in two forms."""

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
from IPython.display import display

# One colour for one thing in the whole book, after Okabe and Ito (2008): middle tones, 3 to 1 and more on white and on
# black, for lines and marks. Formulas and diagrams have darker and lighter tones of the same (book/_static/book.css).
COLOURS = {
    "reset gate": "#D0591A",
    "update gate": "#2F7DC4",
    "candidate": "#0E9A70",
    "old state": "#7F7F7F",
    "new state": "#C44E93",
    "GRU": "#7F63C9",
    "LSTM": "#B07A00",
    "plain RNN": "#1795A8",
}
# Models are told apart by their lines and marks too.
LINES = {"GRU": "-", "LSTM": "--", "plain RNN": ":"}
MARKS = {"GRU": "^", "LSTM": "o", "plain RNN": "s"}
# Everything else, and boxes: right, wrong, holds under a condition, a hint, a note.
STEEL, OLIVE, BRICK, TAN, GREY = "#5B7FA6", "#7A8B00", "#B5566B", "#A87C4F", "#767676"
GREEN, RED, AMBER, BLUE = "#2E8540", "#C0392B", "#A66F00", "#3A76B5"


# What pages are made of: in a checkout with the book, else in the package, where pyproject.toml puts the same files.
_FOLDERS = (Path(__file__).parents[1] / "book" / "_static", Path(__file__).parent / "static")
STATIC = next(folder for folder in _FOLDERS if folder.exists())
# Live figures, one script each, and the scripts that all of them need, in order. data/ has what a figure was given.
LIVE = STATIC / "live"
SHARED_SCRIPTS = ("gru", "live", "words")


def scripts_of(name):
    """The scripts that a live figure needs, in order, as paths from LIVE without their ending."""
    data = [f"data/{name}"] if (LIVE / "data" / f"{name}.js").exists() else []
    nets = ["nets"] if "nets." in (LIVE / f"{name}.js").read_text("utf-8") else []
    return [*SHARED_SCRIPTS, *nets, *data, name]


def model_style(name):
    """Colour and line of "GRU", "LSTM" or "plain RNN" as keywords for matplotlib's plot."""
    return {"color": COLOURS[name], "linestyle": LINES[name]}


@dataclass(frozen=True)
class Message:
    """A few lines in two forms; Jupyter shows the HTML, everything else the text."""

    text: str
    html: str

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        return self.html


def boxed(html, colour):
    """HTML with a coloured bar at its left, readable in light and dark."""
    return f"<div class='grulib-box' style='border-left: 4px solid {colour}; padding: 0.2em 0.8em; margin: 0.6em 0'>{html}</div>"


def decide(claim, /, **cases):
    """Show in one line for which cases a claim of the documents holds: "Claim C1 holds for z = share of the old state; not for ..."

    claim is its id in book/claims.toml. Each keyword names a case, or a part of what the claim says, with "_" for a space.
    Its value, a bool of Python or NumPy, is computed from what the chapter measured. The claim's verdict follows from the
    line (tests/test_claims.py). Raises ValueError for what is no id or without a case, TypeError for what is no bool.
    """
    if not isinstance(claim, str) or not re.fullmatch(r"[A-E][1-9]\d*", claim):
        raise ValueError(f"claim must be a letter from A to E and a number, got {claim!r}")
    if not cases:
        raise ValueError("cases must be one or more keywords with a bool each, got none")
    for name, holds in cases.items():
        if not isinstance(holds, (bool, np.bool_)):
            raise TypeError(f"{name} must be True or False, got {holds!r}")
    holding, failing = (
        _listed([name.replace("_", " ") for name, holds in cases.items() if bool(holds) is which])
        for which in (True, False)
    )
    if not holding:
        words, colour = f"does not hold for {failing}", RED
    elif not failing:
        words, colour = f"holds for {holding}", GREEN
    else:
        words, colour = f"holds for {holding}; not for {failing}", AMBER
    text = f"Claim {claim} {words}."
    display(Message(text, boxed(escape(text), colour)))


def _listed(names):
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1] if names else "")))


def table(columns, rows):
    """Show results as a table.

    columns: its headings; rows: as many cells each, which are shown as `str` has them. Raises ValueError for a row of
    another length.
    """
    columns, rows = [str(name) for name in columns], [[str(cell) for cell in row] for row in rows]
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(f"rows must have {len(columns)} cells each, got {row}")
    widths = [max(map(len, column)) for column in zip(columns, *rows)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))]).rstrip()
        for row in [columns, *rows]
    ]
    ofs = ["words" if any(map(_has_letters, column)) else "numbers" for column in zip(*rows)] or ["words"] * len(
        columns
    )
    head = "".join(f"<th scope='col' class='{of}'>{escape(name)}</th>" for of, name in zip(ofs, columns))
    body = "".join(
        f"<tr><th scope='row'>{escape(row[0])}</th>"
        + "".join(f"<td class='{of}'>{escape(cell)}</td>" for of, cell in zip(ofs[1:], row[1:]))
        + "</tr>"
        for row in rows
    )
    html = f"<table class='grulib-table'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    display(Message("\n".join(lines), html))


def _has_letters(cell):
    """Whether a cell says more than a number, a range of numbers or a row of them."""
    return bool(re.search(r"[^\W\d_]{2}", re.sub(r"\b(to|below)\b", "", cell)))


class _Formula(str):
    """LaTeX that Jupyter and the book set as a displayed formula."""

    def __repr__(self):
        return str(self)

    def _repr_latex_(self):
        return f"$$\\begin{{aligned}}\n{self}\n\\end{{aligned}}$$"


def formula(*lines):
    """Show lines of LaTeX, made from computed numbers, one below the other; "&" marks where they are aligned."""
    display(_Formula(" \\\\\n".join(lines)))


def live(name, description):
    """Show a live figure, book/_static/live/NAME.js: in the built book it plays, in Jupyter stands its picture, and `play` plays it.

    description: what a reader who can't see it should know, 30 characters or more. Raises ValueError for an unknown name or a
    shorter description.
    """
    _check_figure(name)
    if not isinstance(description, str) or len(description) < 30:
        raise ValueError(f"description must be a str of 30 characters or more, got {description!r}")
    picture = f"<img class='still' src='_static/live/{name}.svg' alt='{escape(description)}'>"
    hint = (
        f"<p class='in-jupyter'>To play with it here: <code>from grulib.page import play; play(\"{name}\")</code></p>"
    )
    display(Message(description, f"<div class='live' data-figure='{name}'>{picture}{hint}</div>"))


def play(name):
    """Play a live figure in Jupyter, from the same files as the built book's pages. Raises ValueError for an unknown name."""
    _check_figure(name)
    frame = f"<iframe srcdoc='{escape(page_of_figure(name))}' title='{name}' width='100%' height='620' style='border: 0'></iframe>"
    display(Message(f"{name}, a live figure", frame))


def page_of_figure(name):
    """A page of HTML with a live figure and nothing else, which needs no other file; white, also where what is around it is dark."""
    scripts = "".join(f"<script>{(LIVE / f'{script}.js').read_text('utf-8')}</script>" for script in scripts_of(name))
    style = (STATIC / "book.css").read_text("utf-8")
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{name}</title><style>{style} html {{ background: #fff }}</style>"
        f"<div class='live' data-figure='{name}'></div>{scripts}</html>"
    )


def _check_figure(name):
    names = sorted(path.stem for path in LIVE.glob("*.svg"))
    if name not in names:
        raise ValueError(f"name must be one of {names}, got {name!r}")
