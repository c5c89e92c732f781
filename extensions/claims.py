"""Claims of the documents: a table of them, made of book/claims.toml, and verdicts that can be told apart at a glance."""

import re
import tomllib
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

DECIDED = re.compile(r"Claim (?P<id>[A-E]\d+) (?P<verb>holds|does not hold) for ")
VERDICTS = {"holds": "holds", "holds under a condition": "condition", "overstated": "overstated", "false": "false"}


def claims_of(app):
    return tomllib.loads(Path(app.srcdir, "book", "claims.toml").read_text("utf-8"))["claim"]


def box_of(claim):
    """The name of the box that gives a claim's verdict."""
    return claim.get("link", f"claim-{claim['id'].lower()}")


def table(claims):
    """Lines of Markdown: a row for each claim, whose verdict leads to the claim's box."""
    yield "| claim | what it says | verdict | what was found |"
    yield "|---|---|---|---|"
    for claim in claims:
        verdict = f"[{claim['verdict']}](#{box_of(claim)})"
        yield f"| {claim['id']} ({claim['where']}) | {claim['says']} | {verdict} | {claim['finding']} |"


class Claims(SphinxDirective):
    """`{claims} B` sets the table of document B's claims."""

    required_arguments = 1

    def run(self):
        path = Path(self.env.srcdir, "book", "claims.toml")
        self.env.note_dependency(str(path))
        chosen = [claim for claim in claims_of(self.env.app) if claim["id"].startswith(self.arguments[0])]
        if not chosen:
            raise self.error(f"claims: there is none of document {self.arguments[0]}")
        container = nodes.container(classes=["claims"])
        self.state.nested_parse(StringList([*table(chosen)], str(path)), self.content_offset, container)
        return [container]


def mark_verdicts(app, doctree):
    """Boxes with the class "verdict" get a second one for what their title says."""
    for box in doctree.findall(nodes.Admonition):
        if "verdict" in box["classes"]:
            words = box.next_node(nodes.title).astext().partition(": ")[2].partition(",")[0]
            words = re.sub("^hold\\b", "holds", words)  # "Claims ... hold"
            if words in VERDICTS:
                box["classes"].append(f"verdict-{VERDICTS[words]}")


def mark_links(app, doctree, docname):
    """Links whose text is a verdict, too; only now do they lead anywhere."""
    for link in doctree.findall(nodes.reference):
        if link.astext() in VERDICTS:
            link["classes"].append(f"verdict-{VERDICTS[link.astext()]}")


def linked(html, claims, address):
    """The HTML of a cell that decides a claim, "Claim A8 holds for ...", with the claim's words and a link to its box."""

    def replaced(match):
        claim = claims[match["id"]]
        return f'<a href="{address(box_of(claim))}">Claim {claim["id"]}</a>, “{escape(claim["says"])}”, {match["verb"]} for '

    return DECIDED.sub(replaced, html)


def link_decisions(app, doctree, docname):
    claims = {claim["id"]: claim for claim in claims_of(app)}
    labels = app.env.domains["std"].anonlabels

    def address(box):
        page, target = labels[box][:2]
        return ("" if page == docname else app.builder.get_relative_uri(docname, page)) + f"#{target}"

    for raw in doctree.findall(lambda node: isinstance(node, nodes.raw) and "grulib-box" in node.astext()):
        raw[:] = [nodes.Text(linked(raw.astext(), claims, address))]


def setup(app):
    app.add_directive("claims", Claims)
    app.connect("doctree-read", mark_verdicts)
    app.connect("doctree-resolved", mark_links)
    app.connect("doctree-resolved", link_decisions)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
