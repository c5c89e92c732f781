"""What the build does to pictures: diagrams become part of the page and follow its theme, plots show at half their pixels."""

import re
from html import escape, unescape
from pathlib import Path

_IMG = r'(?P<img><img\b[^>]*\bsrc="[^"]*_images/(?P<name>[^"/]+\.(?:svg|png))"[^>]*>)'
# A plot comes in a link to its own file, where a click shall enlarge it.
IMAGE = re.compile(rf'(?P<link><a class="[^"]*\bimage-reference\b[^>]*>\s*)?{_IMG}(?(link)\s*</a>)')


def inlined(svg, alt):
    """A diagram's file as an element of the page, whose style sheet takes the place of the file's own."""
    svg = re.sub(r"<style>.*?</style>|<title>.*?</title>", "", svg, flags=re.DOTALL).strip()
    return re.sub(r"^<svg ", f'<svg class="diagram" role="img" aria-label="{escape(alt)}" ', svg)


def width_of_png(data):
    return int.from_bytes(data[16:20], "big")


def with_pictures(body, read):
    """The page's HTML; read gives the bytes of a picture by its name in _images."""

    def replaced(match):
        tag, data = match["img"], read(match["name"])
        if match["name"].endswith(".svg"):
            alt = re.search(r'\balt="([^"]*)"', tag)
            return f'<div class="picture">{inlined(data.decode("utf-8"), unescape(alt[1]) if alt else "")}</div>'
        return f'<div class="picture">{tag[:4]} style="--width: {width_of_png(data) // 2}px"{tag[4:]}</div>'

    return IMAGE.sub(replaced, body)


def on_page(app, pagename, templatename, context, doctree):
    if app.builder.format == "html" and "body" in context:
        paths = {name: Path(app.srcdir, path) for path, name in app.builder.images.items()}
        context["body"] = with_pictures(context["body"], lambda name: paths[name].read_bytes())


def setup(app):
    app.connect("html-page-context", on_page)
    app.add_js_file("pages.js", loading_method="defer")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
