/* The whole cell, one unit and twelve steps: what it is shown can be changed, and each number says how it came about. */
live.figure("cell", (root, words) => {
  const { make, number, text, rect } = live;
  const first = [[0.3, -0.2, 1, 0.4, -0.6, 0.2, -0.3, -1, 0.5, 0.3, -0.4, 0.6], [0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0]];
  let [values, writes] = first.map((row) => [...row]);
  const settings = { bias: 4, writes: 8, recurrent: 0, inner: 0.4, resetBias: 2, reset: "before", convention: "old" };
  const begin = { ...settings };
  let [chosen, cursor] = [2, "step-2"]; // the cursor is where the tab key comes to
  const [left, top, wide, high] = [64, 8, 48, 34];
  const { svg, holder, paint } = live.picture(left + 12 * wide + 8, top + 6 * high + 26, words.picture);
  const lines = live.spoken("div", "lines");
  const { fill } = window.words;

  /* Inputs are (value, write); W's rows are r, z, n. */
  const model = () => ({
    W: [[0, 0], [0, -settings.writes], [2, 0]],
    U: [[0], [0], [settings.recurrent]],
    b: [settings.resetBias, settings.bias, 0],
    c: [settings.inner],
    reset: settings.reset,
  });
  const signed = (shown) => (shown.startsWith("−") ? `(${shown})` : shown);
  const share = (z) => (settings.convention === "old" ? z : 1 - z);

  function row(y, name, kind, cells) {
    return text(left - 8, y + high / 2 + 4, name, kind, "end", 15) + cells.join("");
  }

  function draw() {
    const steps = gru.forward(model(), values.map((value, t) => [value, writes[t]]));
    const boxes = (y, kind, of, from, digits, what) =>
      steps.map((step, t) => {
        const value = of(step, t);
        const strength = Math.abs(value) * 0.5 + 0.04;
        const sign = value < 0 && from < 0 ? "6 3" : "";
        const press = what ? `role="button" tabindex="${cursor === `${what}-${t}` ? 0 : -1}" data-key="${what}-${t}" aria-label="${fill(words.turn[what], { t: t + 1, value: number(value, 1) })}"` : "";
        return `<g ${press} data-step="${t}">` +
          rect(left + t * wide + 1, y + 1, wide - 2, high - 2, kind, strength, `stroke="currentColor" stroke-dasharray="${sign}" rx="4"`) +
          text(left + t * wide + wide / 2, y + high / 2 + 5, number(value, digits), "ink") + "</g>";
      });
    const at = (k) => top + k * high;
    paint(
      rect(left + chosen * wide, top - 4, wide, 6 * high + 24, "muted", 0.12) +
        row(at(0), words.value, "", boxes(at(0), "muted", (_, t) => values[t], -1, 1, "value")) +
        row(at(1), words.write, "", boxes(at(1), "muted", (_, t) => writes[t], 0, 0, "write")) +
        row(at(2), words.rows.r, "reset", boxes(at(2), "reset", (s) => s.r[0], 0, 2)) +
        row(at(3), words.rows.z, "update", boxes(at(3), "update", (s) => share(s.z[0]), 0, 2)) +
        row(at(4), words.rows.n, "candidate", boxes(at(4), "candidate", (s) => s.n[0], -1, 2)) +
        row(at(5), words.rows.next, "new", boxes(at(5), "new", (s) => s.next[0], -1, 2)) +
        steps.map((s, t) => `<g role="button" tabindex="${cursor === `step-${t}` ? 0 : -1}" data-key="step-${t}" data-step="${t}" aria-pressed="${t === chosen}" aria-label="${
          fill(words.see, { t: t + 1, r: number(s.r[0]), z: number(share(s.z[0])), n: number(s.n[0]), next: number(s.next[0]) })
        }">${rect(left + t * wide + 2, at(6) + 1, wide - 4, 19, t === chosen ? "new" : "muted", 0.2, 'rx="8"')}${text(left + (t + 0.5) * wide, at(6) + 15, t + 1)}</g>`).join(""));
    explain(steps);
  }

  function explain(steps) {
    const { x, h, r, z, n, next } = steps[chosen];
    /* The share that each step's candidate has in the state, (1 - z) there times the z of all steps since. */
    const shares_of = steps.slice(0, chosen + 1).map((step, s) => steps.slice(s + 1, chosen + 1).reduce((share, { z }) => share * z[0], 1 - step.z[0]));
    const most = shares_of.indexOf(Math.max(...shares_of));
    const { bias, writes: by, recurrent: u, inner: c, resetBias, reset, convention } = settings;
    const of = number, old = signed(number(h[0]));
    const seen = reset === "after" ? `${of(r[0])} · (${of(u, 1)} · ${old} + ${signed(of(c, 1))})` : `${signed(of(u, 1))} · (${of(r[0])} · ${old})`;
    const pre = bias - by * x[1];
    const shares = [of(1 - z[0]), of(z[0])];
    lines.replaceChildren(
      make("p", { className: "verdict" }, fill(words.step, { t: chosen + 1, share: Math.round(100 * z[0]), most: most + 1, weight: Math.round(100 * shares_of[most]) })),
      ...[
        ["reset", `r = σ(${of(resetBias, 1)}) ≈ ${of(r[0])}`],
        ["update", convention === "old" ? `z = σ(${of(bias, 1)} − ${of(by, 1)} · ${x[1]}) = σ(${of(pre, 1)}) ≈ ${of(z[0])}`
          : `z = 1 − σ(${of(bias, 1)} − ${of(by, 1)} · ${x[1]}) = σ(${of(-pre, 1)}) ≈ ${of(1 - z[0])}`],
        ["candidate", `n = tanh(2 · ${signed(of(x[0], 1))} + ${seen}) ≈ ${of(n[0])}`],
        ["new", `h' = ${shares[0]} · ${signed(of(n[0]))} + ${shares[1]} · ${old} ≈ ${of(next[0])}`],
      ].map(([kind, words]) => make("p", { className: `formula ${kind}` }, words)));
  }

  const turn = (element) => {
    cursor = element.dataset.key;
    const [what, t] = cursor.split("-");
    if (what === "value") values[t] = values[t] >= 1 ? -1 : Math.round(2 * values[t] + 1) / 2;
    if (what === "write") writes[t] = 1 - writes[t];
    chosen = +t;
    draw();
  };
  svg.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-key]");
    if (pressed) turn(pressed);
  });
  svg.addEventListener("pointerover", (event) => {
    const over = event.target.closest("[data-step]");
    if (over && +over.dataset.step !== chosen) {
      chosen = +over.dataset.step;
      draw();
    }
  });
  svg.addEventListener("keydown", (event) => {
    const [across, down] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key] ?? [];
    if (event.key === "Enter" || event.key === " ") turn(event.target);
    else if (across !== undefined) {
      const [what, t] = cursor.split("-");
      const rows = ["value", "write", "step"];
      chosen = Math.min(11, Math.max(0, +t + across));
      cursor = `${rows[Math.min(2, Math.max(0, rows.indexOf(what) + down))]}-${chosen}`;
      draw();
      svg.querySelector(`[data-key="${cursor}"]`).focus();
    } else return;
    event.preventDefault();
  });

  const set = (name) => (value) => {
    settings[name] = value;
    draw();
  };
  const sliders = Object.entries({ bias: [-4, 8, 0.5], writes: [0, 12, 0.5], recurrent: [-3, 3, 0.1], resetBias: [-6, 6, 0.5], inner: [-2, 2, 0.1] }).map(
    ([name, [min, max, step]]) => live.slider(words[name], { min, max, step, value: settings[name] }, set(name)));
  const inner = sliders.at(-1).querySelector("input");
  const choices = [
    live.choice(words.reset, words.resets, (reset) => {
      inner.disabled = reset === "before"; // there is none
      set("reset")(reset);
    }),
    live.choice(words.convention, words.conventions, set("convention")),
  ];
  inner.disabled = true;
  root.append(
    holder, make("p", { className: "hint" }, words.hint), lines,
    make("div", { className: "controls" }, ...sliders, ...choices,
      live.button(words.again, () => {
        [values, writes] = first.map((row) => [...row]);
        const names = ["bias", "writes", "recurrent", "resetBias", "inner", "reset", "convention"];
        [...sliders, ...choices].forEach((control, k) => {
          const input = control.querySelector("input, select");
          input.value = begin[names[k]];
          input.dispatchEvent(new Event(input.localName === "select" ? "change" : "input"));
        });
      })));
  draw();
});
