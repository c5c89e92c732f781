"""book/claims.toml: a cell was run and decided each claim, and a box gives this verdict and names the chapter of the cell."""

import ast
import builtins
import re
import tomllib

import nbformat
import numpy as np
import pytest
from helpers import BOOK, refused

from grulib.convert.notations import NOTATIONS
from grulib.page import decide

CLAIMS = tomllib.loads((BOOK / "claims.toml").read_text("utf-8"))["claim"]
VERDICTS = ("holds", "holds under a condition", "overstated", "false")
DECIDED = re.compile(r"Claim (?P<id>[A-E]\d+) (?P<verb>holds|does not hold) for (?P<cases>.*?)(?P<but>; not for .*)?\.")
BOX = re.compile(
    r":::\{admonition\} Claims? (?P<ids>[^:]*): (?P<verdict>.*)\n:class: verdict\n:name: (?P<name>\S+)\n(?P<text>[^:]*(?::[^:]+)*?)\n:::$",
    re.MULTILINE,
)


def decided(cell):
    """What the lines of `decide` in a cell's outputs say: pairs of a claim's id and the verdicts that fit its cases."""
    texts = [output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", [])]
    lines = [line for line in map(DECIDED.fullmatch, texts) if line]
    return [(line["id"], _fitting(line)) for line in lines]


def _fitting(line):
    if line["verb"] == "does not hold":
        return ("false",)
    return ("holds under a condition", "overstated") if line["but"] else ("holds",)


def constant_cases(cell, id):
    """The cases of a claim that the cell's call of `decide` gives a value without computing anything."""
    calls = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call)]
    return [
        ast.unparse(case)
        for call in calls
        if getattr(call.func, "id", None) == "decide" and ast.literal_eval(call.args[0]) == id
        for case in call.keywords
        if not {node.id for node in ast.walk(case) if isinstance(node, ast.Name)} - set(dir(builtins))
    ]


def boxes_of(notebook):
    """The boxes of verdicts in a chapter, by name."""
    prose = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return {box["name"]: box for source in prose for box in BOX.finditer(source)}


def problems(claim, notebook, boxes):
    """What is wrong with a claim's entry, given the chapter that decides it and all boxes; one sentence each."""
    found = []
    if claim.keys() - {"link"} != {"id", "where", "says", "verdict", "finding", "chapter", "cell"}:
        found.append(f"fields are {sorted(claim)}")
    if claim["verdict"] not in VERDICTS:
        found.append(f"the verdict is {claim['verdict']!r}")
    link = claim.get("link", f"claim-{claim['id'].lower()}")
    if link not in boxes:
        return [*found, f"there is no box {link}"]
    box = boxes[link]
    if claim["id"] not in re.findall(r"[A-E]\d+", box["ids"]):
        found.append(f"the box {link} is about {box['ids']}")
    said = re.sub("^hold\\b", "holds", box["verdict"])  # "Claims ... hold"
    if not re.fullmatch(rf"{claim['verdict']}(,.*|)", said):
        found.append(f"the box says {box['verdict']!r}, the list {claim['verdict']!r}")
    if link not in boxes_of(notebook) and f"({claim['chapter']}.ipynb" not in box["text"]:
        found.append(f"the box {link} does not name the chapter {claim['chapter']}")
    cells = {cell.id: cell for cell in notebook.cells}
    cell = cells.get(claim["cell"])
    if cell is None or cell.cell_type != "code" or cell.execution_count is None or not cell.outputs:
        found.append(f"{claim['cell']} is no executed cell with an output")
    else:
        fitting = [verdicts for id, verdicts in decided(cell) if id == claim["id"]]
        if len(fitting) != 1:
            found.append(f"{claim['cell']} decides the claim {len(fitting)} times")
        elif claim["verdict"] not in fitting[0]:
            found.append(f"the list says {claim['verdict']!r}, the cell {' or '.join(fitting[0])!r}")
        found += [f"{case} is not computed" for case in constant_cases(cell, claim["id"])]
    return found


def all_boxes():
    notebooks = (nbformat.read(path, as_version=4) for path in BOOK.glob("*.ipynb"))
    return {name: box for notebook in notebooks for name, box in boxes_of(notebook).items()}


BOXES = all_boxes()


def chapter(claim):
    return nbformat.read(BOOK / f"{claim['chapter']}.ipynb", as_version=4)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim["id"])
def test_link_leads_to_an_executed_cell_and_its_verdict(claim):
    assert problems(claim, chapter(claim), BOXES) == []


def printed_table(stem, cell_id):
    """The rows of a table that a chapter has printed. nbval does not compare Markdown."""
    notebook = nbformat.read(BOOK / f"{stem}.ipynb", as_version=4)
    (cell,) = (cell for cell in notebook.cells if cell.id == cell_id)
    return [row.strip("| ").split(" | ") for row in cell.outputs[0].data["text/markdown"].splitlines()[2:]]


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
    ids = [id for box in BOXES.values() for id in re.findall(r"[A-E]\d+", box["ids"])]
    assert sorted(ids) == sorted(claim["id"] for claim in CLAIMS)


def test_every_decision_is_in_the_list():
    decisions = [
        (path.stem, cell.id, id)
        for path in BOOK.glob("*.ipynb")
        for cell in nbformat.read(path, as_version=4).cells
        for id, _ in decided(cell)
    ]
    assert sorted(decisions) == sorted((claim["chapter"], claim["cell"], claim["id"]) for claim in CLAIMS)


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({"verdict": "overstated"}, "the box says 'false, in three ways', the list 'overstated'"),
        ({"verdict": "wrong"}, "the verdict is 'wrong'"),
        ({"link": "claim-c2"}, "the box claim-c2 is about C2"),
        ({"link": "claim-x"}, "there is no box claim-x"),
        ({"cell": "practice-999"}, "practice-999 is no executed cell with an output"),
        ({"cell": "practice-title"}, "practice-title is no executed cell with an output"),
        ({"chapter": "equations"}, "the box claim-a5 does not name the chapter equations"),
    ],
)
def test_a_spoiled_entry_is_found(change, finding):
    (claim,) = (claim for claim in CLAIMS if claim["id"] == "A5")
    assert any(finding in problem for problem in problems(claim | change, chapter(claim), BOXES))


def test_a_cell_that_was_not_run_is_found():
    (claim,) = (claim for claim in CLAIMS if claim["id"] == "A5")
    notebook = chapter(claim)
    next(cell for cell in notebook.cells if cell.id == claim["cell"]).execution_count = None
    assert problems(claim, notebook, BOXES) == [f"{claim['cell']} is no executed cell with an output"]


SPOILED = {
    "the list says 'false', the cell 'holds'": lambda cell: shows(cell, "Claim A5 holds for code as it is."),
    "the list says 'false', the cell 'holds under a condition or overstated'": lambda cell: shows(
        cell, "Claim A5 holds for code as it is; not for code without biases."
    ),
    "decides the claim 0 times": lambda cell: shows(cell, "Claim A6 does not hold for code as it is."),
    "decides the claim 2 times": lambda cell: cell.outputs.append(cell.outputs[-1]),
    "code_as_it_is=bool(0) is not computed": lambda cell: cell.update(
        source=re.sub("code_as_it_is=.*,", "code_as_it_is=bool(0),", cell.source)
    ),
}


def shows(cell, line):
    cell.outputs[-1].data["text/plain"] = line


@pytest.mark.parametrize("finding", SPOILED)
def test_a_spoiled_decision_is_found(finding):
    (claim,) = (claim for claim in CLAIMS if claim["id"] == "A5")
    notebook = chapter(claim)
    SPOILED[finding](next(cell for cell in notebook.cells if cell.id == claim["cell"]))
    assert [problem for problem in problems(claim, notebook, BOXES) if problem.endswith(finding)] != []


def test_a_verdict_changed_in_list_and_box_is_found():
    (claim,) = (claim for claim in CLAIMS if claim["id"] == "A5")
    box = BOX.search(BOXES["claim-a5"][0].replace("Claim A5: false, in three ways", "Claim A5: holds"))
    found = problems(claim | {"verdict": "holds"}, chapter(claim), BOXES | {"claim-a5": box})
    assert found == ["the list says 'holds', the cell 'false'"]


@pytest.mark.parametrize(
    ("cases", "line", "verdicts"),
    [
        ({"large_D": True, "small_D": np.bool_(True)}, "Claim A1 holds for large D and small D.", ("holds",)),
        (
            {"large_D": np.bool_(False), "small_D": True},
            "Claim A1 holds for small D; not for large D.",
            ("holds under a condition", "overstated"),
        ),
        ({"large_D": False}, "Claim A1 does not hold for large D.", ("false",)),
    ],
)
def test_decide_shows_a_line_from_which_the_verdict_follows(capsys, cases, line, verdicts):
    decide("A1", **cases)
    assert capsys.readouterr().out == f"{line}\n"
    cell = nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("display_data", {"text/plain": line})])
    assert decided(cell) == [("A1", verdicts)]


def test_decide_refuses_what_is_no_decision():
    refused(ValueError, "claim must be a letter from A to E and a number, got 'F1'", lambda: decide("F1", case=True))
    refused(ValueError, "claim must be a letter from A to E and a number, got 1", lambda: decide(1, case=True))
    refused(ValueError, "cases must be one or more keywords with a bool each, got none", lambda: decide("A1"))
    for value in (1, 0.0, None, "yes", np.array([True])):
        refused(TypeError, f"case must be True or False, got {value!r}", lambda: decide("A1", case=value))
