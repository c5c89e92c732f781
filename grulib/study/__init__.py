"""Long comparisons for several chapters: units of equal size, optimisers and beginnings, tuned alike, with many seeds.

`python -m grulib.study` trains all of it, in two hours of one core divided by your cores, and stores what came out in
results.json, beside the code that made it.
"""

import json
import math
from itertools import combinations
from pathlib import Path

import numpy as np
import torch

from grulib import training
from grulib.checks import check_array, check_bool, check_name, check_positive, check_seed, shown
from grulib.fingerprint import fingerprint
from grulib.study import memory, tasks
from grulib.study.applications import APPLICATIONS, SETTINGS
from grulib.study.models import BLOCKS, DIGIT_READERS, units
from grulib.study.task import UNITS

__all__ = [
    "APPLICATIONS",
    "APPLICATION_SEEDS",
    "BLOCKS",
    "KINDS",
    "RECALL_RATES",
    "RECALL_SEEDS",
    "RESULTS",
    "SEEDS",
    "SETTINGS",
    "TASKS",
    "TUNING_SEEDS",
    "UNITS",
    "chance",
    "chances",
    "compare",
    "make",
    "recall",
    "repeat",
    "results",
    "run",
    "stale",
    "units",
]

TASKS = {
    task.__name__: task
    for task in (
        *(tasks.text, tasks.sentiment, tasks.translation, tasks.forecasting, tasks.voices, tasks.digits),
        *(memory.copying, memory.adding, memory.parity, memory.counting, memory.optimisers),
    )
}
KINDS = dict.fromkeys(TASKS, UNITS) | {"digits": tuple(DIGIT_READERS), "optimisers": tuple(memory.OPTIMISERS)}
KINDS["recall"] = tuple(memory.LEARNERS)
KINDS |= {task: tuple(settings) for task, settings in SETTINGS.items()}
TUNING_SEEDS, SEEDS = range(101, 105), range(1, 17)
RECALL_RATES, RECALL_SEEDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3), range(1, 9)
APPLICATION_SEEDS = range(1, 6)
RESULTS = Path(__file__).with_name("results.json")


def run(task, kind, rate, seed, keeping=False):
    """Train one model. Returns its lowest validation loss, a float, and its error on the test part, a float or a list of floats.

    task: a key of TASKS; kind: one of KINDS[task]; keeping: whether it begins so that it keeps more, see `models.recurrent`. Gradient norms are clipped to 1. Seeds PyTorch's global generator. Raises
    ValueError for other names, and for the task "text" where The Time Machine can't be had, and FloatingPointError if the loss is not finite.
    """
    check_name("task", task, TASKS)
    check_name("kind", kind, KINDS[task])
    check_positive("rate", rate)
    check_seed(seed)
    check_bool("keeping", keeping)
    return _train(TASKS[task](), kind, rate, seed, keeping)


def compare(task, kind):
    """All of one task and kind: a dict with the mean validation losses of what was tried, the best rate and beginning, and test errors of other seeds.

    Both beginnings of the task are tried. Rates are half a decade apart, from 0.003 to 0.03, and on at either end until the loss there is
    a hundredth above the best, so that the grid doesn't end on a plateau of guessing.
    """
    check_name("task", task, TASKS)
    check_name("kind", kind, KINDS[task])
    losses = {keeping: _losses(task, kind, keeping) for keeping in TASKS[task]().beginnings}
    keeping = min(losses, key=lambda keeping: min(losses[keeping].values()))
    rate = min(losses[keeping], key=losses[keeping].get)
    errors = [run(task, kind, rate, seed, keeping)[1] for seed in SEEDS]
    return {
        "losses": {
            "keeping" if keeping else "as PyTorch": {
                str(rate): round(loss, 4) if loss < math.inf else None for rate, loss in found.items()
            }
            for keeping, found in losses.items()
        },
        "keeping": keeping,
        "rate": rate,
        "errors": np.round(errors, 4).tolist(),
    }


def _losses(task, kind, keeping):
    """Rates to mean validation losses of TUNING_SEEDS, in ascending order; infinite if a training ended in numbers that are not finite."""
    losses = {}  # half decades to loss

    def loss_at(half_decade):
        try:
            return float(np.mean([run(task, kind, _rate(half_decade), seed, keeping)[0] for seed in TUNING_SEEDS]))
        except FloatingPointError:
            return math.inf

    todo = [-5, -4, -3]
    while todo:
        losses |= {half_decade: loss_at(half_decade) for half_decade in todo}
        enough = 1.01 * min(losses.values())
        todo = [end + step for end, step in ((min(losses), -1), (max(losses), 1)) if losses[end] <= enough]
    return {_rate(half_decade): losses[half_decade] for half_decade in sorted(losses)}


def recall(kind):
    """How soon one kind of `memory.LEARNERS` recalls a symbol over 20 steps: a dict with "updates", by rate, of all seeds; see `memory.updates_to_learn`."""
    check_name("kind", kind, KINDS["recall"])
    updates = {str(rate): [memory.updates_to_learn(kind, rate, seed) for seed in RECALL_SEEDS] for rate in RECALL_RATES}
    return {"updates": updates}


def repeat(task, kind):
    """A chapter's model, one of SETTINGS[task], with APPLICATION_SEEDS: a dict with the "results" on the test part, as its function in `applications` says."""
    check_name("task", task, SETTINGS)
    check_name("kind", kind, KINDS[task])
    found = [APPLICATIONS[task](**SETTINGS[task][kind], seed=seed) for seed in APPLICATION_SEEDS]
    return {"results": np.round(found, 4).tolist()}


def make(task, kind):
    """The entry to be stored for one task and kind: what it is of, `made_by`, and what `compare`, `recall` or `repeat` returns."""
    entry = {"task": task, "kind": kind, "made_by": made_by(task)}
    if task == "recall":
        return entry | recall(kind)
    return entry | (repeat if task in SETTINGS else compare)(task, kind)


def results():
    """What is stored, a dict from (task, kind) to what `make` returned for it."""
    return {(entry["task"], entry["kind"]): entry for entry in json.loads(RESULTS.read_text("utf-8"))}


def chance(one, other):
    """How often chance alone parts runs so: the share of 20,000 random divisions of all errors, two lists of floats, whose means lie as far apart.

    A permutation test with a seed of its own. Raises TypeError or ValueError for anything but two lists of at least two floats.
    """
    for name, errors in (("one", one), ("other", other)):
        if not isinstance(errors, list) or len(errors) < 2 or not all(type(error) is float for error in errors):
            raise TypeError(f"{name} must be a list of at least two floats, got {shown(errors)}")
        check_array(name, np.array(errors), (np.ndarray,), ("N",), (np.float64,))
    everything = np.array(one + other)
    divided = np.random.default_rng(0).permuted(np.tile(everything, (20_000, 1)), axis=1)  # (20000, N)
    apart = abs(divided[:, : len(one)].mean(axis=1) - divided[:, len(one) :].mean(axis=1))
    as_far = apart >= abs(np.mean(one) - np.mean(other)) - 1e-12
    return (1 + int(as_far.sum())) / (1 + len(as_far))  # the runs as they fell are one division too


def chances():
    """`chance` for each two of UNITS on each task, counting by range, a dict from (task, one, other) to float, corrected for their number.

    All that a book asks of the same kind is one family, so that the chance to find any difference where there is none stays one
    in twenty below 0.05. Source: Holm 1979, A simple sequentially rejective multiple test procedure.
    """
    found, stored = {}, results()
    for task in (task for task, kinds in KINDS.items() if kinds == UNITS):
        errors = {kind: np.array(stored[task, kind]["errors"]).T for kind in UNITS}  # (seeds,) or (ranges, seeds)
        for one, other in combinations(UNITS, 2):
            if errors[one].ndim == 1:
                found[task, one, other] = chance(errors[one].tolist(), errors[other].tolist())
                continue
            for (low, high), a, b in zip(memory.RANGES, errors[one].tolist(), errors[other].tolist()):
                found[f"{task} {low} to {high}", one, other] = chance(a, b)
    adjusted, largest = {}, 0.0
    for rank, pair in enumerate(sorted(found, key=found.get)):
        largest = max(largest, (len(found) - rank) * found[pair])
        adjusted[pair] = min(largest, 1.0)
    return adjusted


def stale():
    """The pairs (task, kind) whose stored result is missing, or of another code or version of PyTorch than this."""
    stored, made = results(), {task: made_by(task) for task in KINDS}
    pairs = [(task, kind) for task in KINDS for kind in KINDS[task]]
    return [pair for pair in pairs if pair not in stored or stored[pair]["made_by"] != made[pair[0]]]


def made_by(task):
    """What a result of this task depends on: the version of PyTorch, and a fingerprint of all code that is run for it."""
    check_name("task", task, KINDS)
    made = {"torch": torch.__version__.split("+")[0]}
    if task in SETTINGS:
        return made | {"code": fingerprint(APPLICATIONS[task]), "settings": SETTINGS[task]}
    return made | {
        "code": fingerprint(recall) if task == "recall" else fingerprint(TASKS[task], compare, _losses, _train)
    }


def _rate(half_decade):
    """-5 to 0.003, -4 to 0.01, -3 to 0.03 and so on."""
    return float(f"{10 ** (half_decade / 2):.0e}")


def _train(task, kind, rate, seed, keeping):
    torch.manual_seed(seed)
    model = task.model(kind, keeping)
    history = training.fit(
        model,
        task.optimizer(kind, model.parameters(), rate),
        training.shuffled(task.parts[0], task.batch_size),
        lambda batch: task.loss(model, batch),
        epochs=task.epochs,
        seed=seed,
        validate=lambda: task.loss(model, task.parts[1]),
        max_norm=1.0,
    )
    with torch.no_grad():
        return min(history["validation"]), task.error(model, task.parts[2])
