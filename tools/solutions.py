"""Solutions of exercises: folded Markdown with their code and what it prints, run where they stand by nbval and by tools/execute.py.

A reader opens one with a click, on the page and in Jupyter, and Shift+Enter runs none. In a run of its chapter each becomes
a code cell, whose answer `check` must find right.
"""

import re

from nbformat.v4 import new_code_cell, new_output

FOLDED = re.compile(
    r'^<details class="solution">\n<summary>A solution of (?P<id>[\w-]+\.\d)</summary>\n\n'
    r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<printed>.*?)```\n)?",
    re.DOTALL,
)
RIGHT = """def right_by_check(id, answer, own):
    from grulib.exercises import find, judging, verdict

    found = judging.judge(find(id), answer)
    assert found.status == verdict.RIGHT and not own, found


"""


def code_of(cell):
    """The code in a Markdown cell's solution, None if there is none."""
    match = FOLDED.match(cell["source"]) if cell["cell_type"] == "markdown" else None
    return match["code"] if match else None


def printed_by(cell):
    """What the Markdown says that its solution prints."""
    return FOLDED.match(cell["source"])["printed"] or ""


def as_code_cell(cell):
    """The solution as a code cell to be run in place of the Markdown, with the output that is expected."""
    printed = printed_by(cell)
    outputs = [new_output("stream", name="stdout", text=printed)] if printed else []
    source = RIGHT + re.sub(r"\bcheck\(", "right_by_check(", code_of(cell)).rstrip()
    return new_code_cell(
        source, id=f"{cell['id']}-run", outputs=outputs, execution_count=1
    )  # nbval compares what was run


def with_printed(source, printed):
    """The Markdown with what its solution has printed now."""
    match = FOLDED.match(source)
    block = f"\n```text\n{printed}```\n" if printed else ""
    return source[: match.end("code")] + "```\n" + block + source[match.end() :]
