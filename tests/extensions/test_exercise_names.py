"""Names of exercises in the page."""

from exercise_names import named

TITLE = """<div class="exercise admonition" id="ex-worked-example-3">

<p class="admonition-title"><span class="caption-number">Exercise 27 </span> (By hand: one more step (easy))</p>"""


def test_a_title_has_the_name_that_check_takes_and_the_level():
    assert named(TITLE).endswith(
        '<p class="admonition-title">Exercise worked-example.3: By hand: one more step <span class="level">easy</span></p>'
    )


def test_links_have_the_name_too():
    link = '<a class="reference internal" href="practice.html#ex-practice-5"><span class="std std-ref">Exercise 37</span></a>'
    assert "Exercise practice.5</span>" in named(link)
    solution = '<a class="reference internal" href="#ex-speech-1"> Exercise 15.1 (On paper (easy))</a>'
    assert named(solution) == '<a class="reference internal" href="#ex-speech-1"> Exercise speech.1</a>'


def test_other_text_stays():
    assert named("<p>Exercise 3 (easy)</p>") == "<p>Exercise 3 (easy)</p>"
