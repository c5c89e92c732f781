"""Long comparisons for several chapters: units of equal size, optimisers and beginnings, tuned alike, with many seeds.

`python -m grulib.study` trains all of it, in an hour of one core divided by your cores, and stores what came out in
results.json, beside the code that made it.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch

from grulib import training
from grulib.checks import check_array, check_name, check_positive, check_seed, shown
from grulib.fingerprint import fingerprint
from grulib.study import memory, tasks
from grulib.study.models import BLOCKS, DIGIT_READERS, units
from grulib.study.task import UNITS

__all__ = [
    "BLOCKS",
    "KINDS",
    "RECALL_RATES",
    "RECALL_SEEDS",
    "RESULTS",
    "SEEDS",
    "TASKS",
    "TUNING_SEEDS",
    "UNITS",
    "chance",
    "compare",
    "recall",
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
TUNING_SEEDS, SEEDS = range(101, 105), range(1, 17)
RECALL_RATES, RECALL_SEEDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3), range(1, 9)
RESULTS = Path(__file__).with_name("results.json")


def run(task, kind, rate, seed):
    """Train one model. Returns its lowest validation loss, a float, and its error on the test part, a float or a list of floats.

    task: a key of TASKS; kind: one of KINDS[task]. Gradient norms are clipped to 1. Seeds PyTorch's global generator. Raises
    ValueError for other names, and for the task "text" where The Time Machine can't be had, and FloatingPointError if the loss is not finite.
    """
    check_name("task", task, TASKS)
    check_name("kind", kind, KINDS[task])
    check_positive("rate", rate)
    check_seed(seed)
    return _train(TASKS[task](), kind, rate, seed)


def compare(task, kind):
    """All of one task and kind: a dict with the mean validation losses of the rates tried, the best rate, and test errors of other seeds.

    Rates are half a decade apart, from 0.003 to 0.03, and on at either end until the best is not the last.
    """
    check_name("task", task, TASKS)
    check_name("kind", kind, KINDS[task])
    losses = {}  # half decades to loss; None if a training ended in numbers that are not finite

    def loss_at(half_decade):
        try:
            return float(np.mean([run(task, kind, _rate(half_decade), seed)[0] for seed in TUNING_SEEDS]))
        except FloatingPointError:
            return math.inf

    todo = [-5, -4, -3]
    while todo:
        losses |= {half_decade: loss_at(half_decade) for half_decade in todo}
        best = min(losses, key=losses.get)
        todo = [half_decade for half_decade in (best - 1, best + 1) if half_decade not in losses]
    errors = [run(task, kind, _rate(best), seed)[1] for seed in SEEDS]
    return {
        "task": task,
        "kind": kind,
        "made_by": made_by(task),
        "losses": {str(_rate(k)): round(losses[k], 4) if losses[k] < math.inf else None for k in sorted(losses)},
        "rate": _rate(best),
        "errors": np.round(errors, 4).tolist(),
    }


def recall(kind):
    """How soon one kind of `memory.LEARNERS` recalls a symbol over 20 steps: a dict with "updates", by rate, of all seeds; see `memory.updates_to_learn`."""
    check_name("kind", kind, KINDS["recall"])
    updates = {str(rate): [memory.updates_to_learn(kind, rate, seed) for seed in RECALL_SEEDS] for rate in RECALL_RATES}
    return {"task": "recall", "kind": kind, "made_by": made_by("recall"), "updates": updates}


def results():
    """What is stored, a dict from (task, kind) to what `compare` or `recall` returned for it."""
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
    return float(np.mean(apart >= abs(np.mean(one) - np.mean(other)) - 1e-12))


def stale():
    """The pairs (task, kind) whose stored result is missing, or of another code or version of PyTorch than this."""
    stored, made = results(), {task: made_by(task) for task in KINDS}
    pairs = [(task, kind) for task in KINDS for kind in KINDS[task]]
    return [pair for pair in pairs if pair not in stored or stored[pair]["made_by"] != made[pair[0]]]


def made_by(task):
    """What a result of this task depends on: the version of PyTorch, and a fingerprint of all code that is run for it."""
    check_name("task", task, KINDS)
    code = fingerprint(recall) if task == "recall" else fingerprint(TASKS[task], compare, _train)
    return {"torch": torch.__version__.split("+")[0], "code": code}


def _rate(half_decade):
    """-5 to 0.003, -4 to 0.01, -3 to 0.03 and so on."""
    return float(f"{10 ** (half_decade / 2):.0e}")


def _train(task, kind, rate, seed):
    torch.manual_seed(seed)
    model = task.model(kind)
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
