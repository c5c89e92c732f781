"""What live figures of the pages are given: `python -m grulib.live` trains it, and stores it as scripts.

They are the chapters' models, small, with weights rounded to 16 bits. What is said of them was measured after rounding.
"""

import base64
import hashlib
import json

import numpy as np
import torch
from torch import nn
from torch.nn.functional import affine_grid, cross_entropy, grid_sample

from grulib import bench, data
from grulib.checks import check_name
from grulib.fingerprint import fingerprint
from grulib.live import recall
from grulib.page import LIVE
from grulib.study.applications import Pairs, Translator, language_model, perplexity, train, translator
from grulib.torch_layers import LanguageModel
from grulib.training import shuffled

FOLDER = LIVE / "data"
SEED = 0


class RowReader(nn.Module):
    """An image row by row: x (B, T, 8) to logits of ten digits after each row, (B, T, 10)."""

    def __init__(self, H):
        super().__init__()
        self.gru = nn.GRU(8, H, batch_first=True)
        self.output = nn.Linear(H, 10)

    def forward(self, x):
        return self.output(self.gru(x)[0])

    def loss(self, batch):
        """Of images moved, turned and stretched a little at random, since readers' digits lie where they draw them."""
        x, y = batch
        B = len(x)
        angle, shift = 0.3 * torch.rand(B) - 0.15, 0.5 * torch.rand(B, 2) - 0.25
        height, width = 0.85 + 0.5 * torch.rand(2, B)
        across = torch.stack([width * angle.cos(), -height * angle.sin(), shift[:, 0]], dim=1)
        down = torch.stack([width * angle.sin(), height * angle.cos(), shift[:, 1]], dim=1)
        grid = affine_grid(torch.stack([across, down], dim=1), (B, 1, 8, 8), align_corners=False)
        logits = self(grid_sample(x[:, None], grid, align_corners=False)[:, 0])  # (B, 8, 10)
        return cross_entropy(logits.flatten(0, 1), y.repeat_interleave(8))


def language():
    """The chapter's language model, and what a figure must know of it."""
    text = data.text()
    model = language_model(**LANGUAGE, seed=SEED)
    return model, {"symbols": text.symbols}


def digits():
    """A reader of digits that answers after each row, and test images: the first of each digit, three misread ones, two more of each."""
    split = data.digits()
    torch.manual_seed(SEED)
    model = RowReader(DIGITS["H"])
    x, y = torch.tensor(split.train.x).float(), torch.tensor(split.train.y)
    train(model, shuffled([x, y], 64), model.loss, DIGITS["epochs"], DIGITS["rate"], SEED)
    with torch.no_grad():
        wrong = model(torch.tensor(split.test.x).float())[:, 7].argmax(dim=1).numpy() != split.test.y
    rows = [np.flatnonzero(split.test.y == digit)[k] for k in range(3) for digit in range(10)]
    rows[10:10] = np.flatnonzero(wrong)[:3]
    images = (16 * split.test.x[rows]).astype(int).reshape(-1, 64)
    return model, {"examples": images.tolist(), "labels": split.test.y[rows].tolist()}


def dates():
    """The chapter's translator of dates with attention."""
    task, model = translator(data.dates(), **DATES, seed=SEED)
    return model, {"source": "".join(task.source), "target": "".join(task.target)}


LANGUAGE = {"H": 128, "epochs": 5, "rate": 0.02}
DIGITS = {"H": 64, "epochs": 80, "rate": 0.01}
DATES = {"H": 64, "attention": True, "epochs": 8}
MODELS = {"language": language, "digits": digits, "dates": dates}
NAMES = [*MODELS, "learning"]


def measured(name, model):
    """What the page may say of a model, on the test part: a dict of floats."""
    with torch.no_grad():
        if name == "language":
            return {"perplexity": perplexity(model, data.text().test)}
        if name == "dates":
            return {"exact": model.exact(Pairs(data.dates()).test)}
        x, y = data.digits().test
        right = model(torch.tensor(x).to(model.output.weight.dtype)).argmax(dim=2) == torch.tensor(y)[:, None]
        return {"rows": right.double().mean(dim=0).tolist()}  # right after each row


def make(name):
    """Train a model, round its weights, measure it, or run the learning figure's seeds: what is to be stored, a dict."""
    check_name("name", name, NAMES)
    if name == "learning":
        return {"made_by": made_by(name), "most": recall.MOST_UPDATES, "learnt": recall.learnt()}
    model, known = MODELS[name]()
    entry = {"made_by": made_by(name), **known, "arrays": {k: _packed(v) for k, v in model.state_dict().items()}}
    return entry | {"measured": measured(name, loaded(name, entry))}


def made_by(name):
    """What is stored depends on: PyTorch's version, and fingerprints of the code that trained it and of its data."""
    check_name("name", name, NAMES)
    if name == "learning":
        of_data = "drawn"
    elif name == "language":
        of_data = data.TIME_MACHINE_SHA256
    else:
        of_data = hashlib.sha256(repr([_plain(part) for part in getattr(data, name)()]).encode()).hexdigest()
    return {
        "torch": torch.__version__.split("+")[0],
        "code": fingerprint(MODELS[name], _packed) if name in MODELS else fingerprint(recall.learnt),
        "data": of_data,
    }


def stored(name):
    """What `make` returned, from its file."""
    check_name("name", name, NAMES)
    return json.loads((FOLDER / f"{name}.js").read_text("utf-8").partition(" = ")[2].rstrip(";\n"))


def as_script(name, entry):
    """The file's text: a script that a page can load, since pages that are opened from files can't read data."""
    return f"(window.stored ??= {{}}).{name} = {json.dumps(entry, ensure_ascii=False)};\n"


def loaded(name, entry):
    """The model of an entry in PyTorch, in float64, with the rounded weights."""
    arrays = {name: torch.tensor(_unpacked(packed)) for name, packed in entry["arrays"].items()}
    if name == "language":
        model = LanguageModel(len(entry["symbols"]), LANGUAGE["H"])
    elif name == "digits":
        model = RowReader(DIGITS["H"])
    else:
        model = Translator(Pairs(data.dates()), DATES["H"], DATES["attention"])
    model.double().load_state_dict(arrays)
    return model.eval()


def roofline():
    """Seconds of the bench's shapes, medians over its runs, for the figure of the roofline: a dict."""
    shapes = {}
    for ((T, B, D, H), which), rows in bench.runs().items():
        shape = shapes.setdefault((T, B, D, H), {"T": T, "B": B, "D": D, "H": H})
        shape[which] = {name: float(f"{np.median(rows[name]):.4g}") for name in ("products", "torch", "grulib")}
    return {"shapes": list(shapes.values())}


def stale():
    """The names of what is not stored, or comes from another code, data or version of PyTorch than this."""
    return [name for name in NAMES if not (FOLDER / f"{name}.js").exists() or stored(name)["made_by"] != made_by(name)]


def _packed(tensor):
    """An array as whole numbers of 16 bits, the largest 32,767, and what one of them is worth."""
    array = tensor.double().numpy()
    worth = float(f"{abs(array).max() / 32767:.6g}") * (1 + 1e-5)
    whole = np.round(array / worth).astype("<i2")
    return {"shape": array.shape, "worth": worth, "whole": base64.b64encode(whole.tobytes()).decode()}


def _unpacked(packed):
    whole = np.frombuffer(base64.b64decode(packed["whole"]), "<i2").reshape(packed["shape"])
    return packed["worth"] * whole.astype(np.float64)


def _plain(part):
    return [value.tolist() if isinstance(value, np.ndarray) else value for value in part]
