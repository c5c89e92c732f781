"""The forms of the built page say what `check` says: right answers, misconceptions and garbage go to both judges."""

import json
import random

import pytest
from exercise_forms import data, with_forms
from helpers import ROOT
from playwright.sync_api import expect

from grulib.exercises import CHAPTERS, exercises, find, sentences
from grulib.exercises.__main__ import PATH, as_json, for_pages
from grulib.exercises.judging import judge
from grulib.exercises.kinds import Choice, Value, as_data

IDS = [
    id for chapter in CHAPTERS for id, exercise in exercises(chapter).items() if isinstance(exercise, (Choice, Value))
]
SCRIPT = ROOT / "book" / "_static" / "exercises.js"


def test_what_is_stored_for_the_pages_is_of_these_exercises():
    assert PATH.read_text("utf-8") == as_json(for_pages()), "run python -m grulib.exercises"


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    page.set_content(f"<body>{with_forms('', always=True)}")
    page.add_script_tag(path=SCRIPT)
    yield page
    page.close()


def from_json(value):
    """An answer as a reader would give it to `check`."""
    if isinstance(value, list):
        return tuple(map(from_json, value))
    if isinstance(value, dict):
        if "dots" in value:
            return ...
        if "set" in value:
            return set(value["set"])
        return {key: from_json(entry) for key, entry in value["dictionary"].items()}
    return value


def filled(answer, right):
    """A misconception whose open parts are right."""
    if answer == {"dots": True}:
        return right
    if isinstance(answer, list) and isinstance(right, list) and len(answer) == len(right):
        return [filled(*pair) for pair in zip(answer, right)]
    if isinstance(answer, dict) and "dictionary" in answer:
        return {"dictionary": {k: filled(v, right["dictionary"].get(k, v)) for k, v in answer["dictionary"].items()}}
    return answer


def changed(value, rng):
    """Another value in a form's reach: a part wrong, missing, of another kind, of another length."""
    kind = rng.random()
    if isinstance(value, dict) and "dictionary" in value:
        return {"dictionary": {k: changed(v, rng) if rng.random() < 0.5 else v for k, v in value["dictionary"].items()}}
    if isinstance(value, list):
        if kind < 0.2:
            return [*value, 1]
        if kind < 0.3:
            return "some words"
        return [changed(part, rng) if rng.random() < 0.5 else part for part in value]
    if isinstance(value, dict) and "set" in value:
        return {"set": [*value["set"][1:], "Q"]} if kind < 0.7 else {"dots": True}
    if kind < 0.15:
        return {"dots": True}
    if isinstance(value, str):
        return "".join(rng.sample("abcdefnrz", 3))
    return "a word" if kind < 0.3 else value * rng.choice([1.001, 1.02, 0.5, -1, 3]) + rng.choice([0, 0.004, 1])


def answers(exercise):
    """The right answer, every misconception, open and filled up with what is right, and garbage; all as JSON."""
    told, rng = as_data(exercise), random.Random(exercise.id)
    yield told["reference"]
    yield {"dots": True}
    for answer, _ in told["misconceptions"]:
        yield answer
        yield filled(answer, told["reference"])
    if isinstance(exercise, Choice):
        yield from exercise.letters
        if len(exercise.reference) > 1:
            yield from ("".join(rng.sample(exercise.letters, k)) for k in (2, 3) for _ in range(4))
    else:
        yield from (changed(told["reference"], rng) for _ in range(20))


@pytest.mark.parametrize("id", IDS)
def test_the_page_says_what_check_says(page, id):
    exercise = find(id)
    given = list(answers(exercise))
    found = page.evaluate(
        "([exercise, answers]) => answers.map((answer) => exercises.judge(exercise, answer).lines.join('\\n'))",
        [as_data(exercise), given],
    )
    said = []
    for answer in given:
        words = repr(judge(exercise, from_json(answer)))
        words = words.replace(sentences.REPLACE_DOTS.format(id=id), sentences.FILL_IN)
        said.append(words.replace(sentences.ASK_HINT.format(id=id), sentences.PRESS_HINT))
    assert [pair for pair in zip(given, found, said) if pair[1] != pair[2]] == []


@pytest.mark.parametrize(
    ("typed", "expected", "value"),
    [
        ("", 1, {"dots": True}),
        (" -0.35 ", 1, -0.35),
        ("−1/3", 1, -1 / 3),
        ("1e-3", 1, 1e-3),
        ("943,718,400", 1, 943718400),
        ("many", 1, "many"),
        ("(100, 50)", [1, 2], [100, 50]),
        ("96", [1], [96]),
        ("[96,]", [1], [96]),
        ("three, 4", [1, 2], "three, 4"),
        ('{"x", "h"}', {"set": ["a"]}, {"set": ["x", "h"]}),
        ('"nrz"', "rzn", "nrz"),
    ],
)
def test_what_is_typed_is_read(page, typed, expected, value):
    assert page.evaluate("([typed, expected]) => exercises.read(typed, expected)", [typed, expected]) == value


def test_forms_and_what_is_done_in_jupyter_are_told_apart():
    exercise = '<div class="exercise admonition" id="ex-{}"><section>Question</section></div>'
    body = with_forms(exercise.format("introduction-1") + exercise.format("introduction-3"))
    assert body.count("in-jupyter") == 1 and sentences.IN_JUPYTER.format(id="introduction.3") in body
    told = json.loads(body.partition('id="exercise-data">')[2].partition("</script>")[0])
    assert [e["id"] for e in told["exercises"]] == ["introduction.1"] and "introduction.3" not in str(told["all"])
    assert with_forms("<p>No exercise</p>") == "<p>No exercise</p>"
    assert data([])["all"]["introduction"] == ["introduction.1", "introduction.2", "introduction.5"]


@pytest.mark.parametrize("storage", [True, False])
def test_a_form_answers_by_keyboard_and_remembers_what_is_solved(browser, storage):
    body = with_forms(
        '<div class="exercise admonition" id="ex-introduction-1"><p class="admonition-title">One</p><section></section></div>'
        '<div class="exercise admonition" id="ex-introduction-2"><p class="admonition-title">Two</p><section></section></div>'
        '<div id="progress"></div>'
    )
    context = browser.new_context()
    page = context.new_page()
    page.route(
        "http://book.example/",
        lambda route: route.fulfill(
            body=f"<!doctype html><body>{body}<script>{SCRIPT.read_text('utf-8')}</script>",
            content_type="text/html; charset=utf-8",
        ),
    )
    if not storage:
        page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('blocked'); } })")
    page.goto("http://book.example/")
    one, two = page.locator("#ex-introduction-1"), page.locator("#ex-introduction-2")
    one.get_by_role("button", name="Check").press("Enter")
    expect(one.get_by_role("status")).to_contain_text(sentences.FILL_IN)
    one.get_by_label("c", exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(one.get_by_role("status")).to_contain_text("introduction.1: not right yet.")
    one.get_by_role("button", name="Hint").click()
    assert one.locator(".hints").inner_text() == sentences.FORM_HINT_TEXT.format(
        number=1, count=len(find("introduction.1").hints), hint=find("introduction.1").hints[0]
    )
    one.get_by_label("b", exact=True).check()
    one.get_by_role("button", name="Check").click()
    expect(one.get_by_role("status")).to_have_text("introduction.1: right.")
    assert "solved" in one.get_attribute("class") and "solved" not in two.get_attribute("class").split()
    two.get_by_label("W_z").fill("50, 100")
    two.get_by_label("W_z").press("Enter")
    expect(two.get_by_role("status")).to_contain_text("U_n is not attempted yet.")
    count = sentences.FORM_SOLVED.format(count=1, all=len(IDS))
    assert page.locator("#progress p").inner_text() == count
    page.reload()
    assert page.locator("#progress p").inner_text() == (
        count if storage else sentences.FORM_SOLVED.format(count=0, all=len(IDS))
    )
    with page.expect_download() as download:
        page.get_by_role("button", name=sentences.FORM_EXPORT).click()
    assert json.loads(download.value.path().read_text("utf-8")) == (["introduction.1"] if storage else [])
    page.get_by_role("button", name=sentences.FORM_FORGET).click()
    assert "solved" not in one.get_attribute("class").split()
    context.close()
