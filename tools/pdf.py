"""Print the book: python tools/pdf.py joins the built pages into one document, which Chromium prints to _build/the-gru-executed.pdf.

Anchors get their page's name in front, so that references between pages stay links, and numbers are those of the pages. Solutions
move to an appendix. Code that is folded in the pages (imports, plots, tables) is left out, and forms, which paper has not.
"""

import re
from pathlib import Path

import yaml
from bs4 import BeautifulSoup
from chromium import opened

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
PDF = ROOT / "_build" / "the-gru-executed.pdf"
LEFT_OUT = "a.headerlink, script, button, details.hide, .live .in-jupyter, p.in-jupyter, .solved-count, .filter"
FOOTER = (
    '<div style="width: 100%; text-align: center; font-size: 8px; color: #555"><span class="pageNumber"></span></div>'
)


def pages():
    """The names of the pages, in the order of the table of contents."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    files = [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]
    return [Path(file).name for file in files if file != "book/progress"]


def joined(bodies):
    """One HTML body of several, a dict from a page's name to its article (a tag), with anchors of their own."""
    whole = BeautifulSoup('<div class="book"></div>', "html.parser")
    solutions = whole.new_tag("section", id="solutions")
    heading = whole.new_tag("h1")
    heading.string = "Solutions"
    solutions.append(heading)
    for name, article in bodies.items():
        for part in article.select(LEFT_OUT):
            part.decompose()
        for part in article.select("[id]"):
            part["id"] = f"{name}--{part['id']}"
        for link in article.select("a[href]"):
            link["href"] = _address(link["href"], name, bodies)
        part = whole.new_tag("section", id=f"page-{name}", attrs={"class": "page"})
        part.extend(list(article.contents))
        for number, solution in enumerate(part.select("details.solution")):
            anchor = f"solution-{name}-{number}"
            summary = solution.summary.extract().get_text()
            lead = whole.new_tag("p")
            link = whole.new_tag("a", href=f"#{anchor}")
            link.string = summary
            lead.append(link)
            solution.replace_with(lead)
            solution.name, solution["id"] = "section", anchor
            title = whole.new_tag("h3")
            title.string = summary
            solution.insert(0, title)
            solutions.append(solution)
        whole.div.append(part)
    if solutions.find("section"):
        whole.div.append(solutions)
    return whole.div


def _address(href, name, bodies):
    if re.match(r"[a-z]+:", href):
        return href
    file, _, anchor = href.partition("#")
    page = Path(file).stem if file else name
    if page not in bodies:
        return "#page-introduction"
    return f"#{page}--{anchor}" if anchor else f"#page-{page}"


def document():
    """The whole book as the HTML of one page that lies beside the others."""
    soups = {
        name: BeautifulSoup((SITE / "book" / f"{name}.html").read_text("utf-8"), "html.parser") for name in pages()
    }
    head = soups["introduction"].head.extract()
    for script in head.select("script"):
        if "MathJax" not in script.get_text() and "mathjax" not in script.get("src", ""):
            script.decompose()
    body = joined({name: soup.select_one("article.bd-article") for name, soup in soups.items()})
    return f'<!DOCTYPE html><html lang="en" data-theme="light">{head}<body class="printed">{body}</body></html>'


def main():
    path = SITE / "book" / "printed.html"
    path.write_text(document(), "utf-8")
    try:
        with opened() as browser:
            page = browser.new_page(color_scheme="light")
            page.set_default_timeout(300_000)
            page.emulate_media(media="print")
            page.goto(path.as_uri())
            page.evaluate("async () => { await MathJax.startup.promise; }")
            page.pdf(
                path=PDF,
                format="A4",
                margin={"top": "18mm", "bottom": "18mm", "left": "17mm", "right": "17mm"},
                display_header_footer=True,
                header_template="<span></span>",
                footer_template=FOOTER,
                outline=True,
                tagged=True,
                print_background=True,
            )
    finally:
        path.unlink()


if __name__ == "__main__":
    main()
