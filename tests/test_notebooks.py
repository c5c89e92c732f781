"""The chapters as files: what nbval does not see. It passes a cell that was never run, and it compares no pictures."""

import ast
import base64
import re
import struct
import tomllib
from pathlib import Path

import nbformat
import pytest
import solutions
import yaml
from helpers import ROOT
from nbformat.v4 import new_output
from num2words import num2words

CHAPTERS = sorted((ROOT / "book").glob("*.ipynb"))
PICTURES = ("image/png", "image/svg+xml")


def problems_of_a_picture(number, cell, name):
    """What is wrong with a PNG: it carries the name of its figure, and its cell asserts on what it draws."""
    (picture, *more) = [
        base64.b64decode(o["data"]["image/png"]) for o in cell.outputs if "image/png" in o.get("data", {})
    ] or [None]
    if picture is None:
        return []  # SVG is text, which nbval compares
    found = [f"code cell {number} has more than one picture"] if more else []
    title = f"Title\0{name}".encode()
    if struct.pack(">I", len(title)) + b"tEXt" + title not in picture:
        found.append(f"the picture of code cell {number} is not the one of {name}")
    if not re.search(rf'show\("{name}", "[0-9a-f]{{12}}"\)', cell.source) and "assert" not in cell.source:
        found.append(f"the figure of code cell {number} has neither a hash nor an assert on what it draws")
    return found


def names_bound(tree):
    """The names that a cell gives a value, functions and classes among them; not those inside of these."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).split(".")[0]
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif not isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            yield from names_bound(node)


def problems_of_code(cells):
    """What is wrong with the code of a chapter's cells: what the formatter moved, lost variables, loose bounds, long lines."""
    found, bound = [], set()
    for cell in cells:
        solution = solutions.code_of(cell)
        if solution:
            names = set(names_bound(ast.parse(solution))) - {"_"}
            found += [f"{cell.id}, a solution, gives {name} another value" for name in sorted(names & bound)]
            found += [
                f"{cell.id}, a solution, has a long line: {line}" for line in solution.split("\n") if len(line) > 77
            ]
        if cell.cell_type != "code":
            continue
        bound |= set(names_bound(ast.parse(cell.source))) - {"_"}
        if re.search(r"^ *[)\]}]+[,:]* +#", cell.source, re.MULTILINE):
            found.append(f"{cell.id} has a comment behind a bracket; let it stand before the statement")
        if re.search(r"^\s*assert .*<=?\s*[\d.]+e\+?\d", cell.source, re.MULTILINE):
            found.append(f"{cell.id} asserts a bound that holds for anything")
    return found


def decides(cell):
    """Whether a cell does nothing but decide claims of the documents, whose verdicts stand in the audit."""
    nodes = ast.parse(cell.source).body
    return cell.id.endswith("-decided") and all(
        isinstance(node, ast.Assert) or ast.unparse(node).startswith("decide(") for node in nodes
    )


def problems(notebook):
    """What is wrong with an executed chapter, one sentence each."""
    found = []
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, 1):
        options, tags = cell.metadata.get("mystnb", {}), cell.metadata.get("tags", [])
        if cell.execution_count != number:
            found.append(f"code cell {number} has execution count {cell.execution_count}: run all cells in order")
        if set(cell.metadata) - {"mystnb", "tags", "jupyter", "made_by"}:
            found.append(f"code cell {number} has metadata of a run: {sorted(cell.metadata)}")
        # In the book the second folds a cell and the third leaves it out; both are still run and compared.
        unseen = {"remove-cell"} if cell.id.endswith("-check") or decides(cell) else set()
        if set(tags) - {"nbval-ignore-output", "hide-input"} - unseen:
            found.append(f"code cell {number} has tags that change what is checked: {tags}")
        if "nbval-ignore-output" in tags and "assert" not in code[number % len(code)].source:
            found.append(f"code cell {number} ignores its output, and no cell of asserts follows")
        outputs = [output for output in cell.outputs if output.output_type != "stream"]
        if any(output.output_type == "error" for output in outputs):
            found.append(f"code cell {number} ends in an error")
        if any(len(output.get("data", {}).get("text/plain", "")) > 2000 for output in outputs):
            found.append(f"code cell {number} shows a value of more than 2000 characters")
        if any(output.get("name") == "stderr" for output in cell.outputs):
            found.append(f"code cell {number} prints to stderr")
        if any(picture in output.get("data", {}) for output in outputs for picture in PICTURES):
            if len(options.get("image", {}).get("alt", "")) < 30:
                found.append(f"the figure of code cell {number} has no alt text that says what is to be seen")
            figure = options.get("figure", {})
            found += problems_of_a_picture(number, cell, figure.get("name"))
            if not figure.get("caption") or not str(figure.get("name", "")).startswith("fig-"):
                found.append(f"the figure of code cell {number} has no caption or no name fig-...")
        if any("class='live'" in str(output.get("data", {}).get("text/html")) for output in outputs):
            figure = options.get("figure", {})
            if not figure.get("caption") or not str(figure.get("name", "")).startswith("fig-live-"):
                found.append(f"the live figure of code cell {number} has no caption or no name fig-live-...")
        if re.search(r"/(home|root|tmp|work|Users)/", cell.source + str(cell.outputs)):
            found.append(f"code cell {number} has a path of a machine in it")
    ids = [cell.id for cell in notebook.cells]
    found += [f"the cell id {id} is no name" for id in ids if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", id)]
    found += [
        f"the cell id {id} is a number" for id in ids if re.search(r"-\d+$", id) and not re.search(r"-ex-\d$", id)
    ]
    if notebook.metadata.get("language_info") != {"name": "python"} or set(notebook.metadata) != {
        "kernelspec",
        "language_info",
    }:
        found.append(f"the notebook has metadata of a run: {sorted(notebook.metadata)}")
    found += problems_of_code(notebook.cells)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    exercises = re.findall(r":::\{exercise\}.*\n:label: (\S+)", prose)
    if not 4 <= len(exercises) <= 8:
        found.append(f"there are {len(exercises)} exercises, not four to eight")
    solved = [solutions.FOLDED.match(cell.source)["id"] for cell in notebook.cells if solutions.code_of(cell)]
    if exercises != [f"ex-{id.replace('.', '-')}" for id in solved]:
        found.append("exercises and collapsed solutions do not match")
    for heading in ("## Summary", "## Exercises", "## Further reading", "{admonition} In this chapter"):
        if heading not in prose:
            found.append(f"there is no '{heading}'")
    return found


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapters_are_executed_described_and_clean(path):
    assert problems(nbformat.read(path, as_version=4)) == []


def test_nineteen_chapters_run_in_eight_minutes_of_one_core_and_each_other_adds_20_seconds():
    """As their boxes say; who makes one slower, makes another faster."""
    prose = ["\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells) for path in CHAPTERS]
    seconds = [int(re.search(r"\*\*Time\*\*: .* (\d+) seconds to run", text)[1]) for text in prose]
    assert sum(seconds) <= 480 + 20 * (len(CHAPTERS) - 19) and max(seconds) <= 60


def test_every_chapter_is_in_the_table_of_contents_and_the_readme():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    listed = [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]
    stems = sorted(p.stem for p in CHAPTERS)
    assert sorted(Path(entry).name for entry in listed if (ROOT / f"{entry}.ipynb").exists()) == stems
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [stem for stem in stems if f"(book/{stem}.ipynb)" not in readme] == []


def test_the_counts_in_texts_are_those_of_the_book():
    figures = len(list((ROOT / "book" / "_static" / "live").glob("*.svg")))
    exercises = sum(path.read_text("utf-8").count(":::{exercise}") for path in CHAPTERS)
    claims = len(tomllib.loads((ROOT / "book" / "claims.toml").read_text("utf-8"))["claim"])
    readme = (ROOT / "README.md").read_text("utf-8")
    assert (
        f"{num2words(figures).capitalize()} figures run" in readme and f"pages {num2words(figures)} figures" in readme
    )
    assert f"the {num2words(figures)} live figures" in (ROOT / "book" / "teachers.md").read_text("utf-8")
    assert f"| {claims} claims, each" in readme
    assert 100 < exercises < 200 and "more than a hundred exercises" in readme


def spoil(change):
    """The findings in a sound chapter after one change."""
    notebook = nbformat.read(ROOT / "book" / "equations.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    change(notebook, code)
    return problems(notebook)


def exchange(notebook, one, other):
    """Exchange the pictures of two figures."""
    first, second = (
        next(cell for cell in notebook.cells if cell.metadata.get("mystnb", {}).get("figure", {}).get("name") == name)
        for name in (one, other)
    )
    first.outputs, second.outputs = second.outputs, first.outputs


def rename_merged(notebook, name):
    """Give the function of a solution another name."""
    (cell,) = (cell for cell in notebook.cells if cell.id == "equations-ex-4-solution")
    cell.source = cell.source.replace("def merged(", f"def {name}(")


SPOILED = {
    "execution count None": lambda notebook, code: code[4].update(execution_count=None),
    "execution count 1": lambda notebook, code: code[4].update(execution_count=1),
    "no alt text": lambda notebook, code: code[1].metadata.mystnb.image.pop("alt"),
    "no caption": lambda notebook, code: code[1].metadata.mystnb.figure.pop("caption"),
    "metadata of a run: ['execution'": lambda notebook, code: code[4].metadata.update(execution={}),
    "tags that change what is checked": lambda notebook, code: code[4].metadata.update(tags=["nbval-skip"]),
    "change what is checked: ['remove-cell']": lambda notebook, code: code[4].metadata.update(tags=["remove-cell"]),
    "no cell of asserts follows": lambda notebook, code: code[-1].metadata.update(tags=["nbval-ignore-output"]),
    "a value of more than 2000": lambda notebook, code: code[4].outputs.append(
        nbformat.v4.new_output("execute_result", {"text/plain": "[0.1, " * 400})
    ),
    "prints to stderr": lambda notebook, code: (
        next(cell for cell in code if cell.outputs and cell.outputs[0].output_type == "stream")
        .outputs[0]
        .update(name="stderr")
    ),
    "is not the one of fig-blend": lambda notebook, code: exchange(notebook, "fig-blend", "fig-limits"),
    "neither a hash nor an assert": lambda notebook, code: [
        cell.update(source=cell.source.replace('"fig-limits", "', '"fig-limits", expected="')) for cell in code
    ],
    "a solution, gives gru_step another value": lambda notebook, code: rename_merged(notebook, "gru_step"),
    "a solution, has a long line": lambda notebook, code: rename_merged(notebook, "m" * 90),
    "has a comment behind a bracket": lambda notebook, code: code[4].update(source="x = (\n    1\n)  # one"),
    "asserts a bound that holds for anything": lambda notebook, code: code[4].update(source="assert error < 1e14"),
    "the cell id equations-017 is a number": lambda notebook, code: code[4].update(id="equations-017"),
    "the cell id a1b2c3d4 is no name": lambda notebook, code: code[4].update(id="a1b2c3d4"),
    "the live figure of code cell 5 has no caption": lambda notebook, code: code[4].update(
        outputs=[new_output("display_data", {"text/html": "<div class='live' data-figure='cell'></div>"})]
    ),
    "path of a machine": lambda notebook, code: code[4].update(source="'/home/me'"),
    "the notebook has metadata of a run": lambda notebook, code: notebook.metadata.update(widgets={}),
    "exercises and collapsed solutions do not match": lambda notebook, code: [
        cell.update(source=cell.source.replace('class="solution"', "open")) for cell in notebook.cells
    ],
    "there are 0 exercises": lambda notebook, code: [
        cell.update(source=cell.source.replace("{exercise}", "{note}")) for cell in notebook.cells
    ],
    "there is no '## Summary'": lambda notebook, code: [
        cell.update(source=cell.source.replace("## Summary", "")) for cell in notebook.cells
    ],
}


@pytest.mark.parametrize("finding", SPOILED)
def test_a_spoiled_chapter_is_found(finding):
    assert any(finding in problem for problem in spoil(SPOILED[finding]))
