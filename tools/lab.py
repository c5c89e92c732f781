"""Open the chapters in JupyterLab: python tools/lab.py copies them to the folder work/ in reading order, and keeps what a reader changed.

A chapter that nobody touched follows the book; a changed one stays as it is. `--fresh CHAPTER ...` gives those anew, `--fresh` alone
gives all, and what was changed is kept beside them under another name.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from as_notebook import Resolver, with_dropdowns, with_numbers
from nbformat.v4 import new_code_cell

ROOT = Path(__file__).parents[1]
WORK = ROOT / "work"
FOLDED = {"hide-input", "hide-cell"}  # tags of cells whose code the pages fold
PAGES = ("questions", "tools", "glossary")  # of prose; the others are made by the build


def names(resolver):
    """What each chapter and page is called in the working copy: "02-equations.ipynb" for "equations"."""
    numbered = {stem: f"{int(number or 0):02}-{stem}.ipynb" for stem, (number, _) in resolver.chapters.items()}
    return numbered | {stem: f"{len(numbered) + n:02}-{stem}.ipynb" for n, stem in enumerate(PAGES)}


def contents():
    """A dict from a file's name in the working copy to the text that the book gives it."""
    files = {}
    resolver = Resolver(ROOT, files.get)
    files.update(names(resolver))
    made = {files[stem]: resolver.notebook(stem) for stem in resolver.chapters}
    for stem in PAGES:
        made[files[stem]] = resolver.page((ROOT / "book" / f"{stem}.md").read_text("utf-8"), stem)
    for notebook in made.values():
        notebook.cells = [new for cell in notebook.cells for new in _for_jupyter(cell)]
    return {name: nbformat.writes(notebook) + "\n" for name, notebook in made.items()}


def _for_jupyter(cell):
    """A cell, and one that plays the live figure which it shows."""
    if cell.cell_type == "markdown":
        cell.source = with_dropdowns(with_numbers(cell.source))
        return [cell]
    if FOLDED & set(cell.metadata.get("tags", ())):
        cell.metadata["jupyter"] = {"source_hidden": True}
    figure = re.search(r'^live\(\s*"(\w+)"', cell.source, re.MULTILINE)
    if not figure:
        return [cell]
    play = f'from grulib.page import play\n\nplay("{figure[1]}")'
    return [cell, new_code_cell(play, id=f"{cell.id}-play")]


def renew(work, made, fresh=()):
    """Bring the folder work up to date with the files in made; returns what was done, a list of sentences.

    fresh: the names of files that shall be as in the book, whatever a reader did; theirs is kept under another name.
    """
    work.mkdir(exist_ok=True)
    record = work / ".from-the-book.json"
    given = json.loads(record.read_text("utf-8")) if record.exists() else {}
    said = []
    for name, text in made.items():
        path = work / name
        now = _digest(text)
        own = _digest(path.read_text("utf-8")) if path.exists() else None
        if own not in (None, now, given.get(name)):  # a reader changed it
            if name not in fresh:
                if given.get(name) != now:
                    said.append(f"{name} is yours; the book has a newer one: make lab FRESH={_chapter(name)}")
                continue
            aside = next(
                aside
                for number in range(1, 10_000)
                if not (aside := path.with_stem(f"{path.stem}-mine-{number}")).exists()
            )
            path.rename(aside)
            said.append(f"{name} is as in the book; yours is {aside.name}")
        if own != now:
            path.write_text(text, "utf-8", newline="\n")
        given[name] = now
    record.write_text(json.dumps(given, indent=1) + "\n", "utf-8")
    return said


def _chapter(name):
    return name[3:].removesuffix(".ipynb")


def _digest(text):
    """A hash of what a reader writes, the cells' sources: Jupyter changes the rest by itself."""
    sources = [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(text)["cells"]]
    return hashlib.sha256(repr(sources).encode()).hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--fresh", nargs="*", metavar="CHAPTER", help="as in the book: these chapters, or all")
    parser.add_argument("--no-lab", action="store_true", help="only renew the folder")
    arguments = parser.parse_args()
    made = contents()
    fresh = set(made)
    if arguments.fresh:
        known = {_chapter(name): name for name in made}
        unknown = [name for name in arguments.fresh if name not in known]
        if unknown:
            sys.exit(f"CHAPTER must be one of {', '.join(known)}, got {', '.join(unknown)}")
        fresh = {known[name] for name in arguments.fresh}
    elif arguments.fresh is None:
        fresh = set()
    for sentence in renew(WORK, made, fresh) or [f"the chapters are in {WORK}"]:
        print(sentence)
    shutil.copytree(ROOT / "book" / "_static", WORK / "_static", dirs_exist_ok=True, ignore=_no_pictures)
    shutil.copy(ROOT / "book" / "claims.toml", WORK)
    if not arguments.no_lab:
        command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={WORK}", str(WORK / next(iter(made)))]
        sys.exit(subprocess.run(command).returncode)


def _no_pictures(folder, files):
    return [name for name in files if Path(name).suffix not in (".svg", "")]


if __name__ == "__main__":
    main()
