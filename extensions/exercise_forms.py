"""Exercises whose answer is letters or values get a form in the page; of the others the page says where they are done."""

import json
import re
from pathlib import Path

EXERCISE = re.compile(
    r'<div class="exercise admonition" id="ex-(?P<chapter>[\w-]+)-(?P<number>\d)">.*?</section>', re.DOTALL
)
# Stored by `python -m grulib.exercises`, so that building the pages needs nothing that an exercise computes with.
STORED = json.loads((Path(__file__).parents[1] / "grulib" / "exercises" / "pages.json").read_text("utf-8"))


def data(ids):
    """What the page's script knows: its exercises, the sentences, and which exercises there are in all."""
    return STORED | {"exercises": [STORED["exercises"][id] for id in ids]}


def with_forms(body, always=False):
    """The page's HTML with what its script needs; a page without exercises stays as it is unless `always`."""
    ids = []

    def replaced(match):
        id = f"{match['chapter']}.{match['number']}"
        if id in STORED["exercises"]:
            ids.append(id)
            return match[0]
        return f'{match[0]}<p class="in-jupyter">{STORED["sentences"]["IN_JUPYTER"].format(id=id)}</p>'

    body = EXERCISE.sub(replaced, body)
    if not ids and not always:
        return body
    told = json.dumps(data(ids), ensure_ascii=False).replace("<", "\\u003c")
    return f'{body}<script type="application/json" id="exercise-data">{told}</script>'


def on_page(app, pagename, templatename, context, doctree):
    if app.builder.format == "html" and "body" in context:
        context["body"] = with_forms(context["body"], always=pagename == "book/progress")
        if "exercise-data" in context["body"]:
            app.add_js_file("exercises.js", loading_method="defer")


def setup(app):
    app.connect("html-page-context", on_page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
