/* A trained language model: type, see its gates over the text and what it expects next, let it write on, hold a gate and see what breaks. */
live.figure("language", (root, words) => {
  const { make, number, text, rect } = live;
  const { fill } = window.words;
  const net = nets.language(stored.language);
  const [shown, left, wide, high] = [live.narrow() ? 20 : 40, 56, 15, 26];
  const [bars, longest] = [10, (shown - 6) * wide];
  const settings = { unit: 80, temperature: 1, hold: "none" };
  let [typed, random, chosen, cell, steps] = [words.first, live.generator(1), 0, net.cell, []];
  const answer = live.spoken("p", "verdict");
  const { svg, holder, paint } = live.picture(left + shown * wide + 8, 190 + 22 * bars, words.picture);
  const shownAs = (letter) => (letter === " " ? "␣" : letter);

  const note = live.spoken("p", "hint");

  /* Letters and spaces, as the model knows them: anything else becomes a space, runs of spaces one. */
  const plain = (text) => text.toLowerCase().replace(/[^a-z]+/g, " ").replace(/^ /, "");

  function read() {
    cell = settings.hold === "none" ? net.cell : net.held(settings.hold[0], +settings.hold[1]);
    steps = net.read(typed, cell);
    chosen = typed.length - 1;
    draw();
  }

  const mean = (values) => values.reduce((a, b) => a + b) / values.length;
  /* Bits that each letter but the first cost: minus the logarithm of the probability that the model gave it. */
  const costs = (steps) => steps.slice(0, -1).map(({ next }, t) => -Math.log2(nets.softmax(net.next(next))[net.symbols.indexOf(typed[t + 1])]));

  function draw() {
    if (!typed) {
      paint(text(left, 40, words.empty, "muted", "start"));
      answer.textContent = words.empty;
      return;
    }
    const from = Math.max(0, typed.length - shown);
    const bits = costs(steps);
    const rows = [
      [words.rows.z, "update", 0.9, ({ z }) => mean(z)],
      [words.rows.r, "reset", 0.9, ({ r }) => mean(r)],
      [fill(words.rows.unit, { unit: settings.unit }), "new", 0.9, ({ next }) => next[settings.unit]],
    ];
    const shapes = [text(left - 8, 24, words.rows.bits, "muted", "end", 12)];
    rows.forEach(([name, kind], k) => shapes.push(text(left - 8, 76 + k * high, name, kind, "end", 13)));
    for (let t = from; t < typed.length; t++) {
      const x = left + (t - from) * wide;
      const cost = t ? bits[t - 1] : 0;
      const column = rect(x + 3, 34 - 3 * Math.min(cost, 10), wide - 6, 3 * Math.min(cost, 10) + 0.5, "muted", 0.6) +
        text(x + wide / 2, 50, shownAs(typed[t]), t === chosen ? "new" : "ink", "middle", 15) +
        rows.map(([, kind, strength, of], k) => {
          const value = of(steps[t]);
          return rect(x + 1, 58 + k * high, wide - 2, high - 4, kind, strength * Math.abs(value), value < 0 ? 'stroke="currentColor" stroke-dasharray="3 2"' : 'stroke="currentColor" stroke-opacity="0.4"');
        }).join("");
      shapes.push(`<g role="button" tabindex="${t === chosen ? 0 : -1}" data-key="letter-${t}" aria-pressed="${t === chosen}" aria-label="${
        fill(words.letter, { letter: typed[t], bits: number(cost, 1), z: number(mean(steps[t].z)), r: number(mean(steps[t].r)) })
      }">${rect(x, 2, wide, 134, "new", t === chosen ? 0.15 : 0, 'rx="3"')}${column}</g>`);
    }
    const p = nets.softmax(net.next(steps[chosen].next), settings.temperature);
    const order = [...p.keys()].sort((a, b) => p[b] - p[a]).slice(0, bars);
    shapes.push(text(left - 8, 168, words.next, "muted", "start", 13));
    order.forEach((k, i) => {
      const y = 178 + 22 * i;
      shapes.push(text(left - 8, y + 15, shownAs(net.symbols[k]), "ink", "end", 15) + rect(left, y + 2, longest * p[k] + 1, 17, "gru", 0.55) +
        text(left + longest * p[k] + 8, y + 15, fill(words.share, { share: number(100 * p[k], 1) }), "ink", "start"));
    });
    paint(shapes.join(""), left + (chosen - from + 0.5) * wide);
    const each = bits.length ? mean(bits) : 0;
    const trained = settings.hold === "none" || !bits.length ? "" : fill(words.trained, { bits: number(mean(costs(net.read(typed, net.cell))), 2) });
    answer.textContent = fill(words.answer, {
      cost: chosen ? fill(words.cost, { letter: shownAs(typed[chosen]), bits: number(bits[chosen - 1], 1) }) : words.free,
      unit: settings.unit, state: number(steps[chosen].next[settings.unit]), trained,
      seen: typed.slice(Math.max(0, chosen - 11), chosen + 1).replaceAll(" ", "␣"), best: shownAs(net.symbols[order[0]]), share: number(100 * p[order[0]], 0),
      z: number(mean(steps[chosen].z)), r: number(mean(steps[chosen].r)), bits: number(each, 2), perplexity: (2 ** each).toLocaleString("en", { maximumSignificantDigits: 3 }), held: words.held[settings.hold],
    });
  }

  const choose = (t) => {
    chosen = Math.min(typed.length - 1, Math.max(Math.max(0, typed.length - shown), t));
    draw();
  };
  for (const moved of ["pointerover", "click"])
    svg.addEventListener(moved, (event) => {
      const letter = event.target.closest("[data-key]");
      if (letter && +letter.dataset.key.slice(7) !== chosen) choose(+letter.dataset.key.slice(7));
    });
  svg.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, Home: -typed.length, End: typed.length }[event.key];
    if (!by) return;
    event.preventDefault();
    choose(chosen + by);
    svg.querySelector(`[data-key="letter-${chosen}"]`).focus();
  });

  /* Letters drawn from the model's probabilities, each read again before the next is drawn. */
  function writeOn() {
    if (!typed) return;
    let h = steps.at(-1).next;
    for (let more = 0; more < 40; more++) {
      const p = nets.softmax(net.next(h), settings.temperature);
      let [point, k] = [random.uniform(), 0];
      while (k < p.length - 1 && (point -= p[k]) >= 0) k++;
      typed += net.symbols[k];
      h = net.step(net.symbols[k], h, cell).next;
    }
    typed = plain(typed).slice(-160);
    input.value = typed;
    read();
  }

  const field = live.field(words.typed, words.first, 160, (value) => {
    typed = plain(value);
    const unknown = [...new Set(value.toLowerCase().replace(/[a-z ]/g, ""))];
    note.textContent = unknown.length ? fill(words.unknown, { letters: unknown.join(" ") }) : words.hint;
    read();
  });
  const input = field.querySelector("input");
  note.textContent = words.hint;
  const hold = live.choice(words.hold, words.holds, (value) => {
    settings.hold = value;
    read();
  });
  root.append(field, holder, answer, note, make("p", { className: "hint" }, fill(words.source, { perplexity: number(stored.language.measured.perplexity, 2) })),
    make("div", { className: "controls" },
      hold,
      live.slider(words.temperature, { min: 0.1, max: 2, step: 0.1, value: settings.temperature }, (value) => {
        settings.temperature = value;
        draw();
      }),
      live.slider(words.unit, { min: 0, max: 127, step: 1, value: settings.unit, digits: 0 }, (value) => {
        settings.unit = value;
        draw();
      }),
      make("span", { className: "buttons" }, live.button(words.write, writeOn), live.button(words.again, () => {
        [typed, input.value, random] = [words.first, words.first, live.generator(1)];
        hold.querySelector("select").value = settings.hold = "none";
        note.textContent = words.hint;
        read();
      }))));
  read();
});
