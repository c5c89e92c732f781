"""Where each number in the prose comes from: python tools/prose_numbers.py brings book/numbers.csv up to date.

A row is a number as a reader meets it, in the order of the pages, and its source:

- `CELL output K`: the K-th number that the code cell prints, counted from 0, which rounds to what the prose says;
- `CELL code`: a number that stands in the cell's code, a size or a rate; or in that of a module, `grulib/….py code`;
- `CELL figure`: what the description of a picture reads off it; the value is the picture's hash, so that another
  picture asks for another look;
- `count`: a whole number below ten, which counts things on the page or numbers a section;
- `outside`: a year, a version, a paper's figure, a definition: what no cell can compute; the last column says what it is.

A source that still fits stays. For each new number the tool proposes the nearest cell that fits; read its proposals,
since a cell can fit by accident. Where none fits, the row has no source, and tests/test_prose_numbers.py fails.
"""

import csv
import json
import re
import sys
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import solutions

BOOK = Path(__file__).parents[1] / "book"
TABLE = BOOK / "numbers.csv"
COLUMNS = ("page", "text", "number", "source", "value")

_NOT_PROSE = re.compile(
    r"""
    ^(?P<fence>`{3,}|~{3,})(?!\{).*?^(?P=fence)\s*$   # code
  | ^```\{(?:math|code-cell|bibliography)\}.*?^```\s*$
  | ^:{0,4}[\w-]+:(?=\s).*?$ | ^:::+\{?.*?(?=\s|$)    # options and fences of directives
  | ^\([\w-]+\)=$                                     # labels
  | \{[\w:]+\}`[^`]*`                                 # roles
  | \$\$.*?\$\$ | \\begin\{.*?\\end\{\w+\*?\}
  | (?<=\])\([^)\s]*\) | <[^>\n]*> | https?://\S+     # where links lead
  | ^\s*\d+\.\s                                       # numbers of a list
    """,
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)
_SPAN = re.compile(r"\$([^$]*)\$|`([^`]*)`")
_WORDS = dict(
    zip("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(), range(10, 20))
)
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10)))
_ONES = dict(zip("one two three four five six seven eight nine".split(), range(1, 10)))
_WORD = rf"(?:{'|'.join(_TENS)})(?:-(?:{'|'.join(_ONES)}))?|{'|'.join(_WORDS)}"
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+"
_PROSE_NUMBER = re.compile(
    rf"(?<![\w.^])(?<!\w-)(?:{_DIGITS})(?:e-?\d+)?(?!\w|\.\d)|\b(?:{_WORD})\b(?!-)", re.IGNORECASE
)
_PER_CENT = re.compile(r"\s?(?:%|per\s+cent)")
_VALUE = re.compile(rf"-?(?:{_DIGITS})(?:e[+-]?\d+)?(?:\s?%)?")


@dataclass(frozen=True)
class Number:
    """A number in the prose: as written, and the text around it."""

    page: str
    text: str  # the id of the cell, or the heading of a page that is no notebook
    written: str
    around: str

    @property
    def value(self):
        """A Decimal, whose last place is the one to which the prose rounds."""
        word = self.written.removesuffix(" %").lower()
        if word[0].isalpha():
            tens, _, ones = word.partition("-")
            return Decimal((_WORDS | _TENS)[tens] + _ONES.get(ones, 0))
        return Decimal(word.replace(",", ""))

    @property
    def counts(self):
        return self.written.isdigit() and int(self.written) < 10


def prose(markdown):
    """The text that a reader reads: without code, formulas, options and targets of links."""
    bare = _NOT_PROSE.sub(" ", markdown)
    return _SPAN.sub(lambda span: _alone(next(filter(None, span.groups()), "")), bare)


def _alone(span):
    """A span of code or mathematics that is one number stays."""
    return f" {span} " if re.fullmatch(r"-?[\d,]*\.?\d+", span) else " … "


def numbers_in(page, text, markdown):
    words = prose(markdown)
    for match in _PROSE_NUMBER.finditer(words):
        share = " %" if _PER_CENT.match(words, match.end()) else ""
        around = " ".join(words[max(0, match.start() - 60) : match.end() + 40].split())
        yield Number(page, text, match[0] + share, around)


def texts(path):
    """Pairs of a name and the Markdown that a reader sees there; captions and descriptions of figures among them."""
    if path.suffix == ".md":
        for part in re.split(r"(?m)^(?=#+ )", path.read_text("utf-8")):
            yield part.partition("\n")[0].lstrip("# "), part
        return
    for cell in cells(path):
        if cell["cell_type"] == "markdown":
            yield cell["id"], "".join(cell["source"])
        else:
            shown = cell["metadata"].get("mystnb", {})
            yield cell["id"], f"{shown.get('figure', {}).get('caption', '')}\n{shown.get('image', {}).get('alt', '')}"


@cache
def cells(path):
    return json.loads(path.read_text("utf-8"))["cells"]


def printed(cell):
    """The numbers in what a code cell prints, as printed."""
    outputs = [o.get("text") or o.get("data", {}).get("text/plain", "") for o in cell.get("outputs", [])]
    return _VALUE.findall("\n".join("".join(output) for output in outputs))


def literals(source):
    """The numbers in code, a string or a list of lines."""
    return re.findall(r"(?<![\w.])\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?(?!\w)", "".join(source))


def size(value):
    return abs(Decimal(value.rstrip("% ").replace(",", "").replace("_", "")))


def rounded(number, value):
    """Whether the value had to be rounded to give the number."""
    return number.value not in (size(value), 100 * size(value))


def fits(number, value):
    """Whether the value, rounded as the number is, gives the number; a share may be written in per cent."""
    scales = (1, 100) if number.written.endswith("%") and not value.endswith("%") else (1,)
    half = Decimal((0, (5,), number.value.as_tuple().exponent - 1))
    return any(abs(size(value) * scale - number.value) <= half for scale in scales)


def problem(number, row, book):
    """What is wrong with a row, or None."""
    source, value = row["source"], row["value"]
    if source == "count":
        return None if number.counts else "is no whole number below ten"
    if source == "outside":
        return None if value else "does not say where it comes from"
    where, _, kind = source.partition(" ")
    cell = book.get(tuple(where.split("#")), {"source": ""})
    if kind == "figure":
        return None if f', "{value}")' in "".join(cell["source"]) else f"was read off {where} when its hash was {value}"
    if kind == "code":
        lines = cell["source"] if "#" in where else (BOOK.parent / where).read_text("utf-8")
        if value not in literals(lines):
            return f"comes from {source}, which does not have {value}"
    elif kind.startswith("output "):
        now = dict(enumerate(printed(cell))).get(int(kind.removeprefix("output ")))
        if now != value:
            return f"comes from {source}, which was {value} and is {now}"
    else:
        return f"has no source, {source!r} is none"
    return None if fits(number, value) else f"is not {value} rounded"


def proposal(number, book):
    """Source and value of the nearest cell that fits, one that needs no rounding first; empty where none does."""
    if number.counts:
        return "count", ""
    order = [key for key in book if key[0] == number.page]
    here = next((i for i, (_, id) in enumerate(order) if id == number.text), 0)
    found = []
    for i, (page, id) in enumerate(order):
        cell = book[page, id]
        far = abs(i - here) + 0.5 * (i > here) + 100 * (_exercise(id) not in ("", _exercise(number.text)))
        if cell["cell_type"] == "code":
            sources = [(f"{page}#{id} output {k}", value) for k, value in enumerate(printed(cell))]
            sources += [(f"{page}#{id} code", value) for value in literals(cell["source"])]
            found += [(rounded(number, pair[1]), far, pair) for pair in sources if fits(number, pair[1])]
    return tuple(min(found)[2]) if found else ("", "")


def _exercise(id):
    return "".join(re.findall(r"-ex-\d+", id))


def numbers():
    """All numbers in the prose of the book, in order."""
    pages = [path for path in sorted(BOOK.iterdir()) if path.suffix in (".ipynb", ".md")]
    return [number for path in pages for text, words in texts(path) for number in numbers_in(path.stem, text, words)]


def code():
    """Every cell of every notebook by page and id; one with a folded solution as the code cell that it is in a run."""
    found = {}
    for path in sorted(BOOK.glob("*.ipynb")):
        for cell in cells(path):
            whole = cell | {"source": "".join(cell["source"])}
            found[path.stem, cell["id"]] = solutions.as_code_cell(whole) if solutions.code_of(whole) else cell
    return found


def rows():
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main():
    book, known = code(), {}
    for row in rows() if TABLE.exists() else ():
        known.setdefault((row["page"], row["text"], row["number"]), []).append(row)
    table = []
    for number in numbers():
        old = known.get((number.page, number.text, number.written))
        row = old.pop(0) if old else None
        if row is None or problem(number, row, book):
            source, value = proposal(number, book)
            row = dict(zip(COLUMNS, (number.page, number.text, number.written, source, value)))
            if source != "count":
                print(
                    f"{number.page} {number.text}\n    …{number.around}…\n    {number.written}: {source or 'NO CELL'} {value}"
                )
        table.append(row)
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    return any(not row["source"] for row in table)


if __name__ == "__main__":
    sys.exit(main())
