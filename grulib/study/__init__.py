"""Plain RNN, GRU and LSTM on five tasks with equally many recurrent weights, for the chapter "GRU, LSTM, plain RNN".

`python -m grulib.study` trains all of it, in forty minutes of one core divided by your cores, and stores what came out
in results.json, beside the code that made it.
"""

import json
from pathlib import Path

import numpy as np
import torch

from grulib import training
from grulib.checks import check_name, check_positive, check_seed
from grulib.fingerprint import fingerprint
from grulib.study.models import BLOCKS, units
from grulib.study.tasks import TASKS

__all__ = [
    "BLOCKS",
    "RATES",
    "RESULTS",
    "SEEDS",
    "TASKS",
    "TUNING_SEEDS",
    "compare",
    "results",
    "run",
    "stale",
    "units",
]

RATES = (0.001, 0.003, 0.01, 0.03, 0.1)
TUNING_SEEDS, SEEDS = (6, 7), (1, 2, 3, 4, 5)
RESULTS = Path(__file__).with_name("results.json")


def run(task, kind, rate, seed):
    """Train one model. Returns its lowest validation loss and its error on the test part, two floats.

    task: a key of TASKS; kind: "RNN", "GRU" or "LSTM". Adam, gradient norms clipped to 1. Seeds PyTorch's global
    generator. Raises ValueError for other names, and for the task "text" where The Time Machine can't be had.
    """
    check_name("task", task, TASKS)
    check_name("kind", kind, BLOCKS)
    check_positive("rate", rate)
    check_seed(seed)
    return _train(TASKS[task](), kind, rate, seed)


def compare(task, kind):
    """All of one task and kind: a dict with the mean validation losses of all rates, the best rate, and test errors of other seeds."""
    check_name("task", task, TASKS)
    check_name("kind", kind, BLOCKS)
    losses = [float(np.mean([run(task, kind, rate, seed)[0] for seed in TUNING_SEEDS])) for rate in RATES]
    rate = RATES[losses.index(min(losses))]
    errors = [run(task, kind, rate, seed)[1] for seed in SEEDS]
    return {
        "task": task,
        "kind": kind,
        "made_by": made_by(task),
        "losses": [round(loss, 4) for loss in losses],
        "rate": rate,
        "errors": [round(error, 4) for error in errors],
    }


def results():
    """What is stored, a dict from (task, kind) to what `compare` returned for it."""
    return {(entry["task"], entry["kind"]): entry for entry in json.loads(RESULTS.read_text("utf-8"))}


def stale():
    """The pairs (task, kind) whose stored result is missing, or of another code or version of PyTorch than this."""
    stored = results()
    pairs = [(task, kind) for task in TASKS for kind in BLOCKS]
    return [pair for pair in pairs if pair not in stored or stored[pair]["made_by"] != made_by(pair[0])]


def made_by(task):
    """What a result of this task depends on: the version of PyTorch, and a fingerprint of all code that is run for it."""
    check_name("task", task, TASKS)
    return {"torch": torch.__version__.split("+")[0], "code": fingerprint(TASKS[task], compare, _train)}


def _train(task, kind, rate, seed):
    torch.manual_seed(seed)
    model = task.model(kind)
    history = training.fit(
        model,
        torch.optim.Adam(model.parameters(), lr=rate),
        training.shuffled(task.parts[0], task.batch_size),
        lambda batch: task.loss(model, batch),
        epochs=task.epochs,
        seed=seed,
        validate=lambda: task.loss(model, task.parts[1]),
        max_norm=1.0,
    )
    with torch.no_grad():
        return min(history["validation"]), float(task.error(model, task.parts[2]))
