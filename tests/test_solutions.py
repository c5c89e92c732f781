"""tools/solutions.py: folded solutions are taken out, run, and put back with what they print."""

import contextlib
import io

import pytest
import solutions
from nbformat.v4 import new_markdown_cell

TEXT = """<details class="solution">
<summary>A solution of equations.1</summary>

```python
print("a blend")
check("equations.1", (-0.35, 0.15, 0.5), own=False)
```

```text
a blend
```

Why it is so.

</details>"""


def run(text):
    code = solutions.as_code_cell(new_markdown_cell(text, id="equations-ex-1-solution"))
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(code.source, {})
    return printed.getvalue(), "".join(output.text for output in code.outputs)


def test_a_solution_prints_what_its_markdown_says():
    assert run(TEXT) == ("a blend\n", "a blend\n")


@pytest.mark.parametrize("wrong", ["(0.15, -0.35, 0.5)", "..."])
def test_a_wrong_solution_fails(wrong):
    with pytest.raises(AssertionError):
        run(TEXT.replace("(-0.35, 0.15, 0.5)", wrong))


def test_a_solution_that_would_be_noted_as_the_readers_fails():
    with pytest.raises(AssertionError):
        run(TEXT.replace("own=False", "own=True"))


def test_what_is_printed_takes_the_place_of_what_was():
    assert solutions.with_printed(TEXT, "a blend\n") == TEXT
    assert solutions.with_printed(TEXT, "two\nlines\n") == TEXT.replace("a blend\n```\n\nWhy", "two\nlines\n```\n\nWhy")
    silent = solutions.with_printed(TEXT, "")
    assert "```text" not in silent and solutions.with_printed(silent, "a blend\n") == TEXT


def test_other_markdown_has_no_solution():
    assert solutions.code_of(new_markdown_cell("```python\n1 + 1\n```")) is None
