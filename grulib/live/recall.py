"""The training that the figure of a learning GRU does in the page, in NumPy with PyTorch's Adam: the same numbers, drawn alike."""

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from grulib.gru import GRU

D, H, B = 4, 16, 32
MOST_UPDATES, LOOK_EVERY = 500, 5
SEEDS = range(1, 21)
# What the text compares, over 20 steps: which gates there are, and what is added to the bias of z at the beginning.
SETTINGS = [("both", 2), ("both", 0), ("both", -2), ("update", 2), ("reset", 2)]


class Mulberry32:
    """The page's generator (by Tommy Ettinger): whole numbers of 32 bits, the same on both sides."""

    def __init__(self, seed):
        self.state = np.uint32(seed)

    def uniform(self, *shape):
        """The next numbers from 0 to below 1, an array of that shape."""
        count = int(np.prod(shape))
        with np.errstate(over="ignore"):
            a = self.state + np.uint32(0x6D2B79F5) * np.arange(1, count + 1, dtype=np.uint32)
            self.state = a[-1]
            t = (a ^ (a >> 15)) * (1 | a)
            t = (t + (t ^ (t >> 7)) * (61 | t)) ^ t
        return ((t ^ (t >> 14)) / 2**32).reshape(shape)


def examples(T, count, random):
    """Which of four symbols was shown before the noise? x (count, T, D) and y (count,)."""
    drawn = random.uniform(count, 1 + 2 * (T - 1) * D)
    y = (4 * drawn[:, 0]).astype(int)
    x = np.zeros((count, T, D))
    x[np.arange(count), 0, y] = 2
    one, two = (drawn[:, first::2].reshape(count, T - 1, D) for first in (1, 2))
    x[:, 1:] = 0.5 * np.sqrt(-2 * np.log(1 - one)) * np.cos(2 * np.pi * two)
    return x, y


class Learner:
    """A GRU (reset after) with a linear layer V, a behind its last state, and Adam: one call of `update` after another."""

    def __init__(self, gates, bias, T, seed):
        self.T, self.random, self.tests = T, Mulberry32(seed), Mulberry32(1000 + seed)
        shapes = {"W": (3 * H, D), "U": (3 * H, H), "b": (3 * H,), "c": (H,), "V": (4, H), "a": (4,)}
        self.p = {name: (2 * self.random.uniform(*shape) - 1) / np.sqrt(H) for name, shape in shapes.items()}
        self.p["b"][H : 2 * H] += bias
        # A gate that is taken away reads nothing and stands still: r at 1, z at 0.
        self.held = {"both": slice(0, 0), "reset": slice(H, 2 * H), "update": slice(0, H)}[gates]
        self.p["W"][self.held] = self.p["U"][self.held] = 0
        self.p["b"][self.held] = {"both": 0, "reset": -50, "update": 50}[gates]
        self.tensors = {name: torch.from_numpy(array).requires_grad_() for name, array in self.p.items()}
        self.adam = torch.optim.Adam(self.tensors.values(), lr=0.01)

    def gru(self):
        return GRU(*(self.p[name] for name in "WUbc"), reset="after")

    def update(self):
        """One update on a batch of B sequences, the gradient's norm clipped at 1: the loss before it."""
        x, y = examples(self.T, B, self.random)
        gru = self.gru()
        outputs, cache = gru.forward(x)
        last = torch.tensor(outputs[:, -1], requires_grad=True)
        loss = cross_entropy(last @ self.tensors["V"].T + self.tensors["a"], torch.tensor(y))
        self.adam.zero_grad()
        loss.backward()
        grad = np.zeros_like(outputs)
        grad[:, -1] = last.grad.numpy()
        gradients = gru.backward(cache, grad)
        for name in "WUbc":
            self.tensors[name].grad = torch.tensor(getattr(gradients, name))
            if name != "c":
                self.tensors[name].grad[self.held] = 0
        torch.nn.utils.clip_grad_norm_(self.tensors.values(), 1.0)
        self.adam.step()
        return loss.item()

    def right(self):
        """The share of 200 new sequences that are right."""
        x, y = examples(self.T, 200, self.tests)
        outputs, _ = self.gru().forward(x)
        return float(np.mean((outputs[:, -1] @ self.p["V"].T + self.p["a"]).argmax(axis=1) == y))

    def updates_to_learn(self):
        """After how many updates more than 95 % are first right, or None where MOST_UPDATES do not suffice."""
        for done in range(1, MOST_UPDATES + 1):
            self.update()
            if done % LOOK_EVERY == 0 and self.right() > 0.95:
                return done
        return None


def learnt():
    """Updates to learn (or None) over 20 steps: a dict from "GATES BIAS" to a list with one number for each of SEEDS."""
    return {
        f"{gates} {bias}": [Learner(gates, bias, 20, seed).updates_to_learn() for seed in SEEDS]
        for gates, bias in SETTINGS
    }
