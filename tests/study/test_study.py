"""grulib.study: the models, equal sizes, what is measured, and whether the results in the book are those of this code."""

import json
import math
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
import torch
from helpers import refused
from torch import nn

from grulib import data, study
from grulib.study import applications, memory, models, tasks
from grulib.study.task import wrong
from grulib.torch_layers import GRULayer


@pytest.fixture
def text(monkeypatch, tmp_path):
    """The task on the text that is always there, and that text."""
    monkeypatch.setenv("GRULIB_DATA", str(tmp_path))
    manual = data.text()._replace(note="")
    monkeypatch.setattr(data, "text", lambda: manual)
    tasks.text.cache_clear()
    yield tasks.text(), manual
    tasks.text.cache_clear()


def test_the_results_are_those_of_this_code():
    assert study.stale() == [], "run python -m grulib.study again"
    assert list(study.results()) == [(task, kind) for task, kinds in study.KINDS.items() for kind in kinds]
    for (task, _), result in study.results().items():
        if task == "recall":
            assert list(map(float, result["updates"])) == list(study.RECALL_RATES)
            assert {len(updates) for updates in result["updates"].values()} == {len(study.RECALL_SEEDS)}
            continue
        if task in study.SETTINGS:
            assert len(result["results"]) == len(study.APPLICATION_SEEDS)
            continue
        assert len(result["errors"]) == len(study.SEEDS)
        best = {}
        for beginning, found in result["losses"].items():
            rates = list(map(float, found))
            losses = [math.inf if loss is None else loss for loss in found.values()]
            best_is_inside = losses[0] > min(losses) < losses[-1]
            assert rates == sorted(rates) and (best_is_inside or min(losses) == 0)  # rounded to four digits
            best[beginning] = min(losses)
        chosen = "keeping" if result["keeping"] else "as PyTorch"
        assert result["losses"][chosen][str(result["rate"])] == best[chosen] == min(best.values())


@pytest.mark.parametrize("kind", study.UNITS)
def test_a_result_comes_out_again(kind):
    result = study.results()["forecasting", kind]
    _, error = study.run("forecasting", kind, result["rate"], study.SEEDS[0], result["keeping"])
    assert error == pytest.approx(result["errors"][0], abs=0.03)


def test_rate_and_beginning_are_chosen_by_the_validation_loss_and_by_other_seeds(monkeypatch):
    calls = []

    def run(task, kind, rate, seed, keeping):
        calls.append((rate, seed, keeping))
        if rate >= 3:
            raise FloatingPointError
        worse = 0.02 * (not keeping)
        return 1 + abs(rate - 1) + worse + seed / 1e3, abs(rate - 0.1) + seed  # validation is best at 1, test at 0.1

    monkeypatch.setattr(study, "run", run)
    result = study.compare("voices", "GRU")
    assert (result["rate"], result["keeping"]) == (1, True)
    expected = {
        "0.003": 2.0995,
        "0.01": 2.0925,
        "0.03": 2.0725,
        "0.1": 2.0025,
        "0.3": 1.8025,
        "1.0": 1.1025,
        "3.0": None,
    }
    assert list(result["losses"]["keeping"]) == list(expected)
    assert result["losses"]["keeping"] == pytest.approx(expected)
    assert result["losses"]["as PyTorch"]["1.0"] == pytest.approx(1.1225)
    assert result["errors"] == pytest.approx([0.9 + seed for seed in range(1, 17)])
    assert calls[-16:] == [(1, seed, True) for seed in study.SEEDS]
    assert {seed for _, seed, _ in calls[:-16]} == set(study.TUNING_SEEDS)
    assert not set(study.TUNING_SEEDS) & set(study.SEEDS)


def test_a_grid_does_not_end_on_a_plateau(monkeypatch):
    def run(task, kind, rate, seed, keeping):  # of guesses, but for a valley at 10 and a rise at either end
        return (0.1 if rate == 10 else 5.0 if rate < 0.001 or rate > 10 else 1.386 + rate / 1e4), 0.0

    monkeypatch.setattr(study, "run", run)
    assert study.compare("digits", "GRU")["rate"] == 10


def test_an_error_may_be_a_list(monkeypatch):
    monkeypatch.setattr(
        study, "run", lambda task, kind, rate, seed, keeping: (abs(rate - 0.01), [0.12345, float(seed)])
    )
    assert study.compare("counting", "GRU")["errors"] == [[0.1234, float(seed)] for seed in study.SEEDS]


def test_a_chapters_model_is_trained_with_each_seed(monkeypatch):
    seen = []
    monkeypatch.setattr(study, "made_by", lambda task: {"code": task})
    monkeypatch.setitem(study.APPLICATIONS, "dates", lambda **options: seen.append(options) or options["seed"] / 3)
    results = np.round(np.arange(1, 6) / 3, 4).tolist()
    assert study.repeat("dates", "attention") == {"results": results}
    assert seen == [{"H": 64, "attention": True, "epochs": 4, "seed": seed} for seed in study.APPLICATION_SEEDS]
    entry = {"task": "dates", "kind": "attention", "made_by": {"code": "dates"}, "results": results}
    assert study.make("dates", "attention") == entry


def test_the_chapters_models_learn(monkeypatch):
    split = data.number_words()
    small = data.Split(split.train[:320], split.validation[:9], split.test[:9])
    monkeypatch.setattr(data, "number_words", lambda: small)
    assert applications.numbers(8, True, 2, seed=1) == applications.numbers(8, True, 2, seed=1)
    task = applications.Pairs(small)
    torch.manual_seed(1)
    model = applications.Translator(task, 16, False)
    before = model.loss(task.train).item()
    applications.train(model, study.training.shuffled(task.train, 64), model.loss, 4, 0.01, 1)
    assert model.loss(task.train).item() < 0.8 * before


def test_chances_are_corrected_for_their_number(monkeypatch):
    chances = study.chances()
    raw = {}
    for task, one, other in chances:
        runs = [np.array(study.results()[task.split()[0], kind]["errors"]).T for kind in (one, other)]
        if "counting" in task:
            column = [f"counting {low} to {high}" for low, high in memory.RANGES].index(task)
            runs = [rows[column] for rows in runs]
        raw[task, one, other] = study.chance(*(run.tolist() for run in runs))
    assert len(raw) == 36
    ordered = sorted(raw, key=raw.get)
    assert chances[ordered[0]] == 36 * raw[ordered[0]]
    for rank, pair in enumerate(ordered):
        steps = [(36 - k) * raw[before] for k, before in enumerate(ordered[: rank + 1])]
        assert chances[pair] == min(1, max(steps))


def test_how_soon_is_asked_for_all_rates_and_seeds(monkeypatch):
    monkeypatch.setattr(study.memory, "updates_to_learn", lambda kind, rate, seed: None if seed == 2 else rate)
    entry = study.recall("GRU")
    assert entry["updates"] == {
        str(rate): [None if seed == 2 else rate for seed in study.RECALL_SEEDS] for rate in study.RECALL_RATES
    }


def test_a_run_trains_on_the_training_part_and_keeps_the_best_epoch(monkeypatch):
    task = study.TASKS["voices"]()._replace(epochs=4)
    monkeypatch.setitem(study.TASKS, "voices", lambda: task)
    seen = {}
    fit, shuffled = study.training.fit, study.training.shuffled
    monkeypatch.setattr(study.training, "shuffled", lambda *a: seen.update(batches=a) or shuffled(*a))
    monkeypatch.setattr(
        study.training, "fit", lambda *a, **k: seen.update(k, model=a[0], history=fit(*a, **k)) or seen["history"]
    )
    loss, error = study.run("voices", "RNN", 0.3, 0)  # so high that it gets worse
    assert seen["batches"] == (task.parts[0], 27) and (seen["epochs"], seen["seed"], seen["max_norm"]) == (4, 0, 1.0)
    assert len(seen["history"]["validation"]) == 4 and seen["history"]["validation"][-1] > loss
    assert loss == min(seen["history"]["validation"]) == task.loss(seen["model"], task.parts[1]).item()
    assert error == wrong(seen["model"], task.parts[2])


def test_only_what_is_stale_is_trained_again_and_the_rest_stays(tmp_path, monkeypatch):
    from grulib.study import __main__ as main

    stored = [{"task": t, "kind": k, "made_by": study.made_by(t)} for t in study.KINDS for k in study.KINDS[t]]
    stored[4]["made_by"] = {"torch": "1.0", "code": ""}  # sentiment, GRU
    del stored[7]  # translation, GRU
    monkeypatch.setattr(study, "RESULTS", tmp_path / "results.json")
    study.RESULTS.write_text(json.dumps(stored), "utf-8")
    assert study.stale() == [("sentiment", "GRU"), ("translation", "GRU")]
    monkeypatch.setattr(main, "_make", Made())
    monkeypatch.setattr(sys, "argv", ["study", "--processes", "1"])
    main.main()
    assert study.stale() == [] and len(study.results()) == 52
    assert [pair for pair, entry in study.results().items() if "new" in entry] == [
        ("sentiment", "GRU"),
        ("translation", "GRU"),
    ]


class Made:
    """Stands for what trains, in a process of its own."""

    def __call__(self, pair):
        return {"task": pair[0], "kind": pair[1], "made_by": study.made_by(pair[0]), "new": True}


@pytest.mark.parametrize("kind", study.BLOCKS)
@pytest.mark.parametrize("D", [1, 12, 50])
def test_units_solve_for_the_budget(kind, D):
    def parameters(H):
        return study.BLOCKS[kind] * H * (D + H + 2)

    layer = getattr(nn, kind)(D, 7)
    assert sum(p.numel() for p in layer.parameters()) == parameters(7)
    for budget in (*range(study.BLOCKS[kind] * (D + 3), 900), 12_345):
        H = study.units(kind, D, budget)
        assert parameters(H - 0.5) <= budget <= parameters(H + 0.5)


def test_the_three_are_equally_large(text):
    def recurrent(task, kind):
        layers = [m for m in task().model(kind, False).modules() if isinstance(m, nn.RNNBase)]
        assert layers and all(type(layer).__name__ == kind for layer in layers)
        return sum(p.numel() for layer in layers for p in layer.parameters())

    for name, task in study.TASKS.items():
        if study.KINDS[name] == study.UNITS:
            counts = [recurrent(task, kind) for kind in study.UNITS]
            # of few weights a unit more or less is much
            assert max(counts) < {"parity": 1.07, "counting": 1.11}.get(name, 1.03) * min(counts), (name, counts)
    counts = [sum(p.numel() for p in models.DigitReader(kind).parameters()) for kind in study.KINDS["digits"]]
    assert max(counts) < 1.04 * min(counts)


@pytest.mark.parametrize("states", ["each", "last", "largest"])
@pytest.mark.parametrize("kind", study.BLOCKS)
def test_padding_changes_nothing(kind, states):
    torch.manual_seed(0)
    model = models.Reader(kind, 3, 200, 2, states, symbols=9).double()
    x, lengths = torch.randint(9, (4, 6)), torch.tensor([6, 1, 3, 5])
    for row, n, output in zip(x, lengths, model(x, lengths)):
        alone = model(row[None, :n], n[None])[0]
        torch.testing.assert_close(output[:n] if states == "each" else output, alone)
    refused(ValueError, "how must be 'each', 'last' or 'largest'", lambda: models.Reader(kind, 3, 200, 2, "first"))


def test_text_is_read_one_symbol_ahead(text):
    task, manual = text
    for part, whole in zip(task.parts, manual[:3]):
        x, lengths, y = part
        n = (len(whole) - 1) // 50 * 50
        assert np.array_equal(x.flatten(), whole[:n]) and np.array_equal(y.flatten(), whole[1 : n + 1])
        assert (lengths == 50).all() and x.shape[1] == 50


def test_perplexity_of_a_uniform_guess_and_each_symbol_is_learnt(text):
    task, manual = text
    assert task.error(lambda x, lengths: torch.zeros(*x.shape, 27), task.parts[2]) == pytest.approx(27)
    model = task.model("GRU", False)
    task.loss(model, [tensor[:50] for tensor in task.parts[0]]).backward()
    present = sorted(set(task.parts[0][0][:50].flatten().tolist()))
    assert present[0] == manual.symbols.index(" ") == 0  # the space has index 0, as padding elsewhere
    assert (model.embedding.weight.grad[present].abs().sum(dim=1) > 0).all()


def test_reviews_are_their_first_characters():
    parts, reviews = study.TASKS["sentiment"]().parts, data.reviews()
    counts = Counter(c for review in reviews.train.x for c in review[:50])
    kept = sum(n >= 3 for n in counts.values())
    assert max(part[0].max() for part in parts) == kept + 1  # 0 is padding, 1 unknown
    for part, (x, lengths, y) in zip(reviews, parts):
        assert np.array_equal(y, part.y) and lengths.tolist() == [min(len(review), 50) for review in part.x]
        for review, row in zip(part.x[:300], x[:300].tolist()):
            n = min(len(review), 50)
            assert [i == 1 for i in row[:n]] == [counts[c] < 3 for c in review[:50]]
            assert min(row[:n]) > 0 and not any(row[n:])
            assert len(set(row[:n]) - {1}) == len({c for c in review[:50] if counts[c] >= 3})


@pytest.mark.parametrize("kind", study.BLOCKS)
def test_the_translator_starts_from_the_end_of_its_source(kind):
    torch.manual_seed(0)
    model = models.Translator(kind, 4, 200, 9, 8)
    x, y = torch.tensor([[3, 4, 5, 0, 0], [6, 7, 8, 3, 4]]), torch.tensor([[1, 3, 4], [1, 5, 6]])
    together = model(x, torch.tensor([3, 5]), y)  # (2, 3, 8)
    torch.testing.assert_close(together[:1], model(x[:1, :3], torch.tensor([3]), y[:1]))
    state = model.encode(x, torch.tensor([3, 5]))
    for t in range(3):  # step by step as in one call
        logits, state = model.decode(state, y[:, t : t + 1])
        torch.testing.assert_close(logits[:, 0], together[:, t])


class Writer:
    """Writes what it is given, y (N, S) with BEGIN, whatever it reads; it must be shown its own words."""

    def __init__(self, y):
        self.shown = y[:, :-1].clone()
        self.logits = 50 * nn.functional.one_hot(y[:, 1:], 40).float()  # (N, S - 1, 40)

    def __call__(self, x, lengths, y):
        return self.logits

    def encode(self, x, lengths):
        return 0

    def decode(self, step, word):
        assert torch.equal(word, self.shown[:, step : step + 1])
        return self.logits[:, step : step + 1], step + 1


def test_a_translation_is_wrong_if_anything_in_it_is():
    task = study.TASKS["translation"]()
    y = task.parts[1][2]
    assert task.error(Writer(y), task.parts[1]) == 0
    mistaken = y.clone()
    mistaken[7, 2] += 1
    mistaken[9, y[9].argmin() - 1] = tasks.BEGIN  # END is missing
    longest = (y != tasks.PAD).sum(dim=1).argmax()
    mistaken[longest, -1] = tasks.BEGIN  # in the last column too
    assert task.error(Writer(mistaken), task.parts[1]) == pytest.approx(3 / len(y))
    babbling = torch.where(y == tasks.PAD, 5, y)  # what follows END does not count
    assert task.error(Writer(babbling), task.parts[1]) == 0
    assert task.loss(Writer(babbling), task.parts[1]) < 1e-6
    assert task.loss(Writer(mistaken), task.parts[1]) > 0.01


def test_numbers_are_encoded_in_order():
    parts, pairs = study.TASKS["translation"]().parts, data.number_words()
    for side, column in ((0, 0), (1, 2)):
        words = sorted({word for pair in pairs.train for word in pair[side]})
        for part, part_pairs in zip(parts, pairs):
            for row, pair in zip(part[column][:50].tolist(), part_pairs):
                expected = [words.index(word) + 3 for word in pair[side]]
                frame = [tasks.BEGIN, *expected, tasks.END] if side else expected
                assert row == frame + [tasks.PAD] * (len(row) - len(frame))


def test_targets_lie_in_their_part_and_inputs_before_them():
    temperature = data.sea_temperatures()
    scaled = (temperature - temperature[:504].mean()) / temperature[:504].std()
    for (x, lengths, y), begin, end in zip(study.TASKS["forecasting"]().parts, (12, 504, 612), (504, 612, 732)):
        assert (lengths == 12).all() and len(x) == end - begin - 5
        for row, t in ((0, begin), (-1, end - 6)):
            np.testing.assert_allclose(x[row, :, 0], scaled[t - 12 : t], rtol=1e-4, atol=1e-6)
            np.testing.assert_allclose(y[row], scaled[t : t + 6], rtol=1e-4, atol=1e-6)
            angle = np.arange(t - 12, t) % 12 * np.pi / 6
            np.testing.assert_allclose(x[row, :, 1:], np.stack([np.sin(angle), np.cos(angle)], axis=1), atol=1e-5)


def test_the_error_of_a_forecast_is_in_degrees():
    task, temperature = study.TASKS["forecasting"](), data.sea_temperatures()
    last = task.error(lambda x, lengths: x[:, -1:, 0].expand(-1, 6), task.parts[2])
    months = [abs(temperature[t - 1] - temperature[t : t + 6]).mean() for t in range(612, 727)]
    assert last == pytest.approx(np.mean(months), rel=1e-5)  # persistence


def test_voices_are_scaled_by_the_training_part():
    vowels = data.vowels()
    frames = np.concatenate(vowels.train.x)
    for part, (x, lengths, y) in zip(vowels, study.TASKS["voices"]().parts):
        assert np.array_equal(y, part.y)
        for i in (0, 7, -1):
            expected = (part.x[i] - frames.mean(axis=0)) / frames.std(axis=0)
            np.testing.assert_allclose(x[i, : lengths[i]], expected, rtol=1e-4, atol=1e-5)
            assert lengths[i] == len(part.x[i]) and not x[i, lengths[i] :].any()


def test_wrong_counts_the_largest_logit():
    logits = torch.tensor([[0.0, 1.0], [2.0, 1.0], [0.0, 3.0]])
    assert wrong(lambda x, lengths: logits, (None, None, torch.tensor([1, 1, 0]))) == pytest.approx(2 / 3)


def test_digits_are_rows_of_images_in_three_parts():
    for part, (x, lengths, y) in zip(data.digits(), study.TASKS["digits"]().parts):
        assert np.array_equal(x, part.x.astype(np.float32)) and np.array_equal(y, part.y) and (lengths == 8).all()


def test_no_sequence_of_copying_or_parity_is_in_two_parts():
    for name, count in (("copying", 4**4), ("parity", 2**10)):
        parts = study.TASKS[name]().parts
        rows = [set(map(tuple, x.flatten(1).int().tolist())) for x, _, _ in parts]
        assert [len(part) for part in rows] == [len(part[0]) for part in parts]
        assert len(set.union(*rows)) == sum(map(len, rows)) == count
        assert abs(len(rows[0]) - 0.6 * count) < 2 and abs(len(rows[1]) - 0.2 * count) < 2
        x, _, y = parts[1]
        again = x[:, :4, :4].argmax(dim=2) if name == "copying" else x[:, :, 0].long().cumsum(dim=1) % 2
        assert torch.equal(y[:, -again.shape[1] :], again)


@pytest.mark.parametrize("kind", study.UNITS)
def test_what_keeps_at_first(kind):
    torch.manual_seed(0)
    plain = models.recurrent(kind, 3, 400)
    torch.manual_seed(0)
    keeping = models.recurrent(kind, 3, 400, keeping=True)
    H = plain.hidden_size
    if kind == "RNN":
        U = keeping.weight_hh_l0
        torch.testing.assert_close(U @ U.T, torch.eye(H), atol=1e-5, rtol=0)
        assert torch.equal(keeping.weight_ih_l0, plain.weight_ih_l0)
    else:
        moved = keeping.bias_ih_l0 - plain.bias_ih_l0
        torch.testing.assert_close(moved[H : 2 * H], torch.full((H,), 2.0))
        assert torch.equal(keeping.weight_hh_l0, plain.weight_hh_l0)


@pytest.mark.parametrize("kind", study.KINDS["digits"])
def test_the_last_row_that_counts_decides(kind):
    torch.manual_seed(0)
    model, x = models.DigitReader(kind), torch.randn(2, 8, 8)
    early = model(x, torch.tensor([3, 8]))
    torch.testing.assert_close(early[:1], model(x[:1, :3], torch.tensor([3])))


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU", "before", "after"])
def test_keeping_is_a_bias_of_the_gate_that_keeps(kind):
    torch.manual_seed(0)
    layer = GRULayer(2, 3, reset=kind) if len(kind) > 4 else getattr(nn, kind)(2, 3, batch_first=True)
    before = {name: p.clone() for name, p in layer.named_parameters()}
    models.keep_more(layer, 3.0)
    moved = {name: p - before[name] for name, p in layer.named_parameters() if not torch.equal(p, before[name])}
    if kind == "RNN":
        assert not moved
    elif kind in ("LSTM", "GRU"):
        torch.testing.assert_close(moved.pop("bias_ih_l0")[3:6], torch.full((3,), 3.0))
    else:
        torch.testing.assert_close(moved.pop("cell.update_gate.bias"), torch.full((3,), 3.0))
    assert not moved


def test_memory_is_measured_where_it_is_asked():
    copying, adding, parity = (study.TASKS[name]() for name in ("copying", "adding", "parity"))
    for task in (copying, parity):
        part = task.parts[2]
        y = part[2]
        sure = 50 * nn.functional.one_hot(y.clamp(min=0)).float()
        assert task.error(lambda x, lengths, sure=sure: sure, part) == 0
        assert task.loss(lambda x, lengths, sure=sure: sure, part) < 1e-6
        assert task.error(lambda x, lengths, sure=sure: -sure, part) == 1
    y = adding.parts[2][2]
    assert adding.error(lambda x, lengths: y.mean().expand(*x.shape[:2], 1), adding.parts[2]) == pytest.approx(
        1, abs=0.01
    )
    model = copying.model("GRU", True)
    assert torch.sigmoid(model.layer.bias_ih_l0[model.layer.hidden_size :][:5]).min() > 0.8
    assert [p[0].shape[1] for p in study.TASKS["counting"]().parts[2]] == [17, 33, 65, 129]
    right = study.TASKS["counting"]().parts[2]
    answers = iter([nn.functional.one_hot(1 - y if i == 1 else y).float() for i, (_, _, y) in enumerate(right)])
    assert study.TASKS["counting"]().error(lambda x, lengths: next(answers), right) == [0, 1, 0, 0]


@pytest.mark.parametrize("kind", study.KINDS["optimisers"])
def test_each_optimiser_is_the_one_of_its_name(kind):
    task = study.TASKS["optimisers"]()
    torch.manual_seed(0)
    model = task.model(kind, False)
    optimizer = task.optimizer(kind, model.parameters(), 0.25)
    assert (
        type(optimizer).__name__ == kind.removesuffix(", keeping")
        and optimizer.param_groups[0]["lr"] == 0.25 * memory.SCALES[kind]
    )
    assert (model.layer.bias_ih_l0[16:32].min() > 1) == ("keeping" in kind)
    assert len(task.parts[0][0]) == 200 * task.batch_size and task.epochs == 1


def test_what_is_learnt_soon_is_seen_and_what_is_not_is_none(monkeypatch):
    soon = memory.updates_to_learn("GRU, keeping", 0.1, 1)
    assert 25 <= soon <= 100 and soon % 25 == 0
    assert soon == memory.updates_to_learn("GRU, keeping", 0.1, 1)
    monkeypatch.setattr(memory, "MOST_UPDATES", 50)
    assert memory.updates_to_learn("GRU", 0.001, 1) is None
    refused(ValueError, "kind must be 'RNN',", lambda: memory.updates_to_learn("Gru", 0.1, 1))
    refused(ValueError, "rate must be a positive number, got 0", lambda: memory.updates_to_learn("GRU", 0, 1))
    refused(TypeError, "seed must be an int, got 1.5", lambda: memory.updates_to_learn("GRU", 0.1, 1.5))


def test_chance_is_that_of_dividing_anew():
    assert study.chance([0.0] * 5, [1.0] * 5) == pytest.approx(2 / math.comb(10, 5), abs=0.002)
    assert study.chance([1.0, 3.0], [2.0, 2.0]) == 1
    rng = np.random.default_rng(1)
    found = [study.chance(rng.normal(size=8).tolist(), rng.normal(size=8).tolist()) for _ in range(40)]
    assert 0.3 < np.mean(found) < 0.7  # of what is alike, any share is as likely as any other


def test_bad_arguments(monkeypatch, tmp_path):
    refused(
        ValueError,
        "task must be 'text', 'sentiment', 'translation', 'forecasting', 'voices', 'digits', 'copying', 'adding', 'parity', 'counting' or 'optimisers', got 'audio'",
        lambda: study.run("audio", "GRU", 0.01, 0),
    )
    refused(ValueError, "kind must be 'RNN', 'GRU' or 'LSTM', got ['GRU']", lambda: study.units(["GRU"], 3, 1000))
    refused(ValueError, "kind must be 'RNN', 'GRU' or 'LSTM', got 'Gru'", lambda: study.run("voices", "Gru", 0.01, 0))
    refused(ValueError, "budget must be at least 39, one unit of GRU, got 38", lambda: study.units("GRU", 10, 38))
    assert study.units("GRU", 10, 39) == 1
    refused(TypeError, "budget must be an int, got nan", lambda: study.units("GRU", 10, math.nan))
    refused(ValueError, "D must be at least 1, got 0", lambda: study.units("GRU", 0, 1000))
    monkeypatch.setenv("GRULIB_DATA", str(tmp_path))
    tasks.text.cache_clear()
    refused(ValueError, "The Time Machine can't be had", lambda: study.run("text", "GRU", 0.01, 0))


def test_lengths_from_one_to_all_steps_are_taken_and_no_others():
    reader, translator = models.Reader("GRU", 3, 200, 2, "largest"), models.Translator("GRU", 4, 200, 9, 8)
    for length in (0, -1, 6):
        message = f"lengths must lie from 1 to T=5, got {length} to {length}"
        lengths = torch.full((2,), length)
        refused(ValueError, message, lambda lengths=lengths: reader(torch.zeros(2, 5, 3), lengths))
        refused(ValueError, message, lambda lengths=lengths: translator.encode(torch.ones(2, 5, dtype=int), lengths))


def test_the_command_says_what_it_takes():
    result = subprocess.run([sys.executable, "-m", "grulib.study", "file.json"], capture_output=True, text=True)
    assert result.returncode == 2 and "unrecognized arguments: file.json" in result.stderr
