"""extensions/as_notebook.py and downloads.py: chapters that are read without the built book around them."""

import re

import pytest
from as_notebook import Resolver, with_numbers, without_boxes
from downloads import download
from helpers import BOOK, ROOT

SITE = "https://example.org/gru"
LEFT = re.compile(r"\{[a-z:]+\}`|^\([\w-]+\)=$|^:::|^```\{|\]\(_static|\.ipynb\)|\.md\)|\[\]\(", re.MULTILINE)


@pytest.fixture(scope="module")
def resolver():
    return Resolver(ROOT, lambda page: f"{SITE}/book/{page}.html")


def test_numbers_references_citations_and_captions_stand_in_the_text(resolver):
    text = resolver.text(
        "{eq}`eq-blend`, {numref}`fig-recall`, {ref}`ex-practice-5`, {ref}`words <limits>`, {ref}`limits`, {term}`a gate <Gate 门>`, "
        "{cite:t}`cho2014`, {cite}`hochreiter1997,gers2000`, [there](gates.ipynb#x), [here](#limits)\n\n$$\na\n$$ (eq-blend)\n",
        "background",
    )
    assert text.startswith(
        f"[(2.2)]({SITE}/book/equations.html), Fig. 1.8, [Exercise practice.5]({SITE}/book/practice.html), "
        f"[words]({SITE}/book/equations.html), [Limits]({SITE}/book/equations.html), a gate, "
    )
    assert re.search(r"\[Cho et al\. \(2014\)\]\(https://\S+\), \(\[Hochreiter and Schmidhuber, 1997\]", text)
    assert text.endswith(
        f"[there]({SITE}/book/gates.html), [here]({SITE}/book/equations.html)\n\n$$\na \\tag{{2.2}}\n$$\n"
    )
    captions = [cell.source for cell in resolver.notebook("background").cells if cell.id.endswith("-caption")]
    assert len(captions) == 8 and captions[0].startswith("*Fig. 1.3.* The norm of the product")


def test_a_link_to_a_page_that_is_not_there_becomes_words():
    resolver = Resolver(ROOT, {"equations": "02-equations.ipynb"}.get)
    assert (
        resolver.text("[a](equations.ipynb) [b](progress.md) {eq}`eq-jacobian-before`", "gates")
        == "[a](02-equations.ipynb) b (3.7)"
    )


def test_boxes_become_quotations_and_formulas_keep_the_books_numbers():
    box = ":::{admonition} A title\n:class: note\n\none\n\ntwo\n:::\nafter"
    assert without_boxes(box) == "> **A title**\n>\n> one\n>\n> two\nafter"
    assert with_numbers("$$\na \\tag{2.2}\n$$") == "```{math}\n:enumerator: 2.2\na\n```"
    assert with_numbers("- b\n  $$\n  c\n  $$") == "- b\n  ```{math}\n  :enumerated: false\n  c\n  ```"


def test_nothing_that_only_the_build_understands_is_left_in_a_download(resolver):
    for stem in resolver.chapters:
        notebook = download(resolver, stem, ROOT, SITE, "grulib-0-py3-none-any.whl")
        first, *cells = notebook.cells
        assert f"{SITE}/_static/grulib-0-py3-none-any.whl" in first.source and first.id == "install-what-is-missing"
        assert ("claims.toml" in first.source) == (stem == "audit")
        for cell in cells:
            if cell.cell_type == "markdown":
                assert not LEFT.search(cell.source), (stem, cell.id, LEFT.search(cell.source))
                assert set(re.findall(r"attachment:([\w-]+\.svg)", cell.source)) == set(cell.get("attachments", {}))
            else:
                assert not any("src='_static" in str(output) for output in cell.outputs), (stem, cell.id)
        code = [cell.source for cell in cells if cell.cell_type == "code"]
        assert code == [cell.source for cell in resolver.chapters[stem][1].cells if cell.cell_type == "code"]
    assert len(resolver.chapters) == len(list(BOOK.glob("*.ipynb")))


def test_without_an_address_a_download_says_what_to_install(resolver):
    first = download(resolver, "audit", ROOT, "", "grulib-0-py3-none-any.whl").cells[0].source
    assert "pip install 'grulib[chapters] @ file://FOLDER/_static/grulib-0-py3-none-any.whl'" in first
    compile(first, "first cell", "exec")
