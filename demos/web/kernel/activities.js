// Two things to do with the arithmetic: watch the kernel slide, and guess a pixel before seeing it.

const SLIDE_COLUMNS = 32; // places across, so that a slide over a photo takes a minute and not an hour
const SLIDE_PAUSE = 70; // milliseconds at each place

/** The slow slide over the picture: play, pause, step, and back to the whole picture. */
function slideControls(root) {
  let place = null; // counted from the top left; null when the whole response is shown
  let timer = 0;
  const veil = make("i", { class: "veil", hidden: true });
  $(".response .frame").append(veil);
  const play = plainButton("", () => (timer ? pause() : start()));
  const step = plainButton(text("slide.step"), () => { pause(); move(); });
  const stop = plainButton(text("slide.stop"), () => end());
  root.append(play, step, stop);

  function move() {
    const { width, height } = renderer.canvas;
    const side = Math.max(1, Math.ceil(width / SLIDE_COLUMNS));
    const [across, down] = [Math.ceil(width / side), Math.ceil(height / side)];
    place = place === null ? 0 : place + 1;
    if (place >= across * down) return end();
    const [x, y] = [(place % across) * side, Math.floor(place / across) * side];
    inspect(Math.min(x + (side >> 1), width - 1), Math.min(y + (side >> 1), height - 1));
    const [left, right, top, bottom] = [0, (x + side) / width, y / height, (y + side) / height].map((part) => `${100 * Math.min(1, part)}%`);
    veil.style.clipPath = `polygon(${right} ${top}, 100% ${top}, 100% 100%, ${left} 100%, ${left} ${bottom}, ${right} ${bottom})`;
    show();
  }
  function start() {
    guess.end();
    state.held = false;
    timer = setInterval(move, SLIDE_PAUSE);
    move();
  }
  function pause() {
    clearInterval(timer);
    timer = 0;
    show();
  }
  function end() {
    place = null;
    pause();
  }
  function show() {
    const active = place !== null;
    veil.hidden = !active;
    play.textContent = text(timer ? "slide.pause" : active ? "slide.resume" : "slide.play");
    step.hidden = stop.hidden = !active;
  }
  show();
  onVisible((shown) => !shown && timer && pause());
  return { end, active: () => place !== null };
}

/** Guess the pixel: a response is hidden, its pixels and the kernel are shown, and an answer is judged. */
function guessControls(root, begin) {
  let hidden = null; // {answer, tolerance} until an answer is given
  const answer = make("input", { type: "text", class: "number-answer", "aria-label": text("guess.answer"), placeholder: "?" });
  const verdict = make("p", { class: "guess-verdict", role: "status" });
  const form = make("form", { class: "guess", hidden: true, onsubmit: (event) => { event.preventDefault(); judge(); } },
    make("label", {}, make("span", {}, text("guess.answer")), answer),
    make("button", { type: "submit", class: "wk-button primary" }, text("guess.check")), verdict);
  root.after(form);
  root.append(plainButton(text("guess.start"), start));

  function start() {
    if (!response) return;
    begin();
    state.held = false;
    hidden = {};
    const chosen = tellingPixel();
    inspect(chosen.x, chosen.y);
    verdict.textContent = text("guess.how");
    answer.value = "";
    form.hidden = false;
    answer.focus({ preventScroll: true });
  }
  function judge() {
    const said = parseNumber(answer.value);
    if (!Number.isFinite(said)) { verdict.textContent = text("guess.no_number"); return; }
    if (!hidden) return;
    const { value, tolerance } = hidden;
    hidden = null;
    const opposite = said * value < 0 && Math.abs(value) > tolerance / 4; // of next to nothing, either sign will do
    const kind = opposite ? "sign" : Math.abs(said - value) <= tolerance ? "right" : "wrong";
    verdict.textContent = text(`guess.${kind}`, { value: short(value), said: short(said) });
    did({ guess: kind });
    showArithmetic(currentLayers());
  }
  function end() {
    hidden = null;
    form.hidden = true;
  }
  return { end, hides: () => hidden !== null, shown: () => !form.hidden, tell: (value, tolerance) => { if (hidden) hidden = { value, tolerance }; } };
}

/** A random pixel among those with a strong response, so that there is something to work out. */
function tellingPixel() {
  const { width, height, stride, data } = renderer.read();
  const some = Array.from({ length: 400 }, () => ({ x: Math.floor(Math.random() * width), y: Math.floor(Math.random() * height) }));
  const strength = ({ x, y }) => Math.abs(data[(y * width + x) * stride]);
  return some.sort((one, other) => strength(other) - strength(one))[Math.floor(Math.random() * 16)];
}
