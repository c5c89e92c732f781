"""extensions/claims.py: tables made of book/claims.toml, and boxes marked by their verdicts."""

import tomllib

from claims import VERDICTS, linked, mark_links, mark_verdicts, table
from docutils import nodes
from helpers import BOOK

CLAIMS = tomllib.loads((BOOK / "claims.toml").read_text("utf-8"))["claim"]


def test_the_page_of_the_documents_has_each_claim_once_with_a_link_to_its_box():
    page = (BOOK / "five-documents.md").read_text("utf-8")
    assert [line[-1] for line in page.splitlines() if line.startswith("```{claims}")] == list("ABCDE")
    for claim in CLAIMS:
        (row,) = (row for row in table(CLAIMS) if row.startswith(f"| {claim['id']} ("))
        box = claim.get("link", f"claim-{claim['id'].lower()}")
        cells = [f"{claim['id']} ({claim['where']})", claim["says"], f"[{claim['verdict']}](#{box})", claim["finding"]]
        assert row.strip("| ").split(" | ") == cells


# What the documents have, as their own numbers and headings say it.
SECTIONS = {
    "A": ["1.1", "1.2", "2.1", "2.2", "3.1", "3.2", "4", "5"],
    "B": ["1.1", "1.2", "2.1", "2.2", "3.1 to 3.3", "4", "5", "6", "conclusion"],
    "C": ["introduction", "1, update gate", "2, reset gate", "3, current memory content", "4, final memory"],
    "D": ["introduction", "core idea", "mathematics", "implementation", "training", "advantages", "advice", "summary"],
    "E": ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
}


def test_every_section_of_every_document_has_its_place_in_the_book():
    page = (BOOK / "five-documents.md").read_text("utf-8")
    for document, sections in SECTIONS.items():
        part = page.split(f"\n## Document {document}:")[1].split("\n## ")[0]
        lines = part.split("|---|---|---|\n")[1].split("\n\n")[0].splitlines()
        rows = [line.strip("| ").split(" | ") for line in lines]
        assert [row[0] for row in rows] == sections, document
        assert all("](" in row[2] or "{numref}" in row[2] for row in rows), document


def box(title, *classes):
    admonition = nodes.admonition(classes=list(classes))
    admonition += nodes.title(text=title)
    return admonition


def test_boxes_and_links_are_marked_by_their_verdict_and_others_are_not():
    assert VERDICTS.keys() == {claim["verdict"] for claim in CLAIMS}
    document = nodes.section()
    document += box("Claim A1: holds under a condition", "verdict")
    document += box("Claim A2: holds, and more", "verdict")
    document += box("A box: false", "note")
    document += nodes.reference(text="false")
    document += nodes.reference(text="elsewhere")
    mark_verdicts(None, document)
    mark_links(None, document, "page")
    marks = [[name for name in part["classes"] if name.startswith("verdict-")] for part in document.children]
    assert marks == [["verdict-condition"], ["verdict-holds"], [], ["verdict-false"], []]


def test_a_decision_says_its_claim_and_leads_to_its_box():
    claims = {"A8": {"id": "A8", "says": "more < less"}, "B2": {"id": "B2", "says": "x", "link": "claim-b1"}}
    html = "<div class='grulib-box'>Claim A8 holds for LSTM; not for GRU.</div><p>Claim B2 does not hold for x. Claim of B2</p>"
    assert linked(html, claims, lambda box: f"audit.html#{box}") == (
        "<div class='grulib-box'><a href=\"audit.html#claim-a8\">Claim A8</a>, “more &lt; less”, holds for LSTM; not for GRU.</div>"
        '<p><a href="audit.html#claim-b1">Claim B2</a>, “x”, does not hold for x. Claim of B2</p>'
    )
