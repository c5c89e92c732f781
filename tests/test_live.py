"""The pages' live figures in Chromium: the GRU in JavaScript is grulib's, and each figure answers hand and keyboard."""

import os

import numpy as np
import pytest
from helpers import CHROMIUM, QUIET, ROOT
from playwright.sync_api import sync_playwright

from grulib.gru import GRU

pytestmark = pytest.mark.skipif(CHROMIUM is None and "CI" not in os.environ, reason="needs Chromium; CI always has it")
LIVE = ROOT / "book" / "_static" / "live"


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.mark.parametrize("reset", ["before", "after"])
def test_the_script_s_gru_is_grulib_s_forward_and_backward(browser, reset):
    page = browser.new_page()
    page.add_script_tag(path=LIVE / "gru.js")
    rng = np.random.default_rng(0)
    for _ in range(50):
        D, H, T = rng.integers(1, 7), rng.integers(1, 9), rng.integers(1, 12)
        size = 10 ** rng.uniform(-2, 1)
        gru = GRU.random(D, H, rng, reset=reset)
        gru = GRU(*(None if a is None else size * a for a in (gru.W, gru.U, gru.b, gru.c)), reset=reset)
        x, h0, grad = rng.normal(size=(1, T, D)), rng.uniform(-1, 1, (1, H)), rng.normal(size=(1, T, H))
        outputs, cache = gru.forward(x, h0)
        gradients = gru.backward(cache, grad)
        c = np.zeros(H) if gru.c is None else gru.c
        told = {"W": gru.W.tolist(), "U": gru.U.tolist(), "b": gru.b.tolist(), "c": c.tolist(), "reset": reset}
        found = page.evaluate(
            """([model, x, h0, grad]) => {
                const list = (a) => a == null || typeof a === "number" ? a : Array.from(a, list);
                const steps = gru.forward(model, x, h0);
                const { W, U, b, c, x: by_x, h0: by_h0 } = gru.backward(model, steps, grad);
                const kept = ["r", "z", "n", "m", "next"].map((name) => steps.map((taken) => taken[name]));
                return [...kept, W, U, b, c, by_x, by_h0].map(list);
            }""",
            [told, x[0].tolist(), h0[0].tolist(), grad[0].tolist()],
        )
        ours = [cache.r[:, 0], cache.z[:, 0], cache.n[:, 0], cache.m[:, 0], outputs[0]]
        ours += [gradients.W, gradients.U, gradients.b, gradients.c, gradients.x[0], gradients.h0[0]]
        for theirs, array in zip(found, ours, strict=True):
            if array is not None:
                np.testing.assert_allclose(theirs, array, rtol=1e-12, atol=1e-12 * max(1, abs(array).max()))
    page.close()
