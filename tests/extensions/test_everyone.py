"""extensions/everyone.py: what a screen reader stumbles over goes, and nothing else changes."""

from everyone import for_everyone


def test_empty_headings_old_roles_and_a_sidebar_without_a_role_are_mended():
    html = """<div id="pst-primary-sidebar" class="bd-sidebar"></div><div class="citation" role="doc-biblioentry">A</div>
<tr><th class="head"><p></p></th><th scope='col'></th><th class="head"><p>a</p></th></tr><section id="exercise-content">"""
    assert for_everyone(html) == (
        '<div id="pst-primary-sidebar" role="navigation" aria-label="The book" class="bd-sidebar"></div>'
        '<div class="citation" role="listitem">A</div>\n<tr><td></td><td></td><th class="head"><p>a</p></th></tr><section>'
    )
    assert for_everyone(for_everyone(html)) == for_everyone(html)
