"""grulib.live: the stored networks are of this code and as good as said, and the pages' scripts compute what PyTorch does."""

import os

import numpy as np
import pytest
import torch
from helpers import refused

from grulib import data, live
from grulib.page import LIVE
from grulib.study.applications import Pairs
from grulib.torch_layers import layer_to_gru

needs_text = pytest.mark.skipif(not os.environ.get("GRULIB_DATA"), reason="needs The Time Machine")


def test_the_stored_networks_are_of_this_code_and_this_data():
    assert live.stale() == [], "run make weights"
    assert sum(path.stat().st_size for path in live.FOLDER.glob("*.js")) < 1e6


def test_the_roofline_s_times_are_those_of_the_bench():
    stored = (live.FOLDER / "roofline.js").read_text("utf-8")
    assert stored == live.as_script("roofline", live.roofline()), "run make weights"


@pytest.mark.parametrize("name", [pytest.param("language", marks=needs_text), "digits", "dates"])
def test_a_network_is_as_good_as_its_page_may_say(name):
    entry = live.stored(name)
    for what, value in live.measured(name, live.loaded(name, entry)).items():
        assert value == pytest.approx(entry["measured"][what], abs=1e-6)


def test_other_names_are_refused():
    for call in (live.make, live.made_by, live.stored):
        refused(
            ValueError,
            "name must be 'language', 'digits', 'dates' or 'learning', got 'roofline'",
            lambda call=call: call("roofline"),
        )


def test_weights_are_rounded_to_half_a_unit_of_sixteen_bits():
    array = torch.tensor(np.random.default_rng(0).normal(size=(7, 5)))
    packed = live._packed(array)
    assert abs(live._unpacked(packed) - array.numpy()).max() <= 0.5001 * packed["worth"]
    assert packed["worth"] < 1.001 * abs(array).max() / 32767


def test_an_entry_of_other_code_or_data_is_stale(monkeypatch):
    monkeypatch.setattr(live, "DIGITS", live.DIGITS | {"epochs": 7})
    assert live.stale() == ["digits"]
    monkeypatch.undo()
    split = data.digits()
    split.train.x[0, 0, 0] += 1 / 16
    monkeypatch.setattr(data, "digits", lambda: split)
    assert live.stale() == ["digits"]


@pytest.fixture
def page(browser):
    page = browser.new_page()
    for script in ("gru", "nets", *(f"data/{name}" for name in live.MODELS)):
        page.add_script_tag(path=LIVE / f"{script}.js")
    page.evaluate("() => { window.list = (a) => typeof a === 'number' ? a : Array.from(a, list); }")
    yield page
    page.close()


def test_the_page_s_language_model_is_pytorch_s_on_200_texts_with_each_gate_held(page):
    entry = live.stored("language")
    model = live.loaded("language", entry)
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list(entry["symbols"]), rng.integers(1, 30))) for _ in range(200)]
    in_page = """([texts, gate, at]) => {
        const net = nets.language(stored.language);
        const cell = gate ? net.held(gate, at) : net.cell;
        return texts.map((text) => list(net.read(text, cell).map(({ next }) => net.next(next))));
    }"""
    H = live.LANGUAGE["H"]
    for gate, at in ((None, 0), ("r", 0), ("r", 1), ("z", 0), ("z", 1)):
        found = page.evaluate(in_page, [texts, gate, at])
        gru = layer_to_gru(model.gru)
        if gate:
            rows = slice(0, H) if gate == "r" else slice(H, 2 * H)
            gru.W[rows], gru.U[rows], gru.b[rows] = 0, 0, 50 if at else -50
        for text, logits in zip(texts, found, strict=True):
            x = np.eye(len(entry["symbols"]))[[entry["symbols"].index(letter) for letter in text]]
            states = torch.tensor(gru.forward(x[None])[0])
            with torch.no_grad():
                wanted = model.output(states)[0].numpy()
                if not gate:
                    direct = model(torch.tensor([[entry["symbols"].index(letter) for letter in text]]))[0][0]
                    np.testing.assert_allclose(logits, direct.numpy(), atol=1e-11)
            np.testing.assert_allclose(logits, wanted, atol=1e-11)


def test_the_page_s_digit_reader_is_pytorch_s_on_200_images(page):
    x = data.digits().test.x[:200]
    found = page.evaluate(
        "(images) => { const read = nets.digits(stored.digits); return images.map((rows) => list(read(rows))); }",
        x.tolist(),
    )
    with torch.no_grad():
        wanted = live.loaded("digits", live.stored("digits"))(torch.tensor(x)).softmax(dim=2)
    np.testing.assert_allclose(found, wanted.numpy(), atol=1e-12)
    examples = live.stored("digits")["examples"]
    test = (16 * data.digits().test.x).reshape(-1, 64).astype(int).tolist()
    labels = [data.digits().test.y[test.index(example)] for example in examples]
    assert labels == live.stored("digits")["labels"]
    wrong = wanted[[test.index(example) for example in examples]][:, 7].argmax(dim=1).numpy() != labels
    assert labels[:10] == list(range(10)) and wrong[10:13].all() and wrong.sum() == 3


def test_the_page_s_translator_is_pytorch_s_on_200_dates(page):
    task = Pairs(data.dates())
    model = live.loaded("dates", live.stored("dates"))
    pairs = data.dates().validation[:200]
    found = page.evaluate(
        """(dates) => {
            const net = nets.dates(stored.dates);
            return dates.map((date) => net.write(net.encode(date)).map(({ letter, logits, weights }) => [letter, list(logits), list(weights)]));
        }""",
        [date for date, _ in pairs],
    )
    right = 0
    for pair, written in zip(pairs, found, strict=True):
        x, lengths, _ = task.encode([pair])
        said = "".join(letter for letter, _, _ in written)
        right += said == pair[1]
        y = torch.tensor([[1, *(task.target[letter] for letter in said)]])
        with torch.no_grad():
            memory, h = model.encode(x, lengths)
            q, _ = model.decoder(model.target(y), h)
            weights = (q @ model.keys(memory[0]).transpose(1, 2)).softmax(dim=2)
            logits, _ = model.decode(memory, h, y)
        np.testing.assert_allclose([step[1] for step in written], logits[0].numpy(), atol=1e-10)
        np.testing.assert_allclose([step[2] for step in written], weights[0].numpy(), atol=1e-10)
    assert right >= 199
