"""What pages and figures share: colours, and what a cell shows in two forms."""

import re
from dataclasses import dataclass
from html import escape

import numpy as np
from IPython.display import display

# Okabe and Ito's colours (2008), told apart with any colour vision; the light yellow is left out.
BLUE, ORANGE, GREEN, RED, SKY, PINK, BLACK = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#000000"
WHITE, GREY, GRID = "#FFFFFF", "#888888", "#DDDDDD"


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
    """Show in one line for which cases a claim of the documents holds: "Claim C1 holds for z = share of the old state, not for ..."

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
        ", ".join(name.replace("_", " ") for name, holds in cases.items() if bool(holds) is which)
        for which in (True, False)
    )
    if not holding:
        words, colour = f"does not hold for {failing}", RED
    elif not failing:
        words, colour = f"holds for {holding}", GREEN
    else:
        words, colour = f"holds for {holding}, not for {failing}", ORANGE
    text = f"Claim {claim} {words}."
    display(Message(text, boxed(escape(text), colour)))
