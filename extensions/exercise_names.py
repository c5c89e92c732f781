"""Exercises are called in the page what `check` calls them, "equations.3", and their titles say how hard they are."""

import re

TITLE = re.compile(
    r'(<div class="exercise admonition" id="ex-(?P<chapter>[\w-]+)-(?P<number>\d)">\s*<p class="admonition-title">)'
    r'<span class="caption-number">Exercise [\d.]+ </span> \((?P<title>.*) \((?P<level>easy|medium|hard)\)\)</p>'
)
LINK = re.compile(
    r'(?P<tag><a [^>]*href="[^"]*#ex-(?P<chapter>[\w-]+)-(?P<number>\d)"[^>]*>)(?P<text>(?: |<span[^>]*>)*)Exercise [\d.]+[^<]*'
)


def named(body):
    """The page's HTML with the exercises' own names in titles and links."""
    body = TITLE.sub(
        r'\1Exercise \g<chapter>.\g<number>: \g<title> <span class="level">\g<level></span></p>',
        body,
    )
    return LINK.sub(r"\g<tag>\g<text>Exercise \g<chapter>.\g<number>", body)


def on_page(app, pagename, templatename, context, doctree):
    if app.builder.format == "html" and "body" in context:
        context["body"] = named(context["body"])


def setup(app):
    app.connect("html-page-context", on_page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
