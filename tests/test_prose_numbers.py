"""book/numbers.csv: each number in the prose has the cell that it comes from, and still is that cell's value, rounded."""

import pytest
from helpers import load_tool

tool = load_tool("prose_numbers")

CELL = {
    "id": "page-cell",
    "cell_type": "code",
    "source": ["rate = 0.02\n", 'show("fig-x", "0123456789ab")'],
    "outputs": [{"text": ["RNN 0.246, GRU 0.981\n", "98.1 % of 1,737, 1e-3\n"]}],
    "metadata": {},
}
BOOK = {("page", "page-cell"): CELL}


def number(written):
    return tool.Number("page", "page-on-cell", written, "")


def row(source, value=""):
    return {"source": source, "value": value}


def test_each_number_in_the_prose_is_listed_in_order_with_a_source_that_gives_it():
    numbers, rows, book = tool.numbers(), tool.rows(), tool.code()
    listed = [(row["page"], row["text"], row["number"]) for row in rows]
    assert listed == [(number.page, number.text, number.written) for number in numbers], (
        "run tools/prose_numbers.py, and read what it proposes"
    )
    found = [
        f"{number.page}, {number.text}: {number.written} {wrong} (…{number.around}…)"
        for number, row in zip(numbers, rows)
        if (wrong := tool.problem(number, row, book))
    ]
    assert not found, "\n".join(found)


def test_what_counts_as_a_number_in_prose():
    markdown = """(label-2)=
# 3 rates

:::{admonition} Box 7
:name: box-12
Of 1,737 reviews 81 % are right, 0.25 by chance, .5 {cite}`weiss2018` and `0.75`; **sixteen** seeds, $z = 0.9$,
`x[12]`, [twenty-two](page.html#13) of them, 18 per cent; from -0.3 to 1e-29, 17–32, on 2025-06-04.
:::

1. First

```python
y = 44
```
"""
    found = [number.written for number in tool.numbers_in("page", "cell", markdown)]
    assert found == [
        "3",
        "7",
        "1,737",
        "81 %",
        "0.25",
        ".5",
        "0.75",
        "sixteen",
        "twenty-two",
        "18 %",
        "0.3",
        "1e-29",
        "17",
        "32",
        "2025",
    ]
    assert [float(number(n).value) for n in ("1,737", "twenty-two", "sixteen", ".5", "18 %", "1e-3")] == [
        1737,
        22,
        16,
        0.5,
        18,
        1e-3,
    ]


@pytest.mark.parametrize(
    ("written", "source", "value"),
    [
        ("0.25", "page#page-cell output 0", "0.246"),
        ("25 %", "page#page-cell output 0", "0.246"),
        ("98 %", "page#page-cell output 2", "98.1 %"),
        ("1,737", "page#page-cell output 3", "1,737"),
        ("0.001", "page#page-cell output 4", "1e-3"),
        ("0.02", "page#page-cell code", "0.02"),
        ("0.4", "page#page-cell figure", "0123456789ab"),
        ("9", "count", ""),
        ("1997", "outside", "year of a paper"),
    ],
)
def test_what_fits(written, source, value):
    assert tool.problem(number(written), row(source, value), BOOK) is None


@pytest.mark.parametrize(
    ("written", "source", "value", "wrong"),
    [
        ("0.24", "page#page-cell output 0", "0.246", "is not 0.246 rounded"),
        ("24 %", "page#page-cell output 0", "0.246", "is not 0.246 rounded"),
        ("0.98", "page#page-cell output 1", "0.979", "which was 0.979 and is 0.981"),
        ("0.98", "page#page-cell output 9", "0.981", "which was 0.981 and is None"),
        ("0.98", "page#page-other output 1", "0.981", "which was 0.981 and is None"),
        ("0.03", "page#page-cell code", "0.03", "does not have 0.03"),
        ("0.02", "page#page-other code", "0.02", "does not have 0.02"),
        ("0.4", "page#page-cell figure", "ba9876543210", "when its hash was ba9876543210"),
        ("10", "count", "", "is no whole number below ten"),
        ("0.5", "count", "", "is no whole number below ten"),
        ("1997", "outside", "", "does not say where it comes from"),
        ("1e-3", "page#page-cell code", "0.02", "is not 0.02 rounded"),
        ("0.98", "", "", "has no source, '' is none"),
    ],
)
def test_what_does_not_fit_is_said(written, source, value, wrong):
    assert wrong in tool.problem(number(written), row(source, value), BOOK)


def test_a_proposal_needs_no_rounding_where_it_can():
    book = BOOK | {("page", "page-far"): CELL | {"id": "page-far", "outputs": [{"text": "0.98"}]}}
    assert tool.proposal(number("0.98"), book) == ("page#page-far output 0", "0.98")
    assert tool.proposal(number("0.25"), book) == ("page#page-cell output 0", "0.246")
    assert tool.proposal(number("7"), book) == ("count", "")
    assert tool.proposal(number("0.77"), book) == ("", "")
