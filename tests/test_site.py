"""The built book: it builds without a warning, asks no other host, and each page works from a file in a browser."""

import contextlib
import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest
from as_notebook import Resolver
from axe_playwright_python.sync_playwright import Axe
from helpers import ROOT, load_tool
from playwright.sync_api import expect


def build(source, out):
    """The README's build, with the pages under `out`; warnings are errors."""
    jupyter_book = shutil.which("jupyter-book", path=str(Path(sys.executable).parent))
    command = [jupyter_book, "build", str(source), "--path-output", str(out), "-W", "--keep-going", "-n"]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    result = build(ROOT, out)
    assert result.returncode == 0, result.stderr
    return out / "_build" / "html"


def pages(site):
    return sorted((site / "book").glob("*.html"))


class Resources(HTMLParser):
    """Collects what a page loads by itself, and its images."""

    def __init__(self):
        super().__init__()
        self.loaded, self.images = [], []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag in ("script", "img", "iframe", "source", "object", "embed"):
            self.loaded += [attributes[key] for key in ("src", "data") if attributes.get(key)]
        if tag == "link" and attributes.get("rel") in ("stylesheet", "icon", "preload"):
            self.loaded.append(attributes["href"])
        if tag == "img":
            self.images.append(attributes)


def test_pages_load_nothing_from_another_host_and_every_image_has_an_alt_text(site):
    assert len(pages(site)) >= 8
    for page in pages(site):
        resources = Resources()
        resources.feed(page.read_text("utf-8"))
        assert not [url for url in resources.loaded if re.match(r"(https?:)?//", url)], page.name
        figures = [image for image in resources.images if "_images" in image["src"]]
        assert all(len(image.get("alt") or "") >= 30 for image in figures), page.name


def test_a_broken_reference_turns_the_build_red(tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "_build", "tests", "*.egg-info"))
    broken = [
        "{eq}`eq-lost`",
        "{term}`Lost term`",
        "{numref}`fig-lost`",
        "[x](lost.md)",
        "[y](#lost-claim)",
        "{cite}`lost2000`",
    ]
    with (copy / "book" / "glossary.md").open("a", encoding="utf-8") as glossary:
        glossary.write("\n" + " and ".join(broken) + "\n")
    result = build(copy, tmp_path / "out")
    assert result.returncode != 0
    for target in ("eq-lost", "Lost term", "fig-lost", "lost.md", "lost-claim", "lost2000"):
        assert any("glossary.md" in line and target in line for line in result.stderr.splitlines()), (
            target,
            result.stderr,
        )


def watched(context):
    """The addresses that the context's pages ask for, and the errors that they report: two lists that grow."""
    asked, errors = [], []
    context.on("request", lambda request: asked.append(request.url))
    context.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: errors.append(str(error.error)))
    return asked, errors


@pytest.mark.parametrize("scheme, width", [("light", 1400), ("dark", 390)])
def test_pages_work_from_a_file_in_a_browser_and_for_everyone(site, browser, scheme, width):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked, errors = watched(context)
    for number, path in enumerate(pages(site)):
        page = context.new_page()
        page.goto(path.as_uri())
        page.wait_for_function("window.MathJax === undefined || MathJax.startup?.promise !== undefined")
        page.evaluate("async () => window.MathJax && await MathJax.startup.promise")
        equations = page.locator(".math").count()
        assert page.locator("mjx-container").count() >= equations, f"{path.name}: an equation is not typeset"
        assert page.locator("mjx-merror").count() == 0, f"{path.name}: MathJax reports an error"
        assert page.locator(".math > mjx-container[tabindex]").count() <= 20, f"{path.name}: formulas stop the tab key"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path.name} is wider than {width}"
        broken = "imgs => imgs.filter(i => !i.complete || !i.naturalWidth).map(i => i.src)"
        assert page.eval_on_selector_all("img", broken) == []
        if number % 2 == (scheme == "dark"):  # each page once, by turns
            found = Axe().run(page, options={"preload": False})  # else it asks for files
            assert found.violations_count == 0, f"{path.name}: {found.generate_report()}"
        page.close()
    assert [url for url in asked if url.split(":")[0] in ("http", "https")] == [] and errors == []
    context.close()


def test_a_page_brings_at_most_900_kilobytes_of_its_own_and_400_that_all_share(site):
    shared = None
    for path in pages(site):
        html = path.read_text("utf-8")
        files = set(re.findall(r'\b(?:src|href)="([^"#?:]+\.(?:js|css|svg|png|woff2))', html))
        own = {file for file in files if re.search("_images|_static/(live|exercises|diagrams)", file)}
        size = len(html.encode()) + sum((path.parent / file).stat().st_size for file in own)
        assert size <= 900_000, f"{path.name} brings {size} bytes"
        shared = files - own if shared is None else shared & files
    engine = {file for file in shared if "mathjax" in file}
    fonts = list((site / "_static").rglob("*.woff2"))
    size = sum((site / "book" / file).stat().st_size for file in shared - engine) + sum(f.stat().st_size for f in fonts)
    assert 100_000 < size <= 400_000, f"all pages share {size} bytes"


@pytest.mark.parametrize("query", ["reset gate", "重置门", "candidate state"])
def test_search_finds_the_chapter_that_defines_a_term_from_a_file(site, browser, query):
    page, said = browser.new_page(), []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.goto(f"{(site / 'search.html').as_uri()}?q={query}")
    first = page.locator("#search-results li").first
    expect(first.locator("p.context")).to_be_visible()
    assert first.locator("a").get_attribute("href").startswith("book/equations.html")
    snippets = page.locator("#search-results p.context").all_inner_texts()
    assert snippets and not re.search(r"[\\\\{}]", " ".join(snippets)) and said == []
    page.close()


def test_a_part_of_a_chinese_term_finds_the_chapters_of_its_terms(site, browser):
    page = browser.new_page()
    page.goto(f"{(site / 'search.html').as_uri()}?q=门控")
    found = page.locator("#search-results li a")
    expect(found).to_have_count(2)
    assert [link.partition("#")[0] for link in found.evaluate_all("all => all.map(a => a.getAttribute('href'))")] == [
        "book/glossary.html",
        "book/equations.html",
    ]
    page.close()


def test_the_joined_document_of_the_pdf_has_every_page_and_each_anchor_that_it_links_to(site, monkeypatch):
    pdf = load_tool("pdf")
    monkeypatch.setattr(pdf, "SITE", site)
    text = pdf.document()
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert {f"page-{path.stem}" for path in pages(site)} - set(ids) == {"page-progress"}
    links = set(re.findall(r'href="#([^"]+)"', text))
    assert len(links) > 250 and links <= set(ids)
    solutions = sum(path.read_text("utf-8").count('<details class="solution"') for path in pages(site))
    assert text.count('<section class="solution" id="solution-') == solutions >= 100
    assert not re.search(r'<button|<details class="hide|class="exercise-form', text)


def test_chapters_outside_the_book_have_its_numbers(site):
    resolver = Resolver(ROOT, lambda page: f"{page}.ipynb")
    ours = {label: (name, stem) for label, (name, stem) in resolver.labels.items() if label.startswith(("fig-", "eq-"))}
    built = {}
    for stem in resolver.chapters:
        html = (site / "book" / f"{stem}.html").read_text("utf-8")
        figures = re.findall(
            r'<figure [^>]*id="(fig-[\w-]+)".*?<span class="caption-number">(Fig\. [\d.]+) </span>', html, re.DOTALL
        )
        equations = re.findall(r'id="equation-(eq-[\w-]+)">\s*<span class="eqno">(\([\d.]+\))', html)
        built |= {label: (number, stem) for label, number in figures + equations}
    assert len(built) > 120 and built == ours


def test_a_downloaded_chapter_runs_elsewhere_with_the_package_that_the_site_carries(site, tmp_path):
    (package,) = (site / "_static").glob("grulib-*.whl")
    zipfile.ZipFile(package).extractall(tmp_path / "packages")
    chapter = site / "_sources" / "book" / "equations.ipynb"
    code = (
        "import sys, nbformat, nbclient\n"
        "book = nbformat.read(sys.argv[1], 4)\n"
        "where = nbformat.v4.new_code_cell('import grulib, grulib.page; print(grulib.__file__, len(grulib.page.page_of_figure(\"parts\")) > 10_000)')\n"
        "book.cells.append(where)\n"
        "nbclient.NotebookClient(book, timeout=300, kernel_name='python3').execute()\n"
        "print(book.cells[-1].outputs[0].text)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "packages")}
    command = [sys.executable, "-c", code, str(chapter)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.split() == [str(tmp_path / "packages" / "grulib" / "__init__.py"), "True"]


def test_the_epubs_files_link_to_where_anchors_lie_and_its_contents_name_every_page():
    epub = load_tool("epub")
    parts = [
        (
            "introduction",
            '<section id="page-introduction"><h1>A &amp; B</h1><a href="#page-gates--x">c</a><img src="../_images/p.png"/></section>',
        ),
        ("gates", '<section id="page-gates"><h1>G</h1><section id="page-gates--x"><h2>X</h2></section></section>'),
        ("solutions", '<section id="solutions"><h1>Solutions</h1></section>'),
    ]
    linked, pictures = epub.with_addresses(parts)
    assert 'href="gates.xhtml#page-gates--x"' in linked["introduction"] and pictures == ["p.png"]
    assert 'src="images/p.png"' in linked["introduction"]
    contents = epub.contents(linked)
    assert '<a href="introduction.xhtml">A &amp; B</a>' in contents
    assert '<a href="gates.xhtml">G</a><ol><li><a href="gates.xhtml#page-gates--x">X</a></li></ol>' in contents
    assert re.findall(r'id="page-([\w-]+)', epub.package(list(linked), linked, pictures)) == [
        "introduction",
        "gates",
        "solutions",
    ]
    lost = [("introduction", '<section id="page-introduction"><a href="#lost">c</a></section>')]
    with pytest.raises(KeyError, match="lost"):
        epub.with_addresses(lost)


@pytest.fixture(scope="module")
def served(site):
    """The address of the site on this machine."""
    handler = functools.partial(QuietHandler, directory=site)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.mark.parametrize("scheme, width, over", [("light", 1400, "file"), ("dark", 390, "http")])
def test_live_figures_react_on_their_pages(site, served, browser, scheme, width, over):
    home = served if over == "http" else f"{site.as_uri()}/"
    size = {"width": width, "height": 900}
    context = browser.new_context(viewport=size, color_scheme=scheme, has_touch=True, reduced_motion="reduce")
    (asked, errors), figures, forms = watched(context), [], 0
    for path in pages(site):
        if "data-figure=" not in path.read_text("utf-8") and "exercises.js" not in path.read_text("utf-8"):
            continue
        page = context.new_page()
        page.goto(f"{home}book/{path.name}")
        for figure in page.locator(".live").all():
            figures.append(figure.get_attribute("data-figure"))
            expect(figure).to_have_class(re.compile("started"))
            ranges, fields = figure.locator("input[type=range]"), figure.locator("input[type=text]")
            parts = figure.locator(".played svg [role=button]")
            for press, k in (("click", 1), ("tap", 2)):
                page.mouse.move(0, 0)  # else it points at the same place again as soon as that is painted anew
                target = (
                    ranges.first
                    if ranges.count()
                    else parts.nth(k)
                    if parts.count() > 2
                    else figure.locator(".played svg")
                )
                box = target.bounding_box()
                with changes(figure):
                    getattr(target, press)(
                        position={"x": (0.2 * k - 0.05) * box["width"], "y": 0.2 * k * box["height"]}
                    )
            key, target = (
                ("a", fields)
                if fields.count()
                else ("ArrowRight", ranges)
                if ranges.count()
                else ("Enter", parts if parts.count() > 2 else figure.locator("button"))
            )
            with changes(figure):
                target.first.press(key)
        forms += page.locator(".exercise-form").count()
        if page.locator(".live, .exercise-form").count():
            found = Axe().run(
                page, context=".live, .exercise-form", options={"preload": False}
            )  # else it asks for files
            assert found.violations_count == 0, f"{path.name}: {found.generate_report()}"
        page.close()
    context.close()
    assert sorted(figures) == sorted(file.stem for file in (ROOT / "book" / "_static" / "live").glob("*.svg"))
    assert forms >= 45 and errors == [] and not [url for url in asked if not url.startswith(home)]


@contextlib.contextmanager
def changes(figure):
    before = figure.inner_html()
    yield
    assert figure.inner_html() != before, figure.get_attribute("data-figure")


def test_verdicts_are_chosen_tables_sorted_and_filtered_figures_enlarged_and_solutions_opened(site, browser):
    page = browser.new_page()
    page.goto((site / "book" / "audit.html").as_uri())
    boxes = page.locator(".admonition.verdict:visible")
    all_boxes = boxes.count()
    page.get_by_label("Show the claims with this verdict").select_option("false")
    titles = boxes.locator(".admonition-title").all_inner_texts()
    assert 0 < len(titles) < all_boxes and all("false" in title for title in titles)
    solution = page.locator("details.solution").first
    assert not solution.locator("pre").first.is_visible()
    solution.locator("summary").click()
    assert "check(" in solution.locator("pre").first.inner_text()

    page.goto((site / "book" / "five-documents.html").as_uri())
    table = page.locator("table:has(button.sort)").last
    table.locator("button.sort").first.click()
    first = table.locator("tbody tr td:first-child").all_inner_texts()
    table.locator("button.sort").first.click()
    assert table.locator("tbody tr td:first-child").all_inner_texts() == first[::-1] != first

    page.goto((site / "book" / "equations.html").as_uri())
    page.get_by_role("button", name="Enlarge this figure").first.click()
    assert page.locator("dialog.enlarged").is_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog.enlarged")).to_have_count(0)
    page.close()
