"""book/claims.toml: each claim's link leads to a box with its verdict, right after a cell that was run."""

import re
import tomllib

import nbformat
import pytest
from helpers import BOOK

from grulib.convert.notations import NOTATIONS

CLAIMS = tomllib.loads((BOOK / "claims.toml").read_text())["claim"]
VERDICTS = ("holds", "holds under a condition", "overstated", "false")
BOX = re.compile(r":::\{admonition\} Claims? (?P<ids>[^:]*): (?P<verdict>.*)\n:class: verdict\n:name: (?P<name>\S+)")


def problems(claim, notebook):
    """What is wrong with a claim's entry, given its chapter; one sentence each."""
    found = []
    if claim.keys() - {"link"} != {"id", "where", "says", "verdict", "finding", "chapter", "cell"}:
        found.append(f"fields are {sorted(claim)}")
    if claim["verdict"] not in VERDICTS:
        found.append(f"the verdict is {claim['verdict']!r}")
    positions = {cell.id: i for i, cell in enumerate(notebook.cells)}
    boxes = {
        box["name"]: (box, i)
        for i, cell in enumerate(notebook.cells)
        if cell.cell_type == "markdown"
        for box in BOX.finditer(cell.source)
    }
    link = claim.get("link", f"claim-{claim['id'].lower()}")
    if link not in boxes:
        return [*found, f"there is no box {link}"]
    box, box_position = boxes[link]
    if claim["id"] not in re.findall(r"[A-E]\d+", box["ids"]):
        found.append(f"the box {link} is about {box['ids']}")
    said = re.sub("^hold\\b", "holds", box["verdict"])  # "Claims ... hold"
    if not re.fullmatch(rf"{claim['verdict']}(,.*|)", said):
        found.append(f"the box says {box['verdict']!r}, the list {claim['verdict']!r}")
    cell = notebook.cells[positions[claim["cell"]]] if claim["cell"] in positions else None
    if cell is None or cell.cell_type != "code" or cell.execution_count is None or not cell.outputs:
        found.append(f"{claim['cell']} is no executed cell with an output")
    elif not positions[claim["cell"]] < box_position:
        found.append(f"{claim['cell']} stands after its box")
    return found


def chapter(claim):
    return nbformat.read(BOOK / f"{claim['chapter']}.ipynb", as_version=4)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim["id"])
def test_link_leads_to_an_executed_cell_and_its_verdict(claim):
    assert problems(claim, chapter(claim)) == []


def printed_table(stem, cell_id):
    """The rows of a table that a chapter has printed. nbval does not compare Markdown."""
    notebook = nbformat.read(BOOK / f"{stem}.ipynb", as_version=4)
    (cell,) = (cell for cell in notebook.cells if cell.id == cell_id)
    return [row.strip("| ").split(" | ") for row in cell.outputs[0].data["text/markdown"].splitlines()[2:]]


def test_the_printed_list_is_the_list():
    assert printed_table("audit", "audit-list") == [
        [
            claim["id"],
            claim["where"],
            claim["says"],
            f"[{claim['verdict']}](#{claim.get('link', 'claim-' + claim['id'].lower())})",
            claim["finding"],
        ]
        for claim in CLAIMS
    ]


def test_the_printed_table_of_notations_is_that_of_the_data():
    rows = printed_table("notations", "notations-table")
    assert [row[:3] for row in rows] == [[n.name, n.reset, n.z] for n in NOTATIONS.values()]
    by_name = {row[0]: row[3:] for row in rows}
    assert by_name["A"] == ["$[h, x]$", "columns", "apart", "none"]
    assert by_name["D"] == ["apart", "rows", "apart", "$b$"]
    assert by_name["E code"] == ["$[x, h]$", "columns", "apart", "$b$"]
    assert by_name["PyTorch"] == ["apart", "columns", "r, z, n", "$b$, $c$"]
    assert by_name["Keras reset_after=True"] == ["apart", "rows", "z, r, n", "$b$, $c$"]
    assert by_name["Flax linen"] == ["apart", "rows", "apart", "$b$, $c_n$"]


def test_every_box_of_a_verdict_is_in_the_list():
    boxes = [
        (path.stem, id)
        for path in BOOK.glob("*.ipynb")
        for cell in nbformat.read(path, as_version=4).cells
        for box in BOX.finditer(cell.source)
        for id in re.findall(r"[A-E]\d+", box["ids"])
    ]
    assert sorted(boxes) == sorted((claim["chapter"], claim["id"]) for claim in CLAIMS)


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({"verdict": "overstated"}, "the box says 'false, in three ways', the list 'overstated'"),
        ({"verdict": "wrong"}, "the verdict is 'wrong'"),
        ({"link": "claim-c2"}, "the box claim-c2 is about C2"),
        ({"link": "claim-x"}, "there is no box claim-x"),
        ({"cell": "practice-999"}, "practice-999 is no executed cell with an output"),
        ({"cell": "practice-title"}, "practice-title is no executed cell with an output"),
        ({"cell": "practice-figure-digits"}, "stands after its box"),
    ],
)
def test_a_spoiled_entry_is_found(change, finding):
    (claim,) = (claim for claim in CLAIMS if claim["id"] == "A5")
    assert any(finding in problem for problem in problems(claim | change, chapter(claim)))


def test_a_cell_that_was_not_run_is_found():
    (claim,) = (claim for claim in CLAIMS if claim["id"] == "A5")
    notebook = chapter(claim)
    next(cell for cell in notebook.cells if cell.id == claim["cell"]).execution_count = None
    assert problems(claim, notebook) == [f"{claim['cell']} is no executed cell with an output"]
