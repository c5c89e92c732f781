"""The pages' live figures in Chromium: the GRU in JavaScript is grulib's, and each figure answers hand and keyboard."""

import re

import numpy as np
import pytest
import torch
from helpers import load_tool
from playwright.sync_api import expect

from grulib.gru import GRU
from grulib.page import LIVE, page_of_figure


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


FIGURES = sorted(path.stem for path in LIVE.glob("*.svg"))


@pytest.fixture
def opened(browser):
    """A figure alone on its page, which asks nobody for anything and reports no error."""
    pages, found = [], []

    def open_figure(name, **context):
        page = browser.new_context(**context).new_page()
        pages.append(page)
        page.on("console", lambda message: found.append(message.text))
        page.on("pageerror", lambda error: found.append(str(error)))
        page.on("request", lambda r: None if r.url.startswith("file:") else found.append(r.url))
        page.set_content(page_of_figure(name))
        return page

    yield open_figure
    for page in pages:
        page.context.close()
    assert found == []


def test_a_still_picture_is_the_figure_s_first_state(browser):
    stills = load_tool("stills")
    assert FIGURES == stills.FIGURES
    page = browser.new_page()
    stale = [name for name in FIGURES if stills.first_picture(page, name) != (LIVE / f"{name}.svg").read_text("utf-8")]
    page.close()
    assert stale == [], "run tools/stills.py"


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_answers_hand_and_keyboard_and_can_be_read(opened, name):
    for width, scheme in ((390, "dark"), (1400, "light")):
        page = opened(name, viewport={"width": width, "height": 900}, color_scheme=scheme, has_touch=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        picture, answer = page.locator(".live svg"), page.locator(".live .verdict").first
        assert picture.get_attribute("aria-label") and answer.inner_text()
        for slider in page.locator("input[type=range]").all():
            assert slider.evaluate("slider => slider.closest('label').innerText.length") > 3
            before = picture.inner_html()
            slider.focus()
            page.keyboard.press("ArrowRight")
            page.keyboard.press("ArrowRight")
            assert picture.inner_html() != before
        for select in page.locator("select").all():
            before = page.locator(".live").inner_html()
            select.select_option(index=1)
            assert page.locator(".live").inner_html() != before


def test_the_cell_s_numbers_are_grulib_s_and_a_press_changes_them(opened):
    page = opened("cell", has_touch=True)
    values = [0.3, -0.2, 1, 0.4, -0.6, 0.2, -0.3, -1, 0.5, 0.3, -0.4, 0.6]
    writes = [0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    bias = 4.0

    def agrees(share_of_old=True, reset="after"):
        b, c = np.array([2.0, bias, 0.0]), np.array([0.4])
        gru = GRU(
            np.array([[0, 0], [0, -8.0], [2, 0]]), np.zeros((3, 1)), b, c if reset == "after" else None, reset=reset
        )
        _, cache = gru.forward(np.stack([values, writes], axis=1)[None].astype(float))
        z = cache.z if share_of_old else 1 - cache.z
        wanted = [f"{v:.2f}" for rows in (cache.r, z, cache.n, cache.h[1:]) for v in rows.ravel()]
        shown = page.locator(".live svg g[data-step]:not([role]) text").all_text_contents()
        assert [text.replace("−", "-") for text in shown] == [w.replace("-0.00", "0.00") for w in wanted]

    agrees()
    page.locator('[data-key="write-4"]').tap()
    writes[4] = 1
    agrees()
    page.locator('[data-key="value-4"]').focus()
    page.keyboard.press("Enter")
    values[4] = 0.0
    agrees()
    assert page.locator(".verdict").inner_text().startswith("Step 5:")
    page.keyboard.press("ArrowRight")
    assert page.locator(".verdict").inner_text().startswith("Step 6:")
    page.get_by_label("bias of z: keep").fill("-1")
    bias = -1.0
    page.get_by_label("z is the share of").select_option("new")
    page.get_by_label("reset", exact=True).select_option("before")
    agrees(share_of_old=False, reset="before")


def test_what_is_left_of_a_change_is_grulib_s_gradient(opened):
    page = opened("fading")
    page.get_by_label("bias of z").fill("2")
    page.get_by_label("recurrent weight").fill("0.7")
    gru = GRU(np.zeros((3, 1)), np.array([[0.0], [0.0], [0.7]]), np.array([20.0, 2.0, 0.0]), np.zeros(1), reset="after")
    _, cache = gru.forward(np.zeros((1, 40, 1)), np.array([[0.8]]))
    grad = np.zeros((1, 40, 1))
    grad[0, -1] = 1
    left = gru.backward(cache, grad).h0[0, 0]
    assert left > 1e-3 and f"GRU {left:.3f}." in page.locator(".verdict").inner_text()


def test_the_four_ways_add_up_to_grulib_s_derivative(opened):
    page = opened("ways")
    page.get_by_label("u_n, into the candidate").fill("-3")
    gru = GRU(np.ones((3, 1)), np.array([[2.0], [2.0], [-3.0]]), np.array([0.5, 0.0, 0.0]), reset="before")
    _, cache = gru.forward(np.array([[[-1.0]]]), np.array([[0.5]]))
    by_old = f"{gru.backward(cache, np.ones((1, 1, 1))).h0[0, 0]:.4f}".replace("-", "−")
    assert page.locator(".verdict").inner_text().count(by_old) == 2


def test_the_flow_s_resting_places_are_those_of_the_equations(opened):
    page = opened("flow", has_touch=True)
    assert "Fixed points: 1, of which 0 attract" in page.locator(".verdict").inner_text()
    page.get_by_label("turn of U_n").fill("0")  # then each unit rests where h = tanh(2.5 h): three places, two attract
    assert "Fixed points: 9, of which 4 attract (filled) and 5 do not" in page.locator(".verdict").inner_text()
    page.get_by_label("gain of U_n").fill("0.9")
    assert "Fixed points: 1, of which 1 attract" in page.locator(".verdict").inner_text()
    paths = page.locator(".live svg polyline.new")
    before = paths.count()
    page.locator(".live svg rect").first.tap(position={"x": 60, "y": 60})
    assert paths.count() == before + 1
    page.get_by_role("button", name="Take the points away").press("Enter")
    assert paths.count() == 0


@pytest.mark.parametrize("reset", ["before", "after"])
def test_the_worked_example_s_numbers_are_grulib_s_forward_and_backward(opened, reset):
    page = opened("worked")
    W = np.array([[7, 6], [3, 2], [-3, -4], [-7, -8], [3, 4], [7, 8]]) / 10
    U = np.array([[9, 8], [5, 4], [-1, -2], [-5, -6], [1, 2], [5, 6]]) / 10
    x = np.array([[[1, 2], [3, 4], [5, 6]]]) / 10
    page.get_by_label("reset", exact=True).select_option(reset)
    for changes in (False, True):
        if changes:
            page.get_by_label("W_n 1, 1").fill("-1.3")
            page.get_by_label("U_z 2, 1").fill("2")
            page.get_by_label("x 3, 2").fill("-0.7")
            W[4, 0], U[3, 0], x[0, 2, 1] = -1.3, 2, -0.7
        gru = GRU(W, U, reset=reset)
        outputs, cache = gru.forward(x)
        grad = np.zeros_like(outputs)
        grad[:, -1] = outputs[:, -1]
        gradients = gru.backward(cache, grad)
        back = [gru.backward(gru.forward(x[:, t + 1 :], outputs[:, t])[1], grad[:, t + 1 :]).h0[0] for t in (0, 1)]
        rows = [cache.r[:, 0], cache.z[:, 0], cache.n[:, 0], outputs[0], [*back, outputs[0, -1]]]
        shown = page.locator(".live svg [data-key] text").all_text_contents()
        assert numbers(shown) == pytest.approx(np.concatenate(rows).ravel(), abs=5.1e-5)
        under = numbers(page.locator(".entry small").all_text_contents())
        parts = [gradients.x[0], *(a[2 * k : 2 * k + 2] for k in range(3) for a in (gradients.W, gradients.U))]
        assert under == pytest.approx(np.concatenate([part.ravel() for part in parts]), abs=5.1e-5)
    page.locator('[data-key="n-1-0"]').press("Enter")
    assert page.locator(".verdict").inner_text().endswith(f"= {cache.n[1, 0, 0]:.4f}".replace("-", "−"))
    page.get_by_role("button", name="The numbers of the example").click()
    assert page.get_by_label("W_n 1, 1").input_value() == "0.3"


def numbers(texts):
    return [float(text.replace("−", "-")) for text in texts]


@pytest.mark.parametrize("T", [2, 8, 13, 32])
def test_a_scan_needs_as_many_rounds_as_doublings_and_has_the_loop_s_states(opened, T):
    page = opened("scan")
    page.get_by_label("steps", exact=True).fill(str(T))
    join, rounds = page.get_by_role("button", name="Join once more"), 0
    while join.is_enabled():
        join.press("Enter")
        rounds += 1
    assert rounds == int(np.ceil(np.log2(T)))
    answer = page.locator(".verdict").inner_text()
    assert answer.startswith(f"After {rounds} rounds {T} of {T} states are ready")
    worst = re.search(r"by ([\d.e−]+) at most", answer)[1].replace("−", "-")
    assert float(worst) < 1e-14
    if T <= 16:
        z = 1 / (1 + np.exp(-(1.5 + np.sin(3 * np.arange(T)))))
        h, states = 0.0, []
        for z_t, n_t in zip(z, np.tanh(2 * np.cos(5 * np.arange(T)))):
            h = z_t * h + (1 - z_t) * n_t
            states.append(h)
        assert numbers(page.locator(".live svg text.new").all_text_contents()) == pytest.approx(states, abs=0.0051)


class Mulberry32:
    """The page's generator: integers of 32 bits, the same on both sides."""

    def __init__(self, seed):
        self.a = seed

    def uniform(self):
        self.a = (self.a + 0x6D2B79F5) & 0xFFFFFFFF
        t = (self.a ^ (self.a >> 15)) * (1 | self.a) & 0xFFFFFFFF
        t = ((t + ((t ^ (t >> 7)) * (61 | t) & 0xFFFFFFFF)) & 0xFFFFFFFF) ^ t
        return (t ^ (t >> 14)) / 2**32

    def normal(self):
        return np.sqrt(-2 * np.log(1 - self.uniform())) * np.cos(2 * np.pi * self.uniform())


def losses_in_numpy(gates, updates, T=20, D=4, H=16, B=32):
    """The losses of the page's training with grulib's GRU and PyTorch's Adam."""
    random = Mulberry32(1)

    def draw(*shape):
        return np.array([2 * random.uniform() - 1 for _ in range(np.prod(shape))]).reshape(shape) / np.sqrt(H)

    p = {
        name: draw(*shape)
        for name, shape in dict(W=(3 * H, D), U=(3 * H, H), b=(3 * H,), c=(H,), V=(4, H), a=(4,)).items()
    }
    p["b"][H : 2 * H] += 2
    held = {"both": slice(0, 0), "reset": slice(H, 2 * H), "update": slice(0, H)}[gates]
    p["W"][held], p["U"][held], p["b"][held] = 0, 0, {"both": 0, "reset": -50, "update": 50}[gates]
    tensors = {name: torch.tensor(array, requires_grad=True) for name, array in p.items()}
    adam, losses = torch.optim.Adam(tensors.values(), lr=0.01), []
    for _ in range(updates):
        y, x = np.zeros(B, int), np.zeros((B, T, D))
        for k in range(B):
            y[k] = int(4 * random.uniform())
            x[k, 0, y[k]] = 2
            x[k, 1:] = [[0.5 * random.normal() for _ in range(D)] for _ in range(T - 1)]
        arrays = {name: tensor.detach().numpy() for name, tensor in tensors.items()}
        gru = GRU(*(arrays[name] for name in "WUbc"), reset="after")
        outputs, cache = gru.forward(x)
        last = torch.tensor(outputs[:, -1], requires_grad=True)
        loss = torch.nn.functional.cross_entropy(last @ tensors["V"].T + tensors["a"], torch.tensor(y))
        losses.append(loss.item())
        adam.zero_grad()
        loss.backward()
        grad = np.zeros_like(outputs)
        grad[:, -1] = last.grad.numpy()
        gradients = gru.backward(cache, grad)
        for name in "WUbc":
            tensors[name].grad = torch.tensor(getattr(gradients, name))
            if name != "c":
                tensors[name].grad[held] = 0
        torch.nn.utils.clip_grad_norm_(tensors.values(), 1.0)
        adam.step()
    return losses


IN_THE_PAGE = """([gates, seed, updates, T, bias]) => {
    const random = live.recall.generator(seed);
    const net = live.recall.network(bias, gates, random);
    const adam = { t: 0, m: [], v: [], rate: 0.01 };
    const losses = [];
    while (losses.length < updates) losses.push(live.recall.update(net, T, random, adam));
    return [losses, live.recall.accuracy(net, T, live.recall.generator(1000 + seed))];
}"""


@pytest.mark.parametrize("gates", ["both", "reset", "update"])
def test_training_in_the_page_has_numpy_s_losses(opened, gates):
    page = opened("learning")
    losses, _ = page.evaluate(IN_THE_PAGE, [gates, 1, 30, 20, 2])
    np.testing.assert_allclose(losses, losses_in_numpy(gates, 30), rtol=1e-6)


def test_most_seeds_learn_in_the_page(opened):
    page = opened("learning")
    right = [page.evaluate(IN_THE_PAGE, ["both", seed, 120, 20, 2])[1] for seed in range(1, 21)]
    assert sum(share > 0.95 for share in right) >= 16, right


def test_the_learning_figure_trains_pauses_and_begins_anew(opened):
    page = opened("learning")
    answer = page.locator(".verdict")
    page.get_by_label("steps to remember over").fill("60")
    page.get_by_role("button", name="Train").press("Enter")
    expect(answer).to_contain_text(" updates, ")
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Begin anew").click()
    assert answer.inner_text().startswith("Four symbols; one is shown first, then noise for 59 steps")
    page.get_by_label("steps to remember over").fill("5")
    page.get_by_role("button", name="Train").click()
    expect(answer).to_contain_text("Learnt:", timeout=60_000)
    assert page.get_by_role("button", name="Train").is_visible()
