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


def test_changed_chapters_stay_and_others_follow_the_book(tmp_path):
    work = tmp_path / "work"
    assert lab.renew(work, {"01-a.ipynb": "a", "02-b.ipynb": "b"}) == []
    (work / "01-a.ipynb").write_text("mine", "utf-8")
    newer = {"01-a.ipynb": "A", "02-b.ipynb": "B", "03-c.ipynb": "C"}
    said = lab.renew(work, newer)
    assert said == ["01-a.ipynb is yours; the book has a newer one: make lab FRESH=a"]
    assert [(work / name).read_text("utf-8") for name in newer] == ["mine", "B", "C"]
    assert lab.renew(work, newer, {"01-a.ipynb"}) == ["01-a.ipynb is as in the book; yours is 01-a-mine-1.ipynb"]
    assert (work / "01-a.ipynb").read_text("utf-8") == "A" and (work / "01-a-mine-1.ipynb").read_text("utf-8") == "mine"
    (work / "01-a.ipynb").write_text("again", "utf-8")
    lab.renew(work, newer, set(newer))
    assert (work / "01-a-mine-2.ipynb").read_text("utf-8") == "again"
    assert lab.renew(work, newer) == []


def test_a_chapter_that_was_changed_back_follows_again(tmp_path):
    lab.renew(tmp_path, {"01-a.ipynb": "a"})
    (tmp_path / "01-a.ipynb").write_text("mine", "utf-8")
    lab.renew(tmp_path, {"01-a.ipynb": "A"})
    (tmp_path / "01-a.ipynb").write_text("a", "utf-8")
    assert lab.renew(tmp_path, {"01-a.ipynb": "B"}) == []
    assert (tmp_path / "01-a.ipynb").read_text("utf-8") == "B"


def test_an_unknown_chapter_is_named():
    command = [sys.executable, str(ROOT / "tools" / "lab.py"), "--no-lab", "--fresh", "equation"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "extensions")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode != 0 and "CHAPTER must be one of introduction, background, equations" in done.stderr
    assert "got equation" in done.stderr
