"""What a reader has solved: a small file in the user's data folder."""

import json
from datetime import date

import platformdirs
from filelock import FileLock

from grulib import files


def path():
    """The file that keeps the reader's progress."""
    return platformdirs.user_data_path("grulib", appauthor=False) / "progress.json"


def load():
    """What is solved, {id: day}, and a sentence if the file was damaged and has been set aside (None if not).

    Raises OSError if the file can't be read or set aside.
    """
    if not path().parent.exists():
        return {}, None
    with _locked():
        return _load()


def add(id):
    """Note an exercise as solved. Returns a sentence if something is to be said about the file, None if not.

    The file is replaced in one step, so that it is whole at any moment.
    """
    try:
        path().parent.mkdir(parents=True, exist_ok=True)
        with _locked():
            solved, note = _load()
            if id not in solved:
                solved |= {id: date.today().isoformat()}
                files.replace(path(), json.dumps({"solved": solved}, indent=1).encode())
            return note
    except OSError as error:
        return f"Your progress could not be saved: {error}"


def _locked():
    """Keeps other kernels from the file; gives up with an OSError after ten seconds."""
    return FileLock(path().with_suffix(".lock"), timeout=10)


def _load():
    try:
        text = path().read_bytes()
    except FileNotFoundError:
        return {}, None
    try:
        solved = json.loads(text)["solved"]
        if not all(isinstance(entry, str) for pair in solved.items() for entry in pair):
            raise ValueError("solved must map ids to days")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        aside = next(p for n in range(1, 10**6) if not (p := path().with_name(f"progress-damaged-{n}.json")).exists())
        path().rename(aside)
        return {}, f"The file with your progress was damaged. It has been set aside as {aside}."
    return solved, None
