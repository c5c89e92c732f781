"""Chapters as notebooks that are read outside the built book: what the build resolves (numbers, references, captions) stands in their text.

Used by tools/lab.py for Jupyter's working copy, and by extensions/downloads.py for chapters that are carried elsewhere.
"""

import re
from copy import deepcopy

import nbformat
import yaml
from nbformat.v4 import new_markdown_cell, new_notebook
from pybtex.database import parse_file

ROLE = re.compile(
    r"\{(?P<role>eq|numref|ref|term|doc|cite|cite:t)\}`(?:(?P<text>[^`<]+?) <(?P<to>[^`>]+)>|(?P<only>[^`]+))`"
)
EQUATION = re.compile(r"\$\$\n(?P<formula>.*?)\n\$\$ \((?P<label>eq-[\w-]+)\)", re.DOTALL)
MATH = re.compile(r"^```\{math\}\n(?::label: (?P<label>[\w-]+)\n)?(?P<formula>.*?)\n```$", re.DOTALL | re.MULTILINE)
FIGURE = re.compile(
    r"^:::\{figure\} (?P<path>\S+)\n(?::name: (?P<label>[\w-]+)\n)?:alt: (?P<alt>[^\n]+)\n\n?(?P<caption>.*?)\n:::$",
    re.DOTALL | re.MULTILINE,
)
EXERCISE = re.compile(
    r"^:::\{exercise\} (?P<title>[^\n]+)\n:label: ex-(?P<chapter>[\w-]+)-(?P<number>\d)\n", re.MULTILINE
)
TARGET = re.compile(r"^\((?P<label>[\w-]+)\)=\n+#+ (?P<title>[^\n]+)$", re.MULTILINE)
DISPLAYED = re.compile(r"^(?P<in> *)\$\$\n *(?P<formula>.*?)\n *\$\$$", re.DOTALL | re.MULTILINE)
SOLUTION = re.compile(
    r'^<details class="solution">\n<summary>(?P<title>[^<]*)</summary>\n\n(?P<body>.*?)\n+</details>',
    re.DOTALL | re.MULTILINE,
)
BOX = re.compile(
    r"^:::\{admonition\} (?P<title>[^\n]+)\n(?::\w+:[^\n]*\n)*(?P<body>.*?)\n:::$", re.DOTALL | re.MULTILINE
)
LINK = re.compile(r"\[(?P<words>[^\]]*)\]\((?:(?P<page>[\w-]+)\.(?:ipynb|md)(?:#[\w-]+)?|#(?P<label>[\w-]+))\)")
ENTRY = re.compile(r"^(?P<term>\S[^\n]*)\n(?P<text>(?: {4}[^\n]*\n)+)", re.MULTILINE)


def chapters(root):
    """The notebooks of the book in reading order, a dict from their stems to their number ("" for the first) and content."""
    toc = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    files = [toc["root"], *(entry["file"] for part in toc["parts"] for entry in part["chapters"])]
    paths = [path for file in files if (path := root / f"{file}.ipynb").exists()]
    return {
        path.stem: (str(number or ""), nbformat.read(path, as_version=nbformat.NO_CONVERT))
        for number, path in enumerate(paths)
    }


class Resolver:
    """Knows what every label of the book is called, and writes it into the text of notebooks.

    link: a function of a page's stem that gives its address, None for a page that is not there.
    """

    def __init__(self, root, link):
        self.chapters, self.link = chapters(root), link
        self.works = parse_file(root / "book" / "references.bib").entries
        self.labels = {}  # label: (what it is called, the stem of its page)
        for stem, (number, notebook) in self.chapters.items():
            self._collect(stem, number, notebook)

    def _collect(self, stem, number, notebook):
        equations = figures = 0
        for cell in notebook.cells:
            source = cell.source
            if cell.cell_type == "markdown":
                for match in sorted([*EQUATION.finditer(source), *MATH.finditer(source)], key=lambda m: m.start()):
                    if match["label"]:
                        equations += 1
                        self.labels[match["label"]] = (f"({_numbered(number, equations)})", stem)
                for match in FIGURE.finditer(source):
                    figures += 1
                    self.labels[match["label"] or f"{stem}-{figures}"] = (f"Fig. {_numbered(number, figures)}", stem)
                for match in EXERCISE.finditer(source):
                    name = f"{match['chapter']}.{match['number']}"
                    self.labels[f"ex-{match['chapter']}-{match['number']}"] = (f"Exercise {name}", stem)
                for match in TARGET.finditer(source):
                    self.labels[match["label"]] = (match["title"], stem)
            elif caption := _captioned(cell):
                figures += 1
                self.labels[caption["name"]] = (f"Fig. {_numbered(number, figures)}", stem)

    def notebook(self, stem):
        """A copy of a chapter with all of it in its text, a cell with the caption after each figure of a cell."""
        _, source = self.chapters[stem]
        copy = deepcopy(source)
        cells = []
        for cell in copy.cells:
            if cell.cell_type == "markdown":
                cell.source = self.text(cell.source, stem)
            cells.append(cell)
            if caption := _captioned(cell):
                words = f"*{self.labels[caption['name']][0]}.* {self.text(caption['caption'], stem)}"
                cells.append(new_markdown_cell(words, id=f"{cell.id}-caption"[:64]))
        copy.cells = cells
        return copy

    def page(self, source, stem):
        """A page of prose, in Markdown, as a notebook."""
        source = re.sub(r":::\{glossary\}\n(.*?)^:::$", _as_list, source, flags=re.DOTALL | re.MULTILINE)
        parts = re.split(r"^(?=## )", self.text(source, stem), flags=re.MULTILINE)
        cells = [new_markdown_cell(part.strip(), id=f"{stem}-{number}") for number, part in enumerate(parts)]
        return new_notebook(cells=cells, metadata=self.chapters["introduction"][1].metadata)

    def text(self, source, stem):
        """Markdown of a cell of chapter `stem` as it is read without the book around it."""
        source = EQUATION.sub(self._equation, source)
        source = MATH.sub(self._equation, source)
        source = FIGURE.sub(self._figure, source)
        source = EXERCISE.sub(
            lambda m: f":::{{admonition}} Exercise {m['chapter']}.{m['number']}: {m['title']}\n", source
        )
        source = re.sub(r"^\([\w-]+\)=\n", "", source, flags=re.MULTILINE)
        source = LINK.sub(self._link, source)
        return ROLE.sub(lambda match: self._role(match, stem), source)

    def _equation(self, match):
        tag = rf" \tag{{{self.labels[match['label']][0][1:-1]}}}" if match["label"] else ""
        return f"$$\n{match['formula'].rstrip()}{tag}\n$$"

    def _figure(self, match):
        number = f"*{self.labels[match['label']][0]}.* " if match["label"] else ""
        return f"![{match['alt']}]({match['path']})\n\n{number}{match['caption']}"

    def _link(self, match):
        page = match["page"] or self.labels.get(match["label"], ("", ""))[1]
        address = page and self.link(page)
        return f"[{match['words']}]({address})" if address else match["words"]

    def _role(self, match, stem):
        role, text, to = match["role"], match["text"], match["to"] or match["only"]
        if role == "term":
            return text or to
        if role == "cite":
            return f"({'; '.join(self._work(key, '{}, {}') for key in to.split(','))})"
        if role == "cite:t":
            return self._work(to, "{} ({})")
        name, page = self.labels.get(to, (text or to, None))
        name = text or name
        address = self.link(page) if page and page != stem else None
        return f"[{name}]({address})" if address else name

    def _work(self, key, form):
        entry = self.works[key]
        people = entry.persons.get("author") or entry.persons["editor"]
        names = [" ".join([*person.prelast_names, *person.last_names]).strip("{}") for person in people]
        who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
        words = form.format(who, entry.fields["year"])
        url = entry.fields.get("url") or (f"https://doi.org/{entry.fields['doi']}" if "doi" in entry.fields else "")
        return f"[{words}]({url})" if url else words


def with_dropdowns(source):
    """Markdown whose folded solutions are boxes that open, since MyST's reader leaves the text inside of HTML as it is."""
    return SOLUTION.sub(r"::::{admonition} \g<title>\n:class: dropdown\n\n\g<body>\n::::", source)


def with_numbers(source):
    """Markdown whose displayed formulas have the book's numbers, or none, where the reader of notebooks (MyST's) would count itself."""

    def directive(match):
        formula, _, tag = match["formula"].partition(r" \tag{")
        option = f":enumerator: {tag.rstrip('}')}" if tag else ":enumerated: false"
        return "\n".join(match["in"] + line for line in ("```{math}", option, formula, "```"))

    return DISPLAYED.sub(directive, source)


def without_boxes(source):
    """Markdown whose boxes are quotations, for readers of notebooks that know no directives."""

    def quoted(match):
        body = f"**{match['title']}**\n\n{match['body'].strip()}"
        return "\n".join(f"> {line}".rstrip() for line in body.split("\n"))

    return BOX.sub(quoted, source)


def _as_list(match):
    """The terms of a glossary, each with its explanation below."""
    return ENTRY.sub(lambda m: f"**{m['term']}**  \n{m['text'].strip()}\n", match[1])


def _numbered(chapter, number):
    return f"{chapter}.{number}" if chapter else str(number)


def _captioned(cell):
    return cell.metadata.get("mystnb", {}).get("figure") if cell.cell_type == "code" else None
