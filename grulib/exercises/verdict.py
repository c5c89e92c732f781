"""What the reader sees: text where only text is shown, HTML in Jupyter and in the book."""

from dataclasses import dataclass
from html import escape

from grulib.exercises import sentences
from grulib.page import GREEN, GREY, RED, boxed

RIGHT, NOT_RIGHT, NOT_ATTEMPTED, STOPPED = "right", "not-right", "not-attempted", "stopped"
LOOKS = {
    RIGHT: (sentences.IS_RIGHT, GREEN),
    NOT_RIGHT: (sentences.IS_NOT_RIGHT, RED),
    NOT_ATTEMPTED: (sentences.IS_NOT_ATTEMPTED, GREY),
    STOPPED: (sentences.IS_STOPPED, GREY),
}


@dataclass(frozen=True, repr=False)
class Verdict:
    """What is said about an answer."""

    id: str
    status: str  # RIGHT, NOT_RIGHT, NOT_ATTEMPTED or STOPPED
    sentences: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()  # name and value of what came in, was expected and came out
    diagnosis: str | None = None

    def __post_init__(self):
        object.__setattr__(self, "sentences", tuple(_cut(sentence, 6) for sentence in self.sentences))
        object.__setattr__(self, "facts", tuple((_cut(name, 1), _cut(value, 25)) for name, value in self.facts))

    def __repr__(self):
        width = max((len(name) for name, _ in self.facts), default=0)
        indent = "\n" + " " * (width + 4)
        facts = [f"  {name:{width}}  {value.replace(chr(10), indent)}" for name, value in self.facts]
        return "\n".join([self._first_line(), *self.sentences, *facts, *self._perhaps()])

    def _repr_html_(self):
        rows = "".join(
            f"<tr><th style='text-align: left; vertical-align: top'>{escape(name)}</th>"
            f"<td style='text-align: left'><pre style='margin: 0'>{escape(value)}</pre></td></tr>"
            for name, value in self.facts
        )
        table = f"<table>{rows}</table>" if rows else ""
        perhaps = "".join(f"<div>{_escaped(line)}</div>" for line in self._perhaps())
        words = "<br>".join(map(_escaped, self.sentences))
        return boxed(f"<b>{escape(self._first_line())}</b> {words}{table}{perhaps}", LOOKS[self.status][1])

    def _first_line(self):
        return LOOKS[self.status][0].format(id=self.id)

    def _perhaps(self):
        return [sentences.PERHAPS.format(tells=self.diagnosis)] if self.diagnosis else []


def _cut(text, lines):
    """The text, with what is beyond so many lines of 200 letters left out."""
    kept = text.split("\n")[:lines]
    short = "\n".join(line if len(line) <= 200 else sentences.CUT.format(line=line[:200]) for line in kept)
    return short if text.count("\n") < lines else short + "\n..."


def _escaped(text):
    return escape(text).replace("\n", "<br>")
