"""The pages' live figures in Chromium: the GRU in JavaScript is grulib's, and each figure answers hand and keyboard."""

import re

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from helpers import load_tool
from playwright.sync_api import expect

from grulib import bench, live
from grulib.gru import GRU
from grulib.page import LIVE, page_of_figure
from grulib.torch_layers import layer_to_gru


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


@pytest.mark.parametrize("name", FIGURES)
def test_axe_finds_nothing_in_a_figure(opened, name):
    for width, scheme in ((390, "dark"), (1400, "light")):
        page = opened(name, viewport={"width": width, "height": 900}, color_scheme=scheme)
        found = Axe().run(page, context=".live")
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_moves_by_itself(opened, name):
    page = opened(name, reduced_motion="reduce")
    before = page.locator(".live").inner_html()
    page.wait_for_timeout(300)
    assert page.locator(".live").inner_html() == before


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


def test_a_part_lights_up_in_picture_formulas_and_code_and_has_grulib_s_number(opened):
    page = opened("parts", has_touch=True)
    answer = page.locator(".verdict")
    for reset in ("after", "before"):
        page.get_by_label("reset", exact=True).select_option(reset)
        page.get_by_label("input x").fill("-1.2")
        page.get_by_label("old state h").fill("0.7")
        W, U, b = np.array([[1.5], [-1], [2]]), np.array([[1.0], [2], [-1.5]]), np.array([0.0, 1, 0])
        gru = GRU(W, U, b, np.array([0.5]) if reset == "after" else None, reset=reset)
        outputs, cache = gru.forward(np.array([[[-1.2]]]), np.array([[0.7]]))
        r, z, n, m = (getattr(cache, name).item() for name in "rznm")
        see = r * m if reset == "after" else -1.5 * m
        wanted = dict(x=-1.2, h=0.7, r=r, z=z, n=n, see=see, keep=0.7 * z, write=(1 - z) * n, next=outputs.item())
        for part, value in wanted.items():
            of_picture = page.locator(f'svg [data-key="{part}"]')
            page.locator(f'pre [data-part="{part}"]').first.tap() if part != "next" else of_picture.focus()
            assert page.locator(".lit").count() == page.locator(f'.lit[data-part="{part}"]').count() >= 2, part
            assert f"= {value:.2f}:".replace("-0.00", "0.00").replace("-", "−") in answer.inner_text()
            assert page.locator(f'.formula [data-part="{part}"].lit').count() >= 2  # in the formulas, and in the code


def test_the_language_figure_says_what_pytorch_says(opened):
    page = opened("language", has_touch=True)
    entry = live.stored("language")
    model = live.loaded("language", entry)
    text = "a strange machine stood in the hall"
    page.get_by_label("Type").fill("A strange  machine stood; in the hall")
    x = torch.tensor([[entry["symbols"].index(letter) for letter in text]])
    with torch.no_grad():
        log_p = model(x)[0][0].log_softmax(dim=1)
    _, cache = layer_to_gru(model.gru).forward(np.eye(27)[x.numpy()])
    bits = -log_p[range(len(text) - 1), x[0, 1:]].mean().item() / np.log(2)
    answer = page.locator(".verdict")

    def expects(place):
        best = log_p[place].argmax().item()
        share = f"{100 * log_p[place, best].exp():.0f} %"
        means = (cache.z[place].mean(), cache.r[place].mean())
        letter = entry["symbols"][best].replace(" ", "␣")
        return f"it expects “{letter}” with {share}; there z is {means[0]:.2f} in the mean, r {means[1]:.2f}. "

    tail = f"Your text costs {bits:.2f} bits a letter, a perplexity of {2**bits:.1f}."
    assert answer.inner_text().endswith(expects(-1) + tail)
    page.locator('[data-key="letter-9"]').tap()
    assert answer.inner_text().endswith(expects(9) + tail)
    page.locator('[data-key="letter-9"]').focus()
    page.keyboard.press("ArrowRight")
    assert answer.inner_text().endswith(expects(10) + tail)
    page.get_by_label("hold a gate").select_option("z1")
    assert "z is 1.00 in the mean" in answer.inner_text() and answer.inner_text().endswith("nothing is written.")
    page.get_by_label("hold a gate").select_option("none")
    page.get_by_role("button", name="Write 40 letters").press("Enter")
    written = page.get_by_label("Type").input_value()
    assert written.startswith(text) and len(written) == len(text) + 40
    page.get_by_label("Type").fill("")
    assert answer.inner_text() == "Type something."
    page.get_by_role("button", name="Begin anew").click()
    page.get_by_label("temperature").fill("0.1")  # nearly always the best
    page.get_by_role("button", name="Write 40 letters").click()
    page.get_by_role("button", name="Begin anew").click()


def test_a_drawn_digit_is_read_and_cells_can_be_set_by_keys(opened):
    page = opened("digits", has_touch=True)
    answer, svg = page.locator(".verdict"), page.locator(".live svg")
    assert (
        answer.inner_text()
        == "A 8 of the test set. After the last row: 8, with 100 %. On the way it changed its mind 2 times."
    )
    page.get_by_role("button", name="Empty page").click()
    box = svg.bounding_box()
    scale = box["width"] / 662

    def at(x, y):
        return box["x"] + scale * (6 + 32 * x), box["y"] + scale * (28 + 32 * y)

    page.mouse.move(*at(4, 0.6))
    page.mouse.down()
    page.mouse.move(*at(4, 7.4), steps=5)
    page.mouse.up()
    assert answer.inner_text().startswith("After the last row: 1, with")
    inked = [float(cell.get_attribute("fill-opacity")) for cell in svg.locator("rect.ink").all()]
    read = live.loaded("digits", live.stored("digits"))
    with torch.no_grad():
        beliefs = read(torch.tensor(inked).double().view(1, 8, 8))[0].softmax(dim=1)
    assert f"1, with {100 * beliefs[7, 1]:.0f} %" in answer.inner_text()
    page.locator('[data-key="pixel"]').focus()
    for key in ("ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    assert page.locator('[data-key="pixel"]').get_attribute("aria-label").startswith("row 2, column 2: 50 % ink")
    page.get_by_label("pen").select_option("erase")
    page.touchscreen.tap(*at(1.5, 1.5))
    assert page.locator('[data-key="pixel"]').get_attribute("aria-label").startswith("row 2, column 2: 0 % ink")
    page.get_by_role("button", name="Another of the test set").press("Enter")
    assert answer.inner_text().startswith("A 0 of the test set.")


def test_a_typed_date_is_written_and_what_was_never_seen_is_named(opened):
    page = opened("dates", has_touch=True)
    answer = page.locator(".verdict")
    page.get_by_label("Type a date").fill("Donnerstag, 12. März 2020")
    assert answer.inner_text().startswith("It writes 2020-03-12. For “2” it looks most at letter ")
    for row in range(9):
        page.keyboard.press("Tab") if row == 0 else page.keyboard.press("ArrowDown")
    assert "For “1” it looks most at letter 13, “1”" in answer.inner_text()
    page.locator('[data-key="row-0"]').tap()
    assert "For “2” it looks most at letter 22, “2”" in answer.inner_text()
    page.get_by_label("Type a date").fill("3/7 1987")
    assert page.locator(".hint").inner_text() == "Left out, since it never saw them: /"
    page.get_by_label("Type a date").fill("")
    assert answer.inner_text().startswith("Type a date, in German")
    page.get_by_label("or take one").select_option("july 3, 1987")
    assert answer.inner_text().startswith("It writes 1987-07-03.")


def test_the_roofline_counts_as_the_chapter_does_and_has_the_bench_s_times(opened):
    page = opened("roofline")
    answer, more = page.locator(".verdict"), page.locator(".hint")
    rates = {
        (shape, which): (3 if which == "both" else 1) * flops(*shape) / np.median(rows["products"]) / 1e9
        for (shape, which), rows in bench.runs().items()
    }
    alone = next(rate for (shape, which), rate in rates.items() if shape[1] == 1 and which == "forward")
    for (T, B, D, H), which in rates:
        page.get_by_label("a shape that was timed").select_option(f"T {T}, B {B}, D {D}, H {H}")
        page.get_by_label("pass").select_option(which)
        roof = min(max(rates.values()), B * alone)
        work = (3 if which == "both" else 1) * flops(T, B, D, H)
        said = answer.inner_text()
        assert f"{flops(1, B, D, H) / 1e6:.2f} million operations for each step" in said
        assert f"{12 * H * (D + H) / 1e6:.2f} MB of weights: {B / 2:g} operations for each byte" in said
        assert f"at most {roof:.0f} GFLOP/s" in said
        least = re.search(r"so at least ([\d.]+) ms", said)
        assert float(least[1]) == pytest.approx(1000 * work / roof / 1e9, rel=0.02, abs=0.006)
        ours = 1000 * np.median(bench.runs()[(T, B, D, H), which]["grulib"])
        assert float(re.search(r"grulib.fast ([\d.]+) ms", more.inner_text())[1]) == pytest.approx(
            ours, rel=0.03, abs=0.006
        )
    page.get_by_label("units H").focus()
    page.keyboard.press("ArrowRight")
    assert more.inner_text().startswith("This shape was not timed.")
    assert page.get_by_label("a shape that was timed").input_value() == "own"


def flops(T, B, D, H):
    return 6 * H * (D + H) * B * T


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
    const random = live.generator(seed);
    const net = live.recall.network(bias, gates, random);
    const adam = { t: 0, m: [], v: [], rate: 0.01 };
    const losses = [];
    while (losses.length < updates) losses.push(live.recall.update(net, T, random, adam));
    return [losses, live.recall.accuracy(net, T, live.generator(1000 + seed))];
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
