"""What an exercise is: a right answer, wrong answers that people give, hints, and cases on which answers are compared.

Each kind says which answers it takes, and what an answer does on a case: its outcome. An answer is right if its outcome
is that of the reference on every case. If it is that of a misconception on every case, it is taken for that one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
import sympy as sp

from grulib.exercises import sentences
from grulib.exercises.values import bare, has_dots, in_bare_texts, kind_of, plain


class Unfit(Exception):
    """What an answer gave can't be used; the message is a sentence that says why."""


class Misconception(NamedTuple):
    answer: object  # a wrong answer, in the form of a right one; in a value, `...` stands for anything
    tells: str  # what a reader is told whose answer behaves like it


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """A question's id, "equations.3" for the third of that chapter, and what is known about its answers."""

    id: str
    reference: object  # a right answer
    misconceptions: tuple[Misconception, ...]
    hints: tuple[str, ...]  # from a nudge to nearly everything
    parts: tuple[str, ...] = ()  # the names of the parts if an answer is a tuple

    cases = ({},)  # arguments by name, smallest case first
    name = sentences.THE_ANSWER  # what sentences call what is compared
    is_none = sentences.IS_NONE
    shows_facts = False  # whether a case and its right outcome are shown: of a value they would be the answer

    def refuse(self, answer):
        """A sentence if the answer is of the wrong kind, else None."""
        return None

    def outcome(self, answer, case):
        """What the answer does on a case."""
        return answer

    def tolerance(self, case):
        """What counts as rounding, absolute and relative to the largest expected number."""
        return 1e-9, 1e-9


@dataclass(frozen=True, kw_only=True)
class Function(Exercise):
    """The answer is a function, which is called with the arguments of each case."""

    cases: Sequence[dict[str, object]] = ({},)
    use: Callable = lambda result, *arguments: result  # turns what an answer gives into what is compared

    name = sentences.THE_RESULT
    is_none = sentences.RETURNED_NONE
    shows_facts = True

    def refuse(self, answer):
        return None if callable(answer) else sentences.NOT_A_FUNCTION.format(got=kind_of(answer))

    def outcome(self, answer, case):
        return _used(self.use, answer(*case.values()), *case.values())

    def tolerance(self, case):
        return (1e-5, 1e-5) if _has_float32(case) else (1e-9, 1e-9)


@dataclass(frozen=True, kw_only=True)
class Example(Exercise):
    """The answer is any array with a property that is asked for; what `use` says of it is compared."""

    use: Callable

    def outcome(self, answer, case):
        return _used(self.use, answer)


@dataclass(frozen=True, kw_only=True)
class Value(Exercise):
    """The answer is a number, a text, an array, a tuple (its parts have names) or a dictionary; numbers are right to `decimals`.

    In texts only letters and digits count, large or small. All that is known about the answers is data, no code.
    """

    decimals: int | None = None  # None: exactly

    def outcome(self, answer, case):
        return in_bare_texts(plain(answer))

    def tolerance(self, case):
        half_a_unit = 0.0 if self.decimals is None else 0.5 * 10**-self.decimals * (1 + 1e-9)
        return half_a_unit, 0.0


@dataclass(frozen=True, kw_only=True)
class Expression(Exercise):
    """The answer is a SymPy expression, or a tuple of them, compared at points: any equivalent form gives the same numbers.

    Symbols are told apart by their names, whatever the reader has assumed about them.
    """

    cases: Sequence[dict[str, sp.Expr]]

    shows_facts = True

    def refuse(self, answer):
        expressions = self._expressions(answer)
        if self.parts and expressions is None:
            return sentences.NOT_THE_PARTS.format(
                count=len(self.parts), parts=sentences.listed(self.parts), got=kind_of(answer)
            )
        symbols = self.cases[0]
        for expression in expressions if self.parts else [answer]:
            if expression is ...:
                continue
            if not isinstance(expression, (sp.Expr, int, float)):
                return sentences.NOT_AN_EXPRESSION.format(got=kind_of(expression))
            unknown = sorted({symbol.name for symbol in sp.sympify(expression).free_symbols} - set(symbols))
            if unknown:
                return sentences.UNKNOWN_SYMBOLS.format(
                    unknown=sentences.listed(unknown), known=sentences.listed(symbols)
                )
        return None

    def outcome(self, answer, case):
        if self._expressions(answer) is not None:
            return tuple(self.outcome(expression, case) for expression in answer)
        if answer is ...:
            return answer
        expression = sp.sympify(answer)
        at = {symbol: case[symbol.name] for symbol in expression.free_symbols}
        try:
            number = complex(expression.subs(at).evalf(30))
        except TypeError:
            raise Unfit(sentences.UNFIT.format(reason=sentences.NO_NUMBER)) from None
        if abs(number.imag) > 1e-12 * max(1, abs(number)):
            raise Unfit(sentences.UNFIT.format(reason=sentences.NO_REAL_NUMBER))
        return number.real

    def _expressions(self, answer):
        """The parts of an answer that has parts, None if it has not."""
        return list(answer) if isinstance(answer, (tuple, list, sp.Tuple, sp.MatrixBase)) else None


@dataclass(frozen=True, kw_only=True)
class Choice(Exercise):
    """The answer is the letters of the statements that are right: "b", or "ac" where there are several. All is data, no code."""

    letters: str

    def refuse(self, answer):
        one = len(self.reference) == 1
        if not isinstance(answer, (str, list, tuple, set)) or not all(isinstance(letter, str) for letter in answer):
            got = kind_of(answer)
        else:
            chosen = self.outcome(answer, {})
            if chosen and set(chosen) <= set(self.letters) and (len(chosen) == 1 or not one):
                return None
            got = repr("".join(answer))
        sentence = sentences.NOT_A_LETTER if one else sentences.NOT_LETTERS
        return sentence.format(first=self.letters[0], last=self.letters[-1], got=got)

    def outcome(self, answer, case):
        return "".join(sorted(set(bare("".join(answer)))))


def as_data(exercise):
    """All that is known about a Value or a Choice, as a dictionary for JSON.

    It has the fields of the exercise and its kind. Numbers, texts, True, False and None stay what they are, and tuples become
    lists; so does each misconception, [answer, tells]. What JSON has no form for is a dictionary with one key: {"array": nested
    lists}, {"set": list}, {"dictionary": {...}}, and {"dots": true} for `...`.
    Raises TypeError for an exercise of another kind, and for one with code in it.
    """
    return {"kind": type(exercise).__name__} | {f.name: _as_json(getattr(exercise, f.name)) for f in fields(exercise)}


def _as_json(value):
    if value is ...:
        return {"dots": True}
    if isinstance(value, dict):
        return {"dictionary": {key: _as_json(entry) for key, entry in value.items()}}
    if isinstance(value, (set, frozenset)):
        return {"set": sorted(value)}
    if isinstance(value, (tuple, list)):
        return [_as_json(entry) for entry in value]
    if isinstance(value, np.ndarray):
        return {"array": value.tolist()}
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(sentences.NO_DATA.format(got=kind_of(value)))


def _used(use, result, *arguments):
    """use(result, *arguments), with what it raises as `Unfit`; None and what has dots as it is."""
    if result is None or has_dots(result):
        return result
    try:
        return use(result, *arguments)
    except Exception as error:
        raise Unfit(sentences.UNFIT.format(reason=str(error)[:300])) from error


def _has_float32(value):
    if isinstance(value, dict):
        return any(map(_has_float32, value.values()))
    if isinstance(value, list):
        return any(map(_has_float32, value))
    return str(getattr(value, "dtype", "")).endswith("float32")
