/* The worked example with numbers that can be changed: three steps forward, and the way back from half the squared length of the last state. */
live.figure("worked", (root, words) => {
  const { make, number, text, rect } = live;
  const tenths = (rows) => rows.map((row) => row.map((value) => value / 10));
  const start = () => ({
    W: tenths([[7, 6], [3, 2], [-3, -4], [-7, -8], [3, 4], [7, 8]]),
    U: tenths([[9, 8], [5, 4], [-1, -2], [-5, -6], [1, 2], [5, 6]]),
    b: [0, 0, 0, 0, 0, 0],
    c: [0, 0],
    reset: "before",
  });
  let model = start();
  let xs = tenths([[1, 2], [3, 4], [5, 6]]);
  let chosen = ["next", 2, 0];
  const [left, top, wide, high] = [60, 26, 80, 34];
  const rows = ["r", "z", "n", "next", "back"];
  const kinds = { r: "reset", z: "update", n: "candidate", next: "new", back: "old" };
  const { svg, holder, paint } = live.picture(left + 6 * wide + 40, top + 5 * high + 8, words.picture);
  const answer = live.spoken("p", "verdict");
  const inputs = [];

  function course() {
    const steps = gru.forward(model, xs);
    const last = steps[2].next;
    // what reaches each state from behind: the gradient by the first state of the steps that follow it
    const back = [0, 1, 2].map((t) => (t === 2 ? last : gru.backward(model, steps.slice(t + 1), [...Array(1 - t).fill(null), last]).h0));
    return { steps: steps.map((step, t) => ({ ...step, back: back[t] })), gradients: gru.backward(model, steps, [null, null, last]) };
  }

  function draw() {
    const { steps, gradients } = course();
    const cells = rows.flatMap((row, k) => [
      text(left - 8, top + k * high + 22, words.rows[row], kinds[row], "end", 15),
      ...steps.flatMap((step, t) => [0, 1].map((i) => {
        const [x, y, value] = [left + (2 * t + i) * wide + t * 18, top + k * high, step[row][i]];
        const here = chosen.join() === [row, t, i].join();
        return `<g role="button" tabindex="0" data-key="${row}-${t}-${i}" aria-pressed="${here}" aria-label="${
          window.words.fill(words.cell, { name: words.rows[row], step: t + 1, unit: i + 1, value: number(value, 4) })}">` +
          rect(x + 1, y + 1, wide - 2, high - 2, kinds[row], here ? 0.55 : 0.18, 'stroke="currentColor" rx="4"') +
          text(x + wide / 2, y + 22, number(value, 4), "ink") + "</g>";
      })),
    ]);
    paint([0, 1, 2].map((t) => text(left + (2 * t + 1) * wide + t * 18, 17, window.words.fill(words.step, { t: t + 1 }), "muted")).join("") + cells.join(""));
    inputs.forEach(({ gradient, of }) => (gradient.textContent = number(of(gradients), 4)));
    explain(steps);
  }

  /* How the chosen number comes about, with the numbers. */
  function explain(steps) {
    const [row, t, i] = chosen;
    const step = steps[t];
    const { x, h, r, z, n } = step;
    const sum = (weights, values) => weights.map((w, k) => `${number(w, 1)} · ${number(values[k], row === "x" ? 1 : 3)}`).join(" + ");
    const name = `${words.rows[row]}${"₁₂"[i]}`;
    const gate = { r: 0, z: 2, n: 4 }[row];
    const value = number(step[row][i], 4);
    if (gate !== undefined) {
      const read = row === "n" ? h.map((entry, k) => r[k] * entry) : h;
      answer.textContent = `${name} = ${row === "n" ? "tanh" : "σ"}(${sum(model.W[gate + i], x)} + ${sum(model.U[gate + i], read)}) = ${value}`;
    } else if (row === "next") answer.textContent = `${name} = (1 − ${number(z[i], 3)}) · ${number(n[i], 3)} + ${number(z[i], 3)} · ${number(h[i], 3)} = ${value}`;
    else answer.textContent = window.words.fill(words.reaches, { name, t: t + 1, value });
  }

  function choose(element) {
    const [row, t, i] = element.dataset.key.split("-");
    chosen = [row, +t, +i];
    draw();
  }
  svg.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-key]");
    if (pressed) choose(pressed);
  });
  svg.addEventListener("keydown", (event) => {
    if ((event.key !== "Enter" && event.key !== " ") || !event.target.dataset.key) return;
    event.preventDefault();
    choose(event.target);
  });

  function entry(label, get, set, of) {
    const input = make("input", { type: "number", step: 0.1, value: get() });
    input.setAttribute("aria-label", label);
    const gradient = make("small", {});
    input.addEventListener("input", () => {
      if (!Number.isFinite(input.valueAsNumber)) return;
      set(input.valueAsNumber);
      draw();
    });
    inputs.push({ input, get, gradient, of });
    return make("span", { className: "entry" }, input, gradient);
  }

  function block(title, kind, entries) {
    return make("fieldset", { className: kind }, make("legend", {}, title), ...entries);
  }
  const rowsOf = (letter, first) => [0, 1].flatMap((i) => [0, 1].map((j) =>
    entry(`${letter} ${i + 1}, ${j + 1}`, () => model[letter[0]][first + i][j], (value) => (model[letter[0]][first + i][j] = value), (gradients) => gradients[letter[0]][first + i][j])));
  const blocks = [
    ...[0, 1, 2].map((t) => block(window.words.fill(words.input, { t: t + 1 }), "", [0, 1].map((j) =>
      entry(`x ${t + 1}, ${j + 1}`, () => xs[t][j], (value) => (xs[t][j] = value), (gradients) => gradients.x[t][j])))),
    ...[["r", "reset"], ["z", "update"], ["n", "candidate"]].flatMap(([gate, kind], k) => [
      block(`W_${gate}`, kind, rowsOf(`W_${gate}`, 2 * k)), block(`U_${gate}`, kind, rowsOf(`U_${gate}`, 2 * k))]),
  ];
  root.append(holder, answer, make("p", { className: "hint" }, words.hint), make("div", { className: "blocks" }, ...blocks),
    make("div", { className: "controls" },
      live.choice(words.reset, words.resets, (value) => {
        model.reset = value;
        draw();
      }),
      live.button(words.again, () => {
        model = { ...start(), reset: model.reset };
        xs = tenths([[1, 2], [3, 4], [5, 6]]);
        inputs.forEach(({ input, get }) => (input.value = get()));
        draw();
      })));
  draw();
});
