"""What an exercise is: a right answer, wrong answers that people give, hints, and cases on which answers are compared.

Each kind says which answers it takes, and what an answer does on a case: its outcome. An answer is right if its outcome
is that of the reference on every case. If it is that of a misconception on every case, it is taken for that one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import sympy as sp

from grulib.exercises.values import has_dots, kind_of


class Unfit(Exception):
    """What an answer gave can't be used; the message says why."""


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
    cases: list[dict[str, object]] = field(default_factory=lambda: [{}])  # arguments by name, smallest case first
    use: Callable = lambda result, *arguments: result  # turns what an answer gives into what is compared

    def tolerance(self, case):
        """What counts as rounding, absolute and relative to the largest expected number."""
        return 1e-9, 1e-9

    def used(self, result, case):
        """`use`, with what it raises as `Unfit`."""
        if result is None or has_dots(result):
            return result
        try:
            return self.use(result, *case.values())
        except Exception as error:
            raise Unfit(error) from error


@dataclass(frozen=True, kw_only=True)
class Function(Exercise):
    """The answer is a function, which is called with the arguments of each case."""

    def refuse(self, answer):
        """A sentence if the answer is of the wrong kind, else None."""
        return None if callable(answer) else f"The answer should be a function, and is {kind_of(answer)}."

    def outcome(self, answer, case):
        """What the answer does on a case."""
        return self.used(answer(*case.values()), case)

    def tolerance(self, case):
        return (1e-5, 1e-5) if _has_float32(case) else (1e-9, 1e-9)


@dataclass(frozen=True, kw_only=True)
class Value(Exercise):
    """The answer is a number, an array, a tuple (its parts have names) or a dictionary; numbers are right to `decimals`."""

    decimals: int | None = None  # None: exactly

    def refuse(self, answer):
        return None

    def outcome(self, answer, case):
        return self.used(answer, case)

    def tolerance(self, case):
        half_a_unit = 0.0 if self.decimals is None else 0.5 * 10**-self.decimals * (1 + 1e-9)
        return half_a_unit, 0.0


@dataclass(frozen=True, kw_only=True)
class Expression(Exercise):
    """The answer is a SymPy expression, or a tuple of them, compared at points: any equivalent form gives the same numbers.

    Symbols are told apart by their names, whatever the reader has assumed about them.
    """

    def refuse(self, answer):
        expressions = self._expressions(answer)
        if self.parts and expressions is None:
            return (
                f"The answer should be a tuple of {len(self.parts)}: {', '.join(self.parts)}. It is {kind_of(answer)}."
            )
        symbols = self.cases[0]
        for expression in expressions if self.parts else [answer]:
            if expression is ...:
                continue
            if not isinstance(expression, (sp.Expr, int, float)):
                return f"The answer should be a SymPy expression, and is {kind_of(expression)}."
            unknown = sorted({symbol.name for symbol in sp.sympify(expression).free_symbols} - set(symbols))
            if unknown:
                return f"The answer has {', '.join(unknown)} in it; the question has only {', '.join(symbols)}."
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
            raise Unfit("it is not a number for every value of its symbols") from None
        if abs(number.imag) > 1e-12 * max(1, abs(number)):
            raise Unfit("it is not a real number for every value of its symbols")
        return number.real

    def _expressions(self, answer):
        """The parts of an answer that has parts, None if it has not."""
        return list(answer) if isinstance(answer, (tuple, list, sp.Tuple, sp.MatrixBase)) else None


@dataclass(frozen=True, kw_only=True)
class Choice(Exercise):
    """The answer is the letters of the statements that are right: "b", or "ac" where there are several."""

    letters: str

    def refuse(self, answer):
        one = "one letter" if len(self.reference) == 1 else "the letters, as one text,"
        expected = f"The answer should be {one} from {self.letters[0]} to {self.letters[-1]}"
        if not isinstance(answer, (str, list, tuple, set)) or not all(isinstance(letter, str) for letter in answer):
            return f"{expected}, and is {kind_of(answer)}."
        chosen = self.outcome(answer, {})
        fits = chosen and set(chosen) <= set(self.letters) and (len(chosen) == 1 or len(self.reference) > 1)
        return None if fits else f"{expected}, and is {''.join(answer)!r}."

    def outcome(self, answer, case):
        return "".join(sorted(set("".join(answer).lower()) - set(" ,.()\n")))


def _has_float32(value):
    if isinstance(value, dict):
        return any(map(_has_float32, value.values()))
    if isinstance(value, list):
        return any(map(_has_float32, value))
    return str(getattr(value, "dtype", "")).endswith("float32")
