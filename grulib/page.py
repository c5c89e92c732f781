"""What pages and figures share: colours, and what a cell shows in two forms."""

from dataclasses import dataclass

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
