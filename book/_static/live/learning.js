/* A GRU that learns while one watches: which of four symbols was shown, some steps of noise ago? */
(() => {
  const [D, H, B] = [4, 16, 32];

  /* One sequence as grulib.data.recall makes it: a symbol, one-hot and doubled, then T - 1 steps of noise of deviation 0.5. */
  function example(T, { uniform, normal }) {
    const y = Math.floor(4 * uniform());
    const x = Array.from({ length: T }, (_, t) => Float64Array.from({ length: D }, (_, i) => (t ? 0.5 * normal() : 2 * (i === y))));
    return { x, y };
  }

  /* A GRU (reset after) with a linear layer V, a behind its last state, drawn as PyTorch draws but for the update gate's bias. */
  function network(bias, gates, random) {
    const bound = 1 / Math.sqrt(H);
    const draw = (size) => Float64Array.from({ length: size }, () => bound * (2 * random.uniform() - 1));
    const rows = (count, size) => Array.from({ length: count }, () => draw(size));
    const net = { gates, W: rows(3 * H, D), U: rows(3 * H, H), b: draw(3 * H), c: draw(H), reset: "after", V: rows(4, H), a: draw(4) };
    for (let i = H; i < 2 * H; i++) net.b[i] += bias;
    hold(net, 1);
    return net;
  }

  /* A gate that is taken away reads nothing and stands still: r at 1, z at 0. Of gradients the same rows are zero. */
  function hold({ gates, W, U, b }, stands) {
    const [from, value] = { both: [0, 0], reset: [H, -50], update: [0, 50] }[gates];
    if (value)
      for (let i = from; i < from + H; i++) {
        W[i].fill(0);
        U[i].fill(0);
        b[i] = stands * value;
      }
  }

  function probabilities({ V, a }, h) {
    const logits = V.map((row, k) => gru.dot(row, h) + a[k]);
    const exps = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
    return exps.map((e) => e / exps.reduce((sum, each) => sum + each));
  }

  const arrays = ({ W, U, b, c, V, a }) => [...W, ...U, b, c, ...V, a];

  /* One update on a batch of B sequences: loss and gradients, their norm clipped at 1, Adam. Returns the mean loss. */
  function update(net, T, random, adam) {
    const sums = { ...gru.zerosLike(net), gates: net.gates, V: net.V.map((row) => gru.zeros(row.length)), a: gru.zeros(4) };
    let loss = 0;
    for (let k = 0; k < B; k++) {
      const { x, y } = example(T, random);
      const steps = gru.forward(net, x);
      const h = steps[T - 1].next;
      const p = probabilities(net, h);
      loss -= Math.log(p[y]) / B;
      const by_h = gru.zeros(H);
      p.forEach((share, j) => {
        const by_logit = (share - (j === y)) / B;
        sums.a[j] += by_logit;
        gru.add(sums.V[j], by_logit, h);
        gru.add(by_h, by_logit, net.V[j]);
      });
      const outputs = [];
      outputs[T - 1] = by_h;
      gru.backward(net, steps, outputs, sums);
    }
    hold(sums, 0);
    const [parameters, gradients] = [arrays(net), arrays(sums)];
    const norm = Math.sqrt(gradients.reduce((sum, g) => sum + gru.dot(g, g), 0));
    const scale = Math.min(1, 1 / (norm + 1e-6));
    adam.t += 1;
    parameters.forEach((array, k) => {
      const [g, m, v] = [gradients[k], (adam.m[k] ??= gru.zeros(array.length)), (adam.v[k] ??= gru.zeros(array.length))];
      for (let i = 0; i < array.length; i++) {
        m[i] = 0.9 * m[i] + 0.1 * scale * g[i];
        v[i] = 0.999 * v[i] + 0.001 * (scale * g[i]) ** 2;
        array[i] -= (adam.rate * m[i]) / (1 - 0.9 ** adam.t) / (Math.sqrt(v[i] / (1 - 0.999 ** adam.t)) + 1e-8);
      }
    });
    return loss;
  }

  function accuracy(net, T, random, count = 200) {
    let right = 0;
    for (let k = 0; k < count; k++) {
      const { x, y } = example(T, random);
      const p = probabilities(net, gru.forward(net, x)[T - 1].next);
      right += p.indexOf(Math.max(...p)) === y;
    }
    return right / count;
  }

  const LOOK_EVERY = 5, MOST_UPDATES = 1000;

  live.recall = { example, network, update, accuracy };

  live.figure("learning", (root, words) => {
    const { make, text, line, rect, number } = live;
    const { fill } = window.words;
    const settings = { T: 20, bias: 2, gates: "both", seed: 1, pace: "fast" };
    const narrow = live.narrow();
    const { holder, paint } = live.picture(narrow ? 360 : 660, 384, words.picture);
    const answer = live.spoken("p", "verdict");
    const stored = make("p", { className: "hint" });
    const runs = make("p", { className: "hint runs" });
    const done = [];
    const go = live.button(words.go, () => run(!running));
    let net, random, tests, adam, losses, right, sequence, over;
    let running = false;

    function note(updates) {
      done.push(fill(words.run, { ...settings, gates: words.gates[settings.gates], bias: number(settings.bias, 1), updates }));
      runs.textContent = fill(words.runs, { runs: done.slice(-6).join("; ") });
    }

    function begin() {
      run(false);
      random = live.generator(settings.seed);
      tests = live.generator(1000 + settings.seed);
      net = network(settings.bias, settings.gates, random);
      sequence = example(settings.T, live.generator(7));
      [adam, losses, right, over] = [{ t: 0, m: [], v: [], rate: 0.01 }, [], null, false];
      draw();
      answer.textContent = fill(words.ready, { T: settings.T - 1 });
      const updates = settings.T === 20 && window.stored.learning.learnt[`${settings.gates} ${settings.bias}`];
      stored.textContent = updates ? fill(words.stored, { learnt: updates.filter(Boolean).length, seeds: updates.length, most: window.stored.learning.most }) : words.untried;
    }

    function run(on) {
      if (on && over) begin();
      running = on;
      go.textContent = on ? words.stop : words.go;
      if (on) requestAnimationFrame(work);
    }

    /* One update, or as many as fit into a sixtieth of a second; then the page has its turn. */
    function work() {
      if (!running) return;
      const from = performance.now();
      do {
        losses.push(update(net, settings.T, random, adam));
        if (losses.length % LOOK_EVERY === 0) right = accuracy(net, settings.T, tests);
      } while (settings.pace === "fast" && !(right > 0.95) && performance.now() - from < 12);
      draw();
      const learnt = right > 0.95;
      over = learnt || losses.length >= MOST_UPDATES;
      if (right !== null) answer.textContent = fill(learnt ? words.learnt : over ? words.given_up : words.state, { updates: losses.length, right: Math.round(100 * right) });
      if (over) {
        run(false);
        note(learnt ? losses.length : `> ${MOST_UPDATES}`);
      } else setTimeout(() => requestAnimationFrame(work), settings.pace === "fast" ? 0 : 100);
    }

    function draw() {
      const [left, wide, high] = [narrow ? 34 : 60, narrow ? 318 : 590, 90];
      const across = (k) => left + (wide * k) / Math.max(100, losses.length);
      const up = (loss) => 22 + high * (1 - Math.min(2, loss) / 2);
      const stride = Math.max(1, Math.floor(losses.length / 300));
      const curve = losses.map((loss, k) => [across(k), up(loss)]).filter((_, k) => k % stride === 0);
      const steps = gru.forward(net, sequence.x);
      const T = settings.T;
      const p = probabilities(net, steps[T - 1].next);
      const said = p.indexOf(Math.max(...p));
      const strips = (y, name, kind, of) =>
        text(left - 8, y + 46, name, kind, "end") +
        steps.map((step, t) => Array.from(step[of], (value, i) =>
          rect((left + (wide * t) / T).toFixed(1), y + i * 5.2, (wide / T + 0.3).toFixed(1), 5.4, of === "next" && value < 0 ? "candidate" : kind, (Math.abs(value) * 0.9).toFixed(2))).join("")).join("");
      paint(
        text(left, 14, words.loss, "", "start") +
        [0, 1, 2].map((v) => text(left - 8, up(v) + 4, v, "muted", "end", 12) + line([[left, up(v)], [left + wide, up(v)]], "muted faint", 1)).join("") +
        line([[left, up(Math.log(4))], [left + wide, up(Math.log(4))]], "muted", 1, "4 4") + text(left + wide, up(Math.log(4)) - 5, words.guessing, "muted", "end", 12) +
        (curve.length > 1 ? line(curve, "gru", 2) : "") +
        text(left, 128, "0", "muted", "middle", 12) + text(left + wide, 128, fill(words.updates, { updates: Math.max(100, losses.length) }), "muted", "end", 12) +
        strips(146, "z", "update", "z") + (settings.gates === "reset" ? text(left + wide / 2, 192, "z = 0", "update") : "") + strips(242, "h", "new", "next") +
        text(left, 344, fill(words.step, { t: 1 }), "muted", "start", 12) + text(left + wide, 344, fill(words.step, { t: T }), "muted", "end", 12) +
        text(left, 370, fill(words.says, { shown: "ABCD"[sequence.y], said: "ABCD"[said], share: Math.round(100 * p[said]) }), "ink", "start", narrow ? 11 : 14));
    }

    /* A run that was stopped before it had learnt is told as well. */
    function leave() {
      if (losses.length && !over) note(`> ${losses.length}`);
    }

    const set = (name) => (value) => {
      leave();
      settings[name] = value;
      begin();
    };
    root.append(holder, answer, stored, runs, make("div", { className: "controls" },
      go, live.button(words.again, () => {
        leave();
        begin();
      }),
      live.slider(words.distance, { min: 5, max: 60, step: 5, value: settings.T, digits: 0 }, set("T")),
      live.slider(words.bias, { min: -2, max: 4, step: 0.5, value: settings.bias }, set("bias")),
      live.choice(words.without, words.gates, set("gates")),
      live.slider(words.seed, { min: 1, max: 20, step: 1, value: settings.seed, digits: 0 }, set("seed")),
      live.choice(words.pace, words.paces, (pace) => (settings.pace = pace))));
    begin();
  });
})();
