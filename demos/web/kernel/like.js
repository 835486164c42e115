// "What is this kernel like?": the waves that it lets through, and its relatives among VGG-16's filters.

const WAVE_SIDE = 16; // pixels of a drawn wave

/** The map of waves; what it says of the kernel; and one wave before and after. `changed()` asks for another frame. */
function wavesPanel(root, changed) {
  let chosen = null; // the place on the map that was pointed at; null for a telling one
  let place = { x: MIDDLE, y: MIDDLE };
  const canvas = make("canvas", { class: "pixels", width: SPECTRUM_SIDE, height: SPECTRUM_SIDE, role: "img", "aria-label": text("waves.title") });
  const marker = make("i", { class: "window" });
  const frame = make("div", { class: "frame", style: "--ratio: 1", tabindex: 0, role: "group", "aria-label": text("waves.keys") }, canvas, marker);
  const ticks = (axis) => make("div", { class: `ticks ${axis}`, "aria-hidden": "true" },
    ...["\u2212\u03c0", text(`waves.${axis}`), "\u03c0"].map((tick) => make("span", {}, tick)));
  const figure = make("figure", { class: "spectrum" }, frame);
  const before = waveTile("before");
  const after = waveTile("after");
  const wave = make("p", { class: "wave-said", "aria-live": "polite" });
  const nature = make("p", { class: "nature", role: "status" });
  const scale = make("p", { class: "wk-caption" });
  root.append(make("h4", {}, text("waves.title")), nature,
    make("div", { class: "waves" }, make("div", { class: "plot" }, ticks("down"), figure, ticks("across")),
      make("div", { class: "wave-pair" }, before.tile, make("span", { class: "sign", "aria-hidden": "true" }, "\u2192"), after.tile, wave)), scale);
  pictureTools(figure, () => canvas, "waves");

  const point = (x, y) => { chosen = place = { x, y }; changed(); };
  pointAt(frame, () => canvas, point);
  frame.addEventListener("keydown", (event) => {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
    if (dx === undefined) return;
    event.preventDefault();
    const far = event.shiftKey ? 8 : 1;
    point(...[place.x + far * dx, place.y + far * dy].map((at) => clamp(at, 0, SPECTRUM_SIDE - 1)));
  });

  function show({ cells, divide, size }) {
    const spectrum = spectrumOf(cells.map((cell) => cell / divide), size);
    paintSpectrum(canvas, spectrum);
    const { key, direction, pixels } = natureOf(spectrum);
    const said = text(`waves.natures.${key}`, { direction: text(`waves.directions.${direction}`), pixels: short(pixels, 1) });
    write(nature, said);
    mark(canvas, "aria-label", said);
    write(scale, text("waves.scale", { most: short(spectrum.most) }));
    place = chosen ?? tellingWave(spectrum);
    placeWindow(marker, [place.x, place.y, 1, 1], SPECTRUM_SIDE, SPECTRUM_SIDE);
    showWave(spectrum, place);
  }

  function showWave({ real, imaginary, gain }, { x, y }) {
    const at = y * SPECTRUM_SIDE + x;
    before.paint(x, y, 1, 0);
    after.paint(x, y, gain[at], Math.atan2(imaginary[at], real[at]));
    const length = wavelengthAt(x, y);
    write(wave, text(Number.isFinite(length) ? "waves.wave" : "waves.flat", { pixels: short(length, 1), gain: short(gain[at]) }));
  }
  return { show };
}

/** A small picture of one wave: paint(x, y, strength, phase) draws the wave at a place of the map. */
function waveTile(name) {
  const canvas = make("canvas", { class: "pixels", width: WAVE_SIDE, height: WAVE_SIDE, role: "img", "aria-label": text(`waves.${name}`) });
  const context = canvas.getContext("2d");
  const paint = (x, y, strength, phase) => {
    const image = context.createImageData(WAVE_SIDE, WAVE_SIDE);
    new Uint32Array(image.data.buffer).forEach((_, pixel, pixels) => {
      const angle = frequencyAt(x) * (pixel % WAVE_SIDE) + frequencyAt(y) * Math.floor(pixel / WAVE_SIDE) + phase;
      pixels[pixel] = 0xff000000 | (Math.round(255 * clamp(0.5 + 0.5 * strength * Math.cos(angle), 0, 1)) * 0x10101);
    });
    context.putImageData(image, 0, 0);
  };
  return { paint, tile: make("div", { class: "wave" }, canvas, make("span", {}, text(`waves.${name}`))) };
}

/** Black where a wave vanishes, white where it comes through most. */
function paintSpectrum(canvas, { gain, most }) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(SPECTRUM_SIDE, SPECTRUM_SIDE);
  const pixels = new Uint32Array(image.data.buffer);
  gain.forEach((one, at) => { pixels[at] = 0xff000000 | (Math.round(most ? (255 * one) / most : 0) * 0x10101); });
  context.putImageData(image, 0, 0);
}

/** The whole section: nothing is computed while it is closed. `kernel()` is the one in the grid. */
function likePanel(details, kernel, { take, shrink, changed }) {
  const [waves, family] = [make("section", { class: "like-waves" }), make("section", { class: "like-family" })];
  $(".like-body", details).append(waves, family);
  const panels = [wavesPanel(waves, changed), relativesPanel(family, take, shrink, changed)];
  details.addEventListener("toggle", () => {
    if (details.open) panels[1].again();
    changed();
  });
  return { show: () => details.open && panels.forEach((panel) => panel.show(kernel())) };
}
