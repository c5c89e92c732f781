"""tools/lab.py: the working copy for Jupyter keeps what a reader changed, and follows the book elsewhere."""

import json
import os
import subprocess
import sys

from helpers import ROOT, load_tool

lab = load_tool("lab")


def test_the_copy_has_the_chapters_in_reading_order_with_references_among_themselves():
    made = lab.contents()
    names = list(made)
    assert names == sorted(names) and names[:3] == [
        "00-introduction.ipynb",
        "01-background.ipynb",
        "02-equations.ipynb",
    ]
    cells = ["".join(cell["source"]) for text in made.values() for cell in json.loads(text)["cells"]]
    assert not [source for source in cells if "](equations.ipynb" in source or "{cite" in source or ":label:" in source]
    assert any("](02-equations.ipynb)" in source for source in cells)
    assert any("**Update gate 更新门**" in source for source in cells)
    assert not [source for source in cells if "<details" in source]
    assert sum(":class: dropdown" in source for source in cells) > 100
    assert 'from grulib.page import play\n\nplay("cell")' in cells


def notebook(source, **more):
    """A notebook of one cell as its file has it."""
    return json.dumps({"cells": [{"cell_type": "code", "source": [source], "outputs": []}], **more})


def sources(folder, *names):
    return ["".join(json.loads((folder / name).read_text("utf-8"))["cells"][0]["source"]) for name in names]


def test_changed_chapters_stay_and_others_follow_the_book(tmp_path):
    work = tmp_path / "work"
    assert lab.renew(work, {"01-a.ipynb": notebook("a"), "02-b.ipynb": notebook("b")}) == []
    (work / "01-a.ipynb").write_text(notebook("mine"), "utf-8")
    newer = {"01-a.ipynb": notebook("A"), "02-b.ipynb": notebook("B"), "03-c.ipynb": notebook("C")}
    said = lab.renew(work, newer)
    assert said == ["01-a.ipynb is yours; the book has a newer one: make lab FRESH=a"]
    assert sources(work, *newer) == ["mine", "B", "C"]
    assert lab.renew(work, newer, {"01-a.ipynb"}) == ["01-a.ipynb is as in the book; yours is 01-a-mine-1.ipynb"]
    assert sources(work, "01-a.ipynb", "01-a-mine-1.ipynb") == ["A", "mine"]
    (work / "01-a.ipynb").write_text(notebook("again"), "utf-8")
    lab.renew(work, newer, set(newer))
    assert sources(work, "01-a-mine-2.ipynb") == ["again"]
    assert lab.renew(work, newer) == []


def test_a_chapter_follows_that_was_changed_back_or_only_opened(tmp_path):
    lab.renew(tmp_path, {"01-a.ipynb": notebook("a")})
    (tmp_path / "01-a.ipynb").write_text(notebook("mine"), "utf-8")
    lab.renew(tmp_path, {"01-a.ipynb": notebook("A")})
    (tmp_path / "01-a.ipynb").write_text(notebook("a", metadata={"written": "by Jupyter"}), "utf-8")
    assert lab.renew(tmp_path, {"01-a.ipynb": notebook("B")}) == []
    assert sources(tmp_path, "01-a.ipynb") == ["B"]


def test_an_unknown_chapter_is_named():
    command = [sys.executable, str(ROOT / "tools" / "lab.py"), "--no-lab", "--fresh", "equation"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "extensions")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode != 0 and "CHAPTER must be one of introduction, background, equations" in done.stderr
    assert "got equation" in done.stderr
