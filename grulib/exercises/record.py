"""What a reader has solved: a text file in the user's data folder, to which each solved exercise adds a line."""

import re
from datetime import date

import platformdirs

from grulib.exercises import sentences


def path():
    """The file that keeps the reader's progress, of lines ID YYYY-MM-DD."""
    return platformdirs.user_data_path("grulib", appauthor=False) / "progress.txt"


def load():
    """What is solved, {id: first day}, and a sentence if lines had to be left out (None if not).

    Raises OSError if the file can't be read.
    """
    solved, left_out = _parsed(_read())
    return solved, sentences.LINES_LEFT_OUT.format(path=path(), number=left_out[0]) if left_out else None


def add(id):
    """Note an exercise as solved. Returns a sentence if it could not be saved, None if all is well.

    The line is appended in one write without a buffer, so that two kernels that write at once lose nothing.
    """
    try:
        content = _read()
        if id in _parsed(content)[0]:
            return None
        line = f"{id} {date.today().isoformat()}\n".encode()
        if content and not content.endswith(b"\n"):  # the last line was cut off: it shall not take this one with it
            line = b"\n" + line
        path().parent.mkdir(parents=True, exist_ok=True)
        with path().open("ab", buffering=0) as file:
            file.write(line)
    except OSError as error:
        return sentences.NOT_SAVED.format(error=error)
    return None


def _read():
    try:
        return path().read_bytes()
    except FileNotFoundError:
        return b""


def _parsed(content):
    """{id: first day}, and the numbers of the lines that are of no use."""
    solved, left_out = {}, []
    for number, line in enumerate(content.decode(errors="replace").splitlines(), start=1):
        match = re.fullmatch(r"([a-z-]+\.\d+) (\d{4}-\d\d-\d\d)", line)
        if match:
            solved.setdefault(*match.groups())
        elif line:
            left_out.append(number)
    return solved, left_out
