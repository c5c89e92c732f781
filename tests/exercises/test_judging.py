"""Judging: hostile answers, stopped ones, and what a verdict says."""

import dataclasses
import itertools
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import sympy as sp
import torch
from right_answers import ALL, ANSWERS, filled, from_document_d, gru, k, u, z

from grulib.exercises.judging import judge
from grulib.exercises.kinds import Example, Exercise, Expression, Function, Value
from grulib.exercises.verdict import NOT_ATTEMPTED, NOT_RIGHT, RIGHT, STOPPED, Verdict


def nothing(*arguments):
    return None


def raises(*arguments):
    raise RuntimeError("on purpose")


def exits(*arguments):
    sys.exit("on purpose")


def recurses(*arguments):
    return recurses(*arguments)


class Awkward:
    """An object that raises whatever is done to it."""

    def _raise(self, *arguments):
        raise RuntimeError("do not touch")

    __array__ = __bool__ = __eq__ = __float__ = __iter__ = __len__ = __repr__ = __str__ = __getattr__ = __call__ = (
        _raise
    )
    __hash__ = None


class AwkwardError(Exception):
    def __str__(self):
        raise RuntimeError("no message")


def raises_awkwardly(*arguments):
    raise AwkwardError


def endless_list():
    loop = []
    loop.append(loop)
    return loop


HOSTILE = {
    "None": None,
    "text": "forty-two",
    "empty text": "",
    "function of nothing": nothing,
    "raises": raises,
    "exits": exits,
    "recurses": recurses,
    "raises awkwardly": raises_awkwardly,
    "awkward": Awkward(),
    "gives awkward": lambda *arguments: Awkward(),
    "gives text": lambda *arguments: "forty-two",
    "gives a generator": lambda *arguments: (i for i in range(3)),
    "gives complex": lambda *arguments: 1j,
    "gives a loop": lambda *arguments: endless_list(),
    "gives a wrong shape": lambda *arguments: np.zeros((1, 2, 3, 4, 5)),
    "gives an empty tuple": lambda *arguments: (),
    "takes too many": lambda a, b, c, d, e, f, g, h, i: 1,
    "NaN": float("nan"),
    "infinity": float("inf"),
    "complex": 1j,
    "wrong shape": np.zeros((2, 3, 4)),
    "empty array": np.zeros(0),
    "array of objects": np.array([None, raises]),
    "dictionary": {"a": 1},
    "pair of NaN": (float("nan"), float("nan")),
    "triple of texts": ("a", "b", "c"),
    "loop": endless_list(),
    "class": Awkward,
    "symbol": sp.Symbol("y"),
    "undefined function": sp.Function("F")(sp.Symbol("z")),
    "sympy infinity": sp.zoo,
    "sympy infinities": (sp.zoo, sp.nan, sp.oo),
}


# One exercise of each kind, and each whose answers are looked at by code of its chapter.
EACH_KIND = {type(exercise): id for id, exercise in ALL.items()}
LOOKED_AT = [id for id, exercise in ALL.items() if getattr(exercise, "use", Function.use) is not Function.use]


def test_there_is_an_exercise_of_each_kind():
    assert set(EACH_KIND) == set(Exercise.__subclasses__())


@pytest.mark.parametrize("id", sorted({*EACH_KIND.values(), *LOOKED_AT}))
def test_hostile_answers_are_met_calmly(id):
    for name, answer in HOSTILE.items():
        verdict = judge(ALL[id], answer)
        assert verdict.status == NOT_RIGHT, name
        assert verdict.sentences and len(repr(verdict)) < 4000 and "<div" in verdict._repr_html_(), name


def test_dots_and_a_missing_return():
    for dots in (..., (..., ...), [...], {"a": ...}):
        for id in EACH_KIND.values():
            assert judge(ALL[id], dots).status == NOT_ATTEMPTED
        assert judge(ALL["introduction.3"], lambda p, dots=dots: dots).status == NOT_ATTEMPTED
    assert "is a return missing" in judge(ALL["introduction.3"], nothing).sentences[0]
    assert judge(ALL["introduction.5"], None).sentences[0] == "It is None."


# Stopping.

KERNEL = """
import signal, time
from grulib.exercises import check

def loop(W, U, b):
    print("running", flush=True)
    while len(b) > 3:
        pass
    return -W, U, b

def loop_that_catches(W, U, b):
    print("running", flush=True)
    while len(b) > 3:
        try:
            sum(range(1000))
        except Exception:
            pass
    return -W, U, b

def sleep(W, U, b):
    print("running", flush=True)
    if len(b) > 3:
        time.sleep(60)
    return -W, U, b

signal.signal(signal.SIGINT, signal.default_int_handler)  # in a shell's background it is ignored
for answer in (loop, loop_that_catches, sleep):
    try:
        check("introduction.4", answer)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


def test_stop_stops_the_answer_and_the_cell(tmp_path):
    path = tmp_path / "cells.py"
    path.write_text(KERNEL, "utf-8")
    with subprocess.Popen([sys.executable, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as kernel:
        patience = threading.Timer(60, kernel.kill)  # a check that can't be stopped makes this fail, not wait
        patience.start()
        begun = 'print("running", flush=True)'
        loop = (begun, "while len(b) > 3:", "pass", "try:", "sum(range(1000))")
        for lines in (loop, loop, (begun, "time.sleep(60)")):
            assert [kernel.stdout.readline() for _ in range(2)] == ["running\n"] * 2  # the second case has begun
            time.sleep(0.1)
            kernel.send_signal(signal.SIGINT)
            shown = list(itertools.takewhile(lambda line: line not in ("interrupted\n", ""), kernel.stdout))
            assert shown[:2] == ["introduction.4: stopped.\n", "It was stopped before it ended.\n"]
            assert shown[2].removeprefix("in the line: ").strip() in lines
            facts = "".join(shown[3:])  # the arguments of the second case
            assert "  W" in facts and "shape (6, 2)" in facts and "shape (6,)" in facts and "expected" not in facts
        patience.cancel()
        assert kernel.communicate() == ("", "")


def stop(*arguments):
    raise KeyboardInterrupt


def test_a_stop_is_told_for_each_kind_that_runs_code():
    for id in (EACH_KIND[Function], EACH_KIND[Example]):
        verdict = judge(dataclasses.replace(ALL[id], use=stop), ALL[id].reference)
        assert (verdict.status, verdict.diagnosis) == (STOPPED, None), verdict

    class StopsWhenRead(AwkwardError):
        __str__ = stop

    def answer(*arguments):
        raise StopsWhenRead

    assert judge(ALL["introduction.4"], answer).status == STOPPED


def test_nothing_but_a_stop_stops():
    class Custom(BaseException):
        pass

    for error in (SystemExit(0), GeneratorExit(), RecursionError(), MemoryError(), StopIteration(), Custom("why")):

        def answer(W, U, b, error=error):
            raise error

        verdict = judge(ALL["introduction.4"], answer)
        assert verdict.status == NOT_RIGHT and type(error).__name__ in verdict.sentences[0]
        assert verdict.sentences[1] == "in the line: raise error"


def test_an_answer_runs_where_the_cell_runs():
    threads = []

    def answer(p):
        threads.append((threading.current_thread(), threading.active_count()))
        return from_document_d(p)

    before = threading.active_count()
    assert judge(ALL["introduction.3"], answer).status == RIGHT
    assert set(threads) == {(threading.current_thread(), before)}


def test_the_smallest_failing_case_is_shown_with_shapes():
    verdict = judge(ALL["equations.3"], lambda W, U, b, c, x, h0, reset: gru(W, U, b, c, x, h0, "before"))
    facts = dict(verdict.facts)
    assert facts["reset"] == "'after'"
    assert "shape (1, 1, 1)" in facts["x"] and {"expected", "got"} <= set(facts)
    assert "<table>" in verdict._repr_html_() and "expected" in repr(verdict)


def test_an_exception_names_the_line():
    def answer(W, U, b):
        return W[:, 99], U, b

    verdict = judge(ALL["introduction.4"], answer)
    assert "IndexError" in verdict.sentences[0] and verdict.sentences[1] == "in the line: return W[:, 99], U, b"
    calls_another = judge(ALL["introduction.4"], lambda W, U, b: answer(W, U, b))
    assert calls_another.sentences[1] == "in the line: return W[:, 99], U, b"


def test_what_is_no_function_is_not_tried():
    assert judge(ALL["equations.3"], 5).facts == ()


def test_the_expected_value_of_a_number_or_choice_is_not_shown():
    for id in ("equations.1", "practice.6", "gradients.1"):
        wrong = filled(ALL[id].misconceptions[0].answer, ALL[id].reference)
        assert judge(ALL[id], wrong).facts == ()


def test_numbers_within_the_stated_rounding():
    exercise = Value(id="x.1", reference=0.0578, decimals=2, misconceptions=(), hints=())
    for right in (0.06, 0.0578, 0.0530, np.float32(0.06), "0.06"):
        assert (judge(exercise, right).status == RIGHT) == (right != "0.06")
    assert judge(exercise, 0.05).status == NOT_RIGHT
    assert judge(exercise, True).status == NOT_RIGHT


def test_equivalent_expressions_and_foreign_symbols():
    exercise = ALL["background.2"]
    U, H = sp.symbols("u h", positive=True)  # other assumptions than those of the reference
    for first in (
        U * sp.sech(U * H) ** 2,
        sp.Derivative(sp.tanh(U * H), H),
        4 * U / (sp.exp(U * H) + sp.exp(-U * H)) ** 2,
    ):
        assert judge(exercise, (first, U**k)).status == RIGHT
    verdict = judge(exercise, (sp.Symbol("w"), u**k))
    assert "has w in it" in verdict.sentences[0]
    assert "SymPy expression" in judge(exercise, ("u", u**k)).sentences[0]


def test_float32_is_judged_as_float32_and_no_more():
    exercise = ALL["equations.3"]

    def rough(error):
        return lambda *arguments: gru(*arguments) + (error if arguments[0].dtype == np.float32 else 0)

    assert judge(exercise, rough(1e-6)).status == RIGHT
    assert judge(exercise, rough(1e-3)).status == NOT_RIGHT
    assert judge(exercise, lambda *arguments: gru(*arguments) + 1e-7).status == NOT_RIGHT


def test_partly_filled_answers_are_judged():
    verdict = judge(ALL["equations.1"], (-0.35, ..., 0.4))
    assert verdict.status == NOT_RIGHT
    assert verdict.sentences[:3] == (
        "other_reading is not attempted yet.",
        "same_at has the wrong value.",
        "Right: new_state.",
    )
    verdict = judge(ALL["introduction.2"], ANSWERS["introduction.2"] | {"W": ...})
    assert verdict.sentences[0] == "W is not attempted yet."
    assert "carry is not attempted yet." in judge(ALL["gradients.2"], (*ANSWERS["gradients.2"][:2], ...)).sentences


def test_right_parts_are_right_on_every_case():
    def answer(p):  # with one unit U is right and W is not, with two it is the other way round
        W, U, b = from_document_d(p)
        return (0 * W, U, b) if len(b) == 3 else (W, 0 * U, b)

    assert "Right: b." in judge(ALL["introduction.3"], answer).sentences


def test_a_part_is_not_called_right_after_a_crash():
    def crashes_later(p):  # W is wrong in the first case, and in the second there is no result
        W, U, b = from_document_d(p)
        if len(b) > 3:
            raise RuntimeError
        return 0 * W, U, b

    sentences = judge(ALL["introduction.3"], crashes_later).sentences
    assert sentences[0].startswith("W has ") and not any(s.startswith("Right:") for s in sentences)

    def gives_nothing_later(p):
        return None if len(p["b_r"]) > 1 else crashes_later(p)

    assert not any(s.startswith("Right:") for s in judge(ALL["introduction.3"], gives_nothing_later).sentences)

    def crashes_first(p):
        if len(p["b_r"]) == 1:
            raise RuntimeError("no")
        return from_document_d(p)

    verdict = judge(ALL["introduction.3"], crashes_first)
    assert verdict.sentences[0] == "It raised RuntimeError: no"
    assert "got" not in dict(verdict.facts) and not any(s.startswith("Right:") for s in verdict.sentences)
    parts = (ANSWERS["gradients.2"][0], sp.Function("F")(z), ANSWERS["gradients.2"][2])
    assert judge(ALL["gradients.2"], parts).sentences[0].startswith("What it gives can't be used: it is not a number")


def test_a_swap_is_told_as_such_and_two_mistakes_both():
    assert judge(ALL["introduction.5"], (51, 10)).diagnosis == "You have the two numbers the wrong way round."
    both = judge(ALL["introduction.2"], ANSWERS["introduction.2"] | {"W_z": (50, 100), "W": (100, 50)}).diagnosis
    assert "Your W_z is transposed" in both and "Also: Your W is one gate's" in both


def test_long_verdicts_are_cut():
    for answer in ([0.0] * 10**4, "x" * 10**5, {str(i): 1 for i in range(10**4)}, np.zeros((4,) * 6)):
        assert len(repr(judge(ALL["background.3"], lambda *case, answer=answer: answer))) < 20_000
    assert len(repr(judge(ALL["introduction.1"], "x" * 10**6))) < 1000
    verdict = Verdict("id", RIGHT, ("\n".join("abcdefgh"),), (("x", "1\n2"),))
    assert repr(verdict) == "id: right.\na\nb\nc\nd\ne\nf\n...\n  x  1\n     2"
    deep = [1.0]
    for depth in range(900):
        deep = [deep]
        if depth % 100 == 0:
            assert judge(ALL["introduction.2"], deep).status == NOT_RIGHT
            assert judge(ALL["background.3"], lambda *case, deep=deep: deep).status == NOT_RIGHT


def test_an_unreadable_exception_leaves_no_trace(capfd):
    class Unreadable(BaseException):
        def __str__(self):
            raise self

    def answer(W, U, b):
        raise Unreadable

    assert judge(ALL["introduction.4"], answer).sentences[0] == "It raised Unreadable."
    assert capfd.readouterr() == ("", "")


def test_kinds_do_not_need_a_diagnosis():
    exercise = Expression(id="x.1", reference=z, misconceptions=(), hints=(), cases=[{"z": sp.Rational(1, 3)}])
    verdict = judge(exercise, z + 1)
    assert verdict.diagnosis is None and 'hint("x.1")' in verdict.sentences[-1]


WRONG_ON_PURPOSE = (lambda *arguments: np.pi * np.ones(40), 1, np.pi)


def test_the_readers_settings_change_nothing_and_are_not_changed():
    def verdicts():
        return [repr(judge(ALL[id], a)) for id in EACH_KIND.values() for a in (ANSWERS[id], *WRONG_ON_PURPOSE)]

    plain = verdicts()
    torch.manual_seed(0)
    state, default = torch.random.get_rng_state(), torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        with torch.no_grad(), np.printoptions(precision=2, sign="+", floatmode="fixed", formatter={"float": str}):
            assert verdicts() == plain
            for id, answer in ANSWERS.items():
                assert judge(ALL[id], answer).status == RIGHT, id
            assert not torch.is_grad_enabled() and np.get_printoptions()["precision"] == 2
    finally:
        torch.set_default_dtype(default)
    assert torch.equal(torch.random.get_rng_state(), state)
