"""What readers who can't see a page, or use no mouse, would stumble over in the HTML of Sphinx and its theme."""

import re
from pathlib import Path

CHANGES = (
    (r'\brole="doc-biblioentry"', 'role="listitem"'),  # which is deprecated
    (r' id="exercise-content"', ""),  # the same in each exercise
    (r"<th\b[^>]*>\s*(?:<p>\s*</p>)?\s*</th>", "<td></td>"),  # a heading that says nothing
    (r'(<div id="pst-primary-sidebar"(?![^>]*\brole=))', r'\1 role="navigation" aria-label="The book"'),
)


def for_everyone(html):
    for pattern, instead in CHANGES:
        html = re.sub(pattern, instead, html)
    return html


def on_end(app, exception):
    if exception or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        path.write_text(for_everyone(path.read_text("utf-8")), "utf-8")


def setup(app):
    app.connect("build-finished", on_end)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
