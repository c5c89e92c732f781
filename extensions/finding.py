"""Search in the built book: a term leads to the chapter that defines it, and snippets come from a script, also in pages opened from files."""

import json
import re
from pathlib import Path

from as_notebook import ENTRY
from docutils import nodes
from sphinx import addnodes

NAMES = re.compile(r"(?P<english>[^\u4e00-\u9fff]+?)\s*(?P<chinese>[\u4e00-\u9fff].*)?$")
CHAPTER = re.compile(r"See \[[^\]]*\]\((?P<chapter>[\w-]+)\.ipynb\)")
NO_PROSE = re.compile(
    r"""<script.*?</script> | <svg.*?</svg> | <div\ class="highlight-.*?</pre> | <a\ class="headerlink".*?</a>
    | \\\[.*?\\\] | \\\(.*?\\\)""",
    re.DOTALL | re.VERBOSE,
)


def defined_in(glossary):
    """Pairs of a term, as the glossary has it, and the chapter that its entry says to see."""
    entries = ENTRY.findall(glossary)
    return [(term, match["chapter"]) for term, text in entries if (match := CHAPTER.search(text))]


def names_of(term):
    """Its names: the English one, each of two that a comma divides, and the Chinese one."""
    match = NAMES.match(term)
    return [name for name in [*re.split(", ", match["english"]), match["chinese"]] if name]


def anchor_of(names, doctree):
    """The first section whose title has one of the names, or the page's top."""
    for section in doctree.findall(nodes.section):
        title = section.next_node(nodes.title)
        if title and any(name.lower() in title.astext().lower() for name in names):
            return section["ids"][0]
    return ""


def add_terms(app, doctree, docname):
    """Entries for the index and the search, on the page of the chapter that defines a term."""
    glossary = Path(app.srcdir, "book", "glossary.md").read_text("utf-8")
    for term, chapter in defined_in(glossary):
        if docname == f"book/{chapter}":
            names = names_of(term)
            anchor = anchor_of(names, doctree)
            doctree += addnodes.index(entries=[("single", name, anchor, "main", None) for name in names])


def prose(html):
    """The text of a page's sections and terms, with their anchors, without code and formulas."""
    article = html.partition('<article class="bd-article">')[2].partition("</article>")[0]
    article = re.sub(r'<dt\b[^>]*?\bid="(term-[^"]+)"[^>]*>', r'<section id="\1">', NO_PROSE.sub(" … ", article))
    article = re.sub(r"</dd>", "</section>", article)
    text = re.sub(r"<(?!/?section\b)[^>]*>", " ", article)
    text = re.sub(r'<section\b[^>]*?\bid="([^"]+)"[^>]*>', r'<section id="\1">', text)
    return re.sub(r"(?:\s|…)*…(?:\s|…)*", " … ", re.sub(r"\s+", " ", text)).strip()


def on_page(app, pagename, templatename, context, doctree):
    if pagename == "search":
        app.add_js_file("search.js")
        app.add_js_file("texts.js")


def store_texts(app, exception):
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    texts = {f"book/{path.name}": prose(path.read_text("utf-8")) for path in sorted(out.glob("book/*.html"))}
    (out / "_static" / "texts.js").write_text(f"window.texts = {json.dumps(texts, ensure_ascii=False)};\n", "utf-8")


def setup(app):
    app.connect("doctree-resolved", add_terms)
    app.connect("html-page-context", on_page)
    app.connect("build-finished", store_texts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
