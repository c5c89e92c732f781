/* Dates in seven languages to ISO 8601, and where the network looks for each symbol that it writes. */
live.figure("dates", (root, words) => {
  const { make, text, rect } = live;
  const { fill } = window.words;
  const net = nets.dates(stored.dates);
  const most = 38;
  let [source, chosen, written] = ["", 0, []];
  const answer = live.spoken("p", "verdict");
  const note = live.spoken("p", "hint");
  const [left, top, wide, high] = [44, 26, live.narrow() ? 12 : 16, 22];
  const { svg, holder, paint } = live.picture(left + most * wide + 8, top + 11 * high + 6, words.picture);

  function read(typed) {
    const small = typed.toLowerCase();
    const unknown = [...new Set(small)].filter((letter) => !net.source.includes(letter));
    source = [...small].filter((letter) => net.source.includes(letter)).slice(0, most).join("");
    note.textContent = unknown.length ? fill(words.unknown, { letters: unknown.join(" ") }) : words.hint;
    written = source ? net.write(net.encode(source), 11) : [];
    chosen = Math.min(chosen, Math.max(0, written.length - 1));
    draw();
  }

  function draw() {
    const letters = [...source];
    const shapes = letters.map((letter, t) => text(left + (t + 0.5) * wide, top - 9, letter === " " ? "␣" : letter, letter === " " ? "muted" : "", "middle", 14));
    written.forEach(({ letter, weights }, k) => {
      const y = top + k * high;
      const strongest = nets.largest(weights);
      shapes.push(`<g role="button" tabindex="${k === chosen ? 0 : -1}" data-key="row-${k}" aria-pressed="${k === chosen}" aria-label="${fill(words.row, { letter: letter || words.end, place: strongest + 1, from: letters[strongest], share: Math.round(100 * weights[strongest]) })}">` +
        rect(2, y + 1, left + letters.length * wide, high - 2, k === chosen ? "new" : "muted", k === chosen ? 0.14 : 0.03, 'rx="4"') +
        text(left - 20, y + 16, letter || "■", k === chosen ? "new" : "", "middle", 15) +
        Array.from(weights, (weight, t) => rect(left + t * wide + 1, y + 3, wide - 2, high - 6, "update", weight, t === strongest ? 'stroke="currentColor" stroke-width="1.5"' : "")).join("") + "</g>");
    });
    paint(shapes.join(""), written.length ? left + (nets.largest(written[chosen].weights) + 0.5) * wide : 0);
    if (!written.length) answer.textContent = words.empty;
    else {
      const { letter, weights } = written[chosen];
      const said = written.map((each) => each.letter).join("");
      const strongest = nets.largest(weights);
      answer.textContent = fill(words.answer, {
        written: said, verdict: verdict(said), letter: letter || words.end, from: letters[strongest] === " " ? words.space : letters[strongest],
        place: strongest + 1, share: Math.round(100 * weights[strongest]),
      });
    }
  }

  /* What a calendar says of it; whether it is the date that was typed, the reader sees. */
  function verdict(said) {
    const [, year, month, day] = said.match(/^(\d{4})-(\d\d)-(\d\d)$/) ?? [];
    if (!year) return words.none;
    const date = new Date(Date.UTC(year, month - 1, day));
    return date.getUTCMonth() + 1 === +month && date.getUTCDate() === +day ? "" : words.no_day;
  }

  const choose = (k) => {
    chosen = Math.min(written.length - 1, Math.max(0, k));
    draw();
  };
  for (const moved of ["pointerover", "click"])
    svg.addEventListener(moved, (event) => {
      const row = event.target.closest("[data-key]");
      if (row && +row.dataset.key.slice(4) !== chosen) choose(+row.dataset.key.slice(4));
    });
  svg.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1, Home: -chosen, End: written.length }[event.key];
    if (!by) return;
    event.preventDefault();
    choose(chosen + by);
    svg.querySelector(`[data-key="row-${chosen}"]`).focus();
  });

  const field = live.field(words.typed, words.first, most, (typed) => {
    examples.querySelector("select").value = "own";
    read(typed);
  });
  const input = field.querySelector("input");
  const examples = live.choice(words.examples, { own: words.own, ...Object.fromEntries(words.dates.map((date) => [date, date])) }, (date) => {
    if (date === "own") return;
    input.value = date;
    read(date);
  });
  examples.querySelector("select").value = words.first;
  root.append(field, holder, answer, note, make("div", { className: "controls" }, examples));
  read(words.first);
});
