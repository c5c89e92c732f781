/* A GRU that reads a handwritten digit row by row: draw one, and see what it takes it for after each row. */
live.figure("digits", (root, words) => {
  const { make, number, text, rect } = live;
  const { fill } = window.words;
  const { examples, labels, measured } = stored.digits;
  const read = nets.digits(stored.digits);
  const narrow = live.narrow(); // then the table lies below the image
  const [cell, top, left, wide] = [32, 28, 6, 34];
  const [right, lower] = narrow ? [4, 8 * cell + 30] : [316, 0];
  const own = -1;
  let [shown, ink, cursor, erase, last] = [0, [], [0, 0], false, null];
  const answer = live.spoken("p", "verdict");
  const { svg, holder, paint } = live.picture(right + 10 * wide + 6, top + 8 * cell + lower + 8, words.picture);

  function show(k) {
    shown = k;
    ink = examples[k].map((value) => value / 16);
    draw();
  }

  function draw() {
    const rows = Array.from({ length: 8 }, (_, i) => ink.slice(8 * i, 8 * i + 8));
    const beliefs = read(rows); // 8 of 10
    const best = beliefs.map(nets.largest);
    const [y, x] = cursor;
    const shapes = ink.map((value, i) => rect(left + (i % 8) * cell, top + Math.floor(i / 8) * cell, cell, cell, "ink", value, 'stroke="currentColor" stroke-opacity="0.25"'));
    shapes.push(`<g role="button" tabindex="0" data-key="pixel" aria-label="${fill(words.pixel, { row: y + 1, column: x + 1, ink: Math.round(100 * ink[8 * y + x]) })}">` +
      rect(left + x * cell + 2, top + y * cell + 2, cell - 4, cell - 4, erase ? "muted" : "reset", 0, 'stroke="currentColor" stroke-width="2" stroke-dasharray="4 3"') + "</g>");
    for (let digit = 0; digit < 10; digit++) shapes.push(text(right + (digit + 0.5) * wide, top + lower - 8, digit, "", "middle", 15));
    beliefs.forEach((belief, i) => belief.forEach((p, digit) => {
      const isBest = digit === best[i];
      shapes.push(rect(right + digit * wide + 1, top + lower + i * cell + 1, wide - 2, cell - 2, "gru", 0.04 + 0.5 * p, `stroke="currentColor" stroke-width="${isBest ? 2 : 0}" rx="4"`));
      if (p > 0.045) shapes.push(text(right + (digit + 0.5) * wide, top + lower + (i + 0.5) * cell + 5, Math.round(100 * p), "ink"));
    }));
    paint(`<g pointer-events="none">${shapes.join("")}</g>`); // a finger begins on the picture itself, which stays while it draws
    const way = best.filter((digit, i) => digit !== best[i - 1]);
    answer.textContent = fill(shown === own ? (ink.some((value) => value > 0.2) ? words.yours : words.blank) : words.example, {
      digit: labels[shown], best: best[7], share: Math.round(100 * beliefs[7][best[7]]),
      way: way.length > 1 ? fill(words.way, { way: way.join(", ") }) : words.firm,
    });
  }

  /* The pen is 1.3 cells wide: a cell takes as much ink as lies within it, roughly, by its distance from the pen's way. */
  function mark(from, to) {
    shown = own;
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    ink = ink.map((value, i) => {
      const [x, y] = [(i % 8) + 0.5, Math.floor(i / 8) + 0.5];
      const along = dx || dy ? Math.min(1, Math.max(0, ((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy))) : 0;
      const drop = Math.min(1, Math.max(0, 1.15 - Math.hypot(x - from[0] - along * dx, y - from[1] - along * dy)));
      return erase ? Math.min(value, 1 - drop) : Math.max(value, drop);
    });
    draw();
  }

  const place = (event) => {
    const [x, y] = live.place(svg, event);
    return [(x - left) / cell, (y - top) / cell];
  };
  const inside = ([x, y]) => x >= -0.5 && x <= 8.5 && y >= -0.5 && y <= 8.5;
  svg.addEventListener("pointerdown", (event) => {
    const at = place(event);
    if (!inside(at)) return;
    event.preventDefault();
    svg.setPointerCapture(event.pointerId);
    last = at;
    mark(at, at);
  });
  svg.addEventListener("pointermove", (event) => {
    if (!last) return;
    const at = place(event);
    mark(last, at);
    last = at;
  });
  for (const ended of ["pointerup", "pointercancel"]) svg.addEventListener(ended, () => (last = null));
  svg.addEventListener("touchstart", (event) => inside(place(event.touches[0])) && event.preventDefault(), { passive: false }); // draws, does not scroll
  svg.addEventListener("keydown", (event) => {
    const by = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
    if (by) {
      cursor = cursor.map((at, i) => Math.min(7, Math.max(0, at + by[i])));
      draw();
    } else if (event.key === "Enter" || event.key === " ") {
      const i = 8 * cursor[0] + cursor[1];
      shown = own;
      ink[i] = ink[i] >= 1 ? 0 : Math.min(1, ink[i] + 0.5);
      draw();
    } else return;
    event.preventDefault();
  });

  root.append(holder, make("p", { className: "hint" }, fill(words.hint, { right: number(100 * measured.rows[7], 1), half: number(100 * measured.rows[3], 0) })), answer,
    make("div", { className: "controls" },
      live.button(words.clear, () => {
        shown = own;
        ink = Array(64).fill(0);
        draw();
      }),
      live.button(words.another, () => show((shown + 1) % examples.length)),
      live.choice(words.pen, words.pens, (value) => {
        erase = value === "erase";
        draw();
      })));
  show(8);
});
