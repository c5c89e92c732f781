/* The cell three times: as a picture, as formulas, as code. A part that one points at lights up in all three, and says its number. */
live.figure("parts", (root, words) => {
  const { make, number, text } = live;
  const { fill } = window.words;
  const settings = { x: 0.6, h: -0.8, resetBias: 0, reset: "after" };
  const model = () => ({ W: [[1.5], [-1], [2]], U: [[1], [2], [-1.5]], b: [settings.resetBias, 1, 0], c: [0], reset: settings.reset });
  let lit = "r";
  const answer = live.spoken("p", "verdict");
  const [formulas, code] = [make("div", { className: "lines" }), make("pre", { className: "code" })];
  const { svg, holder, paint } = live.picture(660, 320, words.picture);

  const path = (points, kind = "") => live.line(points, kind, 1.6);
  function arrow(points, kind = "") {
    const [[x0, y0], [x, y]] = points.slice(-2);
    const [dx, dy] = [Math.sign(x - x0), Math.sign(y - y0)];
    const back = [x - 8 * dx, y - 8 * dy];
    const head = [[x, y], [back[0] - 4 * dy, back[1] + 4 * dx], [back[0] + 4 * dy, back[1] - 4 * dx]];
    return path([...points.slice(0, -1), back], kind) + `<polygon class="${kind}" points="${head.join(" ")}" fill="currentColor"/>`;
  }
  const node = (x, y, sign, kind = "") =>
    `<circle class="paper" cx="${x}" cy="${y}" r="13"/><circle class="${kind}" cx="${x}" cy="${y}" r="13" fill="none" stroke="currentColor" stroke-width="1.6"/>${text(x, y + 6, sign, kind, "middle", 17)}`;
  const box = (x, y, width, height, inside, kind = "") =>
    `<rect class="paper" x="${x - width / 2}" y="${y - height / 2}" width="${width}" height="${height}" rx="6"/>` +
    live.rect(x - width / 2, y - height / 2, width, height, kind, kind ? 0.12 : 0, 'stroke="currentColor" stroke-width="1.8" rx="6"') + text(x, y + 5, inside, kind, "middle", 14);

  const low = (letter, index) => `${letter}<tspan dy="4" font-size="10">${index}</tspan><tspan dy="-4">\u200b</tspan>`;

  /* The picture's parts, in the order in which they are drawn; what is pressed or passed by says which it is. */
  function shapes() {
    const after = settings.reset === "after";
    return {
      x: path([[34, 300], [396, 300]]) + arrow([[90, 300], [90, 222]]) + arrow([[288, 300], [288, 222]]) + arrow([[396, 300], [396, 222]]) + text(20, 305, "x", "", "middle", 17),
      h: arrow([[34, 50], [457, 50]], "old") + arrow([[90, 50], [90, 178]], "old") + arrow([[396, 50], [396, 178]], "old") + text(20, 55, "h", "old", "middle", 17),
      r: box(90, 200, 84, 44, "r = σ(·)", "reset") + arrow([[132, 200], [147, 200]], "reset"),
      inner: after ? arrow([[160, 50], [160, 98]], "old") + box(160, 120, 104, 44, `${low("U", "n")} h + ${low("c", "n")}`) + arrow([[160, 142], [160, 187]])
        : arrow([[160, 50], [160, 187]], "old") + node(160, 200, "⊙", "reset"),
      see: after ? arrow([[173, 200], [244, 200]]) + node(160, 200, "⊙", "reset")
        : arrow([[173, 200], [190, 200]]) + box(208, 200, 36, 34, low("U", "n")) + arrow([[226, 200], [244, 200]]),
      z: box(396, 200, 84, 44, "z = σ(·)", "update") + path([[438, 200], [470, 200]], "update") + arrow([[470, 200], [470, 63]], "update"),
      n: box(288, 200, 88, 44, "n = tanh(·)", "candidate") + path([[332, 200], [343, 200], [343, 260], [570, 260]], "candidate") + arrow([[570, 260], [570, 153]], "candidate"),
      keep: arrow([[483, 50], [557, 50]]) + node(470, 50, "⊙") + text(520, 42, "z ⊙ h"),
      rest: arrow([[470, 140], [495, 140]], "update") + box(518, 140, 46, 30, "1 − z", "update") + arrow([[541, 140], [557, 140]], "update"),
      write: arrow([[570, 127], [570, 63]], "candidate") + node(570, 140, "⊙") + text(578, 104, "(1 − z) ⊙ n", "", "start"),
      next: arrow([[583, 50], [622, 50]], "new") + node(570, 50, "+") + text(638, 55, "h′", "new", "middle", 17),
    };
  }

  const values = () => {
    const { x, h, r, z, n, m, next } = gru.step(model(), [settings.x], [settings.h]);
    return { x: x[0], h: h[0], r: r[0], z: z[0], n: n[0], rest: 1 - z[0],
      inner: m[0], see: settings.reset === "after" ? r[0] * m[0] : model().U[2][0] * m[0], keep: z[0] * h[0], write: (1 - z[0]) * n[0], next: next[0] };
  };

  /* A line of words.lines: what stands in brackets, [part|words], is that part; a part may lie within another's. */
  const marked = (line, tag, kind) => make(tag, {
    className: `formula ${kind}`,
    innerHTML: line.replace(/\[(\w+)\|([^\]]+)\]/g, (_, part, inside) => `<button type="button" class="part ${words.kinds[part] ?? ""}" data-part="${part}">${inside}</button>`),
  });

  function draw() {
    const found = values();
    paint(Object.entries(shapes()).map(([part, shape]) =>
      `<g role="button" tabindex="0" class="${part === lit ? "lit" : "unlit"}" data-key="${part}" data-part="${part}" aria-label="${fill(words.part, { name: words.names[settings.reset][part] ?? words.names[part], value: number(found[part]) })}">${shape}</g>`).join(""));
    answer.textContent = fill(words.answer, { name: words.names[settings.reset][lit] ?? words.names[lit], value: number(found[lit]), meaning: words.meanings[settings.reset][lit] ?? words.meanings[lit] });
  }

  function write() {
    const lines = words.lines.filter(({ reset }) => !reset || reset === settings.reset);
    formulas.replaceChildren(...lines.map(({ formula, kind }) => marked(formula.replace(/_(\w)/g, "<sub>$1</sub>"), "p", kind)));
    code.replaceChildren(...lines.map(({ code, kind }) => marked(code, "code", kind)));
    light(lit);
  }

  function light(part) {
    lit = part;
    for (const span of root.querySelectorAll(".part")) span.classList.toggle("lit", span.dataset.part === lit);
    draw();
  }

  for (const moved of ["pointerover", "focusin", "click"])
    root.addEventListener(moved, (event) => {
      const part = event.target.closest("[data-part]");
      if (part && part.dataset.part !== lit) light(part.dataset.part);
    });

  root.append(holder, answer, formulas, code, make("p", { className: "hint" }, words.hint),
    make("div", { className: "controls" },
      live.slider(words.x, { min: -2, max: 2, step: 0.1, value: settings.x }, (value) => {
        settings.x = value;
        draw();
      }),
      live.slider(words.h, { min: -1, max: 1, step: 0.1, value: settings.h }, (value) => {
        settings.h = value;
        draw();
      }),
      live.slider(words.resetBias, { min: -4, max: 4, step: 0.5, value: settings.resetBias }, (value) => {
        settings.resetBias = value;
        draw();
      }),
      live.choice(words.reset, words.resets, (value) => {
        settings.reset = value;
        write();
      })));
  write();
});
