// One drawn frame: the response computed and painted, then everything on the page that tells about it.

const STATS_PAUSE = 100; // milliseconds between two readings of range and histogram while something is dragged

function request() {
  frame ||= requestAnimationFrame(draw);
}

function currentLayers() {
  const { cells, divide, bias, size } = state.kernel;
  const turned = state.options.flip ? cells.toReversed() : cells;
  return [{ size, cells: turned, weights: Float32Array.from(turned, (cell) => cell / divide), bias, relu: state.options.relu }];
}

function draw() {
  cancelAnimationFrame(frame);
  frame = 0;
  showControls();
  if (!loaded) return;
  const layers = currentLayers();
  const planned = plan(photoCanvas.width, photoCanvas.height, layers, state.options);
  sayBorder(planned.problem);
  if (planned.problem) return;
  const view = chosenView(state.options.view, state.kernel);
  const automatic = chosenView("auto", state.kernel) === "signed";
  const grey = state.options.colour === "auto" ? automatic : state.options.colour === "grey";
  renderer.render(layers, { ...state.options, grey });
  sizes = planned.sizes;
  response = { view, grey, look: lookOf(view, view === "stretched" ? rangeOf(renderer.read()) : { low: 0, high: 1 }) };
  renderer.paint(response.look);
  state.pixel ??= strongestPixel();
  showFrames();
  showArithmetic(layers);
  scheduleStats();
}

function scheduleStats() {
  clearTimeout(statsTimer);
  const wait = STATS_PAUSE - (performance.now() - statsRead);
  if (wait <= 0) showStats();
  else statsTimer = setTimeout(showStats, wait);
}

/** The response of largest magnitude in the middle of the picture: a telling place to look at first. */
function strongestPixel() {
  const { width, height, stride, data } = renderer.read();
  let found = { x: width >> 1, y: height >> 1 };
  let most = -1;
  for (let y = height >> 2; y < height - (height >> 2); y++)
    for (let x = width >> 2; x < width - (width >> 2); x++) {
      const size = Math.abs(data[(y * width + x) * stride]);
      if (size > most) [most, found] = [size, { x, y }];
    }
  return found;
}

function sayBorder(problem) {
  $(".response").classList.toggle("stale", Boolean(problem));
  if (problem) say(text(`border_problems.${problem.border}`, problem));
  else if ($(".problem").dataset.border) say(null);
  $(".problem").dataset.border = problem ? "yes" : "";
}

const named = (kernel) => (kernel.name ? text(`presets.${kernel.name}.title`) : text("own_kernel"));

function showControls() {
  const { kernel } = state;
  showGrid();
  controls.forEach((control) => control.show());
  $(".kernel-name").textContent = named(kernel);
  $(".kernel-shows").textContent = kernel.name ? text(`presets.${kernel.name}.shows`) : text("own_kernel_shows");
  for (const button of $$(".preset")) button.setAttribute("aria-pressed", String(button.dataset.name === kernel.name));
  $(".undo").disabled = !past.length;
}

function showFrames() {
  const frames = [[".photo", photoCanvas], [".response", renderer.canvas]];
  for (const [figure, canvas] of frames) {
    $(`${figure} .frame`).style.setProperty("--ratio", canvas.width / canvas.height);
    canvas.classList.toggle("pixels", canvas.width < 200);
  }
  const values = { title: state.title, width: photoCanvas.width, height: photoCanvas.height };
  $(".photo-caption").textContent = text("photo_caption", values);
  photoCanvas.setAttribute("aria-label", text("photo_label", values));
  renderer.canvas.setAttribute("role", "img");
  renderer.canvas.setAttribute("aria-label", text("response_label", { kernel: named(state.kernel), title: state.title }));
}

function showStats() {
  statsRead = performance.now();
  const read = renderer.read();
  const range = rangeOf(read);
  const { look, view } = response;
  const [from, to] = [Math.min(range.low, look.low), Math.max(range.high, look.high)];
  const { counts, lost } = histogramOf(read, from, to, look);
  drawLegend($(".histogram"), counts, from, to, look);
  const said = { low: short(range.low), high: short(range.high), lost: lost < 0.01 ? short(100 * lost, 1) : short(100 * lost, 0) };
  const parts = [text(`legends.${response.grey ? view : `${view}_colour`}`), text("range", said)];
  if (lost >= 0.0005) parts.push(text("lost", said));
  $(".legend-text").textContent = parts.join(" ");
  $(".histogram").setAttribute("aria-label", text("histogram_label", said));
  const zero = from < 0 && to > 0 ? make("span", { style: `left: ${(-100 * from) / (to - from)}%` }, "0") : null;
  $(".scale").replaceChildren(make("span", { class: "from" }, short(from)), ...(zero ? [zero] : []), make("span", { class: "to" }, short(to)));
}
