/* A GRU with two units and no input, as a flow in the plane of its states: where it goes, and where it can rest. */
live.figure("flow", (root, words) => {
  const { make, number, text, line } = live;
  const settings = { turn: 20, gain: 2.5, bias: 1, push: 0 };
  const dropped = [[0.9, -0.5]];
  const size = 320;
  const { svg, holder, paint } = live.picture(size + 40, size + 34, words.picture);
  holder.style.maxWidth = "30rem";
  const answer = live.spoken("p", "verdict");
  const at = ([a, b]) => [36 + (size * (a + 1)) / 2, 4 + (size * (1 - b)) / 2];

  const model = () => {
    const { turn, gain, bias, push } = settings;
    const [c, s] = [gain * Math.cos((turn * Math.PI) / 180), gain * Math.sin((turn * Math.PI) / 180)];
    return { W: Array(6).fill([0]), U: [[0, 0], [0, 0], [0, 0], [0, 0], [c, -s], [s, c]], b: [20, 20, bias, bias, push, 0], c: [0, 0], reset: "after" };
  };
  const next = (cell, h) => gru.step(cell, [0], h).next;
  /* The Jacobian of a step: a row from each backward pass. */
  const jacobian = (cell, h) => [[1, 0], [0, 1]].map((row) => gru.backward(cell, gru.forward(cell, [[0]], h), [row]).h0);

  /* Newton's method from a grid of places, each point once; with the largest size of its Jacobian's eigenvalues. */
  function fixedPoints(cell) {
    const found = [];
    for (let i = 0; i < 49; i++) {
      let h = [((i % 7) - 3) / 3.1, (Math.floor(i / 7) - 3) / 3.1];
      for (let k = 0; k < 30; k++) {
        const [[a, b], [c, d]] = jacobian(cell, h);
        const [f, g] = next(cell, h).map((value, j) => value - h[j]);
        const determinant = (a - 1) * (d - 1) - b * c;
        if (Math.abs(determinant) < 1e-12) break;
        h = [h[0] - ((d - 1) * f - b * g) / determinant, h[1] - ((a - 1) * g - c * f) / determinant];
        if (!(Math.abs(h[0]) < 2 && Math.abs(h[1]) < 2)) break;
      }
      const rests = next(cell, h).every((value, j) => Math.abs(value - h[j]) < 1e-9);
      if (!rests || found.some(({ at: [a, b] }) => Math.hypot(a - h[0], b - h[1]) < 1e-5)) continue;
      const [[a, b], [c, d]] = jacobian(cell, h);
      const [half, determinant] = [(a + d) / 2, a * d - b * c];
      const root = half ** 2 - determinant;
      found.push({ at: h, largest: root < 0 ? Math.sqrt(determinant) : Math.abs(half) + Math.sqrt(root) });
    }
    return found;
  }

  function draw() {
    const cell = model();
    const points = fixedPoints(cell);
    let shapes = "";
    for (let i = 0; i < 225; i++) {
      const h = [((i % 15) - 7) / 7.5, (Math.floor(i / 15) - 7) / 7.5];
      const to = next(cell, h);
      const far = Math.hypot(to[0] - h[0], to[1] - h[1]) + 1e-9;
      const part = Math.min(1, 0.1 / far);
      const [from, end] = [at(h), at([h[0] + part * (to[0] - h[0]), h[1] + part * (to[1] - h[1])])];
      shapes += line([from, end], "muted", 1.2) + `<circle class="muted" cx="${from[0].toFixed(1)}" cy="${from[1].toFixed(1)}" r="1.6" fill="currentColor"/>`;
    }
    for (const start of dropped) {
      const path = [start];
      for (let t = 0; t < 200; t++) path.push(Array.from(next(cell, path[t])));
      shapes += line(path.map(at), "new", 2) + path.slice(0, 40).map((h) => `<circle class="new" cx="${at(h)[0].toFixed(1)}" cy="${at(h)[1].toFixed(1)}" r="2.4" fill="currentColor"/>`).join("");
    }
    for (const { at: h, largest } of points) {
      const [x, y] = at(h);
      shapes += largest < 1 ? `<circle class="update" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="8" fill="currentColor"/>`
        : `<circle class="reset" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="7" fill="none" stroke="currentColor" stroke-width="3"/>`;
    }
    paint(
      [-1, 0, 1].map((v) => text(at([v, 0])[0], size + 22, number(v, 0), "muted", "middle", 12) + text(28, at([0, v])[1] + 4, number(v, 0), "muted", "end", 12)).join("") +
      text(36 + (3 * size) / 4, size + 22, "h₁", "", "middle") + text(20, 8 + size / 4, "h₂", "", "middle") + `<g data-plane="1"><rect x="36" y="4" width="${size}" height="${size}" fill="transparent" stroke="currentColor" stroke-opacity="0.3"/>${shapes}</g>`);
    const stable = points.filter(({ largest }) => largest < 1).length;
    answer.textContent = window.words.fill(words.answer, { count: points.length, stable, others: points.length - stable });
  }

  function drop(h) {
    dropped.push(h);
    if (dropped.length > 8) dropped.shift();
    draw();
  }
  svg.addEventListener("click", (event) => {
    const [x, y] = live.place(svg, event);
    const h = [(2 * (x - 36)) / size - 1, 1 - (2 * (y - 4)) / size];
    if (h.every((value) => Math.abs(value) <= 1)) drop(h);
  });
  const set = (name) => (value) => {
    settings[name] = value;
    draw();
  };
  // without a hand at the plane: places in turn, far from one another
  const turn = () => drop([Math.cos(2.4 * dropped.length) * 0.8, Math.sin(2.4 * dropped.length) * 0.8]);
  root.append(holder, answer, make("p", { className: "hint" }, words.hint), make("div", { className: "controls" },
    live.slider(words.turn, { min: -180, max: 180, step: 5, value: settings.turn, digits: 0 }, set("turn")),
    live.slider(words.gain, { min: 0, max: 5, step: 0.1, value: settings.gain }, set("gain")),
    live.slider(words.bias, { min: -3, max: 4, step: 0.5, value: settings.bias }, set("bias")),
    live.slider(words.push, { min: -2, max: 2, step: 0.1, value: settings.push }, set("push")),
    live.button(words.drop, turn),
    live.button(words.clear, () => {
      dropped.length = 0;
      draw();
    })));
  draw();
});
