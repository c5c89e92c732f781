"""Live figures: their pictures become part of the page, and their scripts are loaded where a page has one."""

import re
from html import unescape

from pictures import inlined

from grulib.page import LIVE, scripts_of

FIGURE = re.compile(
    r"<div class='live' data-figure='(?P<name>[a-z]+)'><img class='still' [^>]*alt='(?P<alt>[^']*)'><p class='in-jupyter'>.*?</p></div>",
    re.DOTALL,
)


def with_figures(body, folder):
    """The page's HTML with each still picture inlined, and the names of its figures; `folder` holds the pictures."""
    names = []

    def replaced(match):
        names.append(match["name"])
        svg = inlined((folder / f"{match['name']}.svg").read_text("utf-8"), unescape(match["alt"]))
        svg = svg.replace('class="diagram"', 'class="diagram still"', 1)
        return f"<div class='live' data-figure='{match['name']}'>{svg}</div>"

    return FIGURE.sub(replaced, body), names


def on_page(app, pagename, templatename, context, doctree):
    if app.builder.format == "html" and "body" in context:
        context["body"], names = with_figures(context["body"], LIVE)
        for script in dict.fromkeys(script for name in names for script in scripts_of(name)):
            app.add_js_file(f"live/{script}.js", loading_method="defer")


def setup(app):
    app.connect("html-page-context", on_page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
