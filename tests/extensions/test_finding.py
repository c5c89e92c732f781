"""extensions/finding.py: which chapter defines a term, and what a snippet may show of a page."""

from docutils import nodes
from finding import anchor_of, defined_in, names_of, prose


def test_terms_with_a_chapter_and_their_names():
    glossary = """:::{glossary}
Reset gate 重置门
    The gate $r$. See [The equations](equations.ipynb).

Seed 随机种子
    A number.

Gated recurrent unit, GRU 门控循环单元
    A unit. See [The equations](equations.ipynb).
:::
"""
    assert defined_in(glossary) == [
        ("Reset gate 重置门", "equations"),
        ("Gated recurrent unit, GRU 门控循环单元", "equations"),
    ]
    assert names_of("Gated recurrent unit, GRU 门控循环单元") == ["Gated recurrent unit", "GRU", "门控循环单元"]
    assert names_of("Reset after") == ["Reset after"]


def test_a_term_leads_to_the_section_that_has_it_in_its_title_or_to_the_top():
    document = nodes.section(ids=["chapter"])
    document += nodes.title(text="A chapter")
    part = nodes.section(ids=["what-a-reset-gate-is"])
    part += nodes.title(text="What a reset gate is")
    document += part
    assert anchor_of(["Reset gate"], document) == "what-a-reset-gate-is"
    assert anchor_of(["Update gate"], document) == ""


def test_a_snippet_has_neither_formulas_nor_code_nor_tags():
    html = r"""<p>before</p><article class="bd-article"><section class="x" id="a"><h1>Title<a class="headerlink" href="#a">#</a></h1>
<p>Take <span class="math">\\(z = 1\\)</span> and <b>keep</b>.</p><div class="highlight-python"><div><pre>x = 1
</pre></div></div><dl><dt id="term-b">Bias</dt><dd>A vector.</dd></dl></section></article><p>after</p>"""
    assert prose(html.replace("\\\\", "\\")) == (
        '<section id="a"> Title … Take … and keep . … <section id="term-b">Bias A vector.</section> </section>'
    )
