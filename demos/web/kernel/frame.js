// One drawn frame: the response computed and painted, then everything on the page that tells about it.

const STATS_PAUSE = 100; // milliseconds between two readings of range and histogram while something is dragged

let toldKernel = null;

function request() {
  frame ||= requestAnimationFrame(draw);
}

/** The kernels in a row as layers, see convolve.js. */
function currentLayers() {
  const { flip, relu } = state.options;
  return state.layers.map(({ cells, divide, bias, size }) => {
    const turned = flip ? cells.toReversed() : cells;
    return { size, cells: turned, divide, weights: Float32Array.from(turned, (cell) => cell / divide), bias, relu };
  });
}

function draw() {
  cancelAnimationFrame(frame);
  frame = 0;
  const layers = currentLayers();
  showControls();
  if ($(".stack").open) showStack(state.layers, state.active, layers, state.options);
  if (!loaded) return;
  const planned = plan(photoCanvas.width, photoCanvas.height, layers, state.options);
  sayBorder(planned.problem);
  response = null;
  if (planned.problem) return;
  const { view: chosen, reason, brightness } = automaticView(layers, automatic);
  automatic = chosen;
  write($(".view-reason"), state.options.view === "auto" ? text(`reasons.${reason}`, { share: percent(brightness) }) : "");
  const view = state.options.view === "auto" ? automatic : state.options.view;
  const grey = state.options.colour === "auto" ? automatic === "signed" || isGrey(picture()) : state.options.colour === "grey";
  renderer.render(layers, { ...state.options, grey });
  sizes = planned.sizes;
  response = { view, grey, look: lookOf(view, view === "stretched" ? rangeOf(renderer.read()) : { low: 0, high: 1 }) };
  renderer.paint(response.look);
  tellKernel();
  state.pixel ??= strongestPixel();
  showFrames();
  showArithmetic(layers);
  scheduleStats();
}

/** The lesson hears of each new kernel that was drawn; `own` is one made by hand. */
function tellKernel() {
  if (state.layers.length > 1 || state.kernel === toldKernel) return;
  toldKernel = state.kernel;
  const { size, cells, name, title } = state.kernel;
  did({ kernel: { size, cells, own: !name && !title } });
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

const named = ({ name, title }) => (name ? text(`presets.${name}.title`) : title ?? text("own_kernel"));

function showControls() {
  const { kernel } = state;
  const count = state.layers.length;
  showGrid();
  controls.forEach((control) => control.show());
  write($(".kernel-name"), count === 1 ? named(kernel) : text("stack.name", { place: state.active + 1, count, kernel: named(kernel) }));
  write($(".kernel-shows"), kernel.name ? text(`presets.${kernel.name}.shows`) : kernel.shows ?? text("own_kernel_shows"));
  for (const button of $$(".presets .preset")) mark(button, "aria-pressed", button.dataset.name === kernel.name);
  $(".undo").disabled = !past.length;
}

function showFrames() {
  for (const [figure, canvas] of [[".photo", photoCanvas], [".response", renderer.canvas]]) {
    mark($(`${figure} .frame`), "style", `--ratio: ${canvas.width / canvas.height}`);
    canvas.classList.toggle("pixels", canvas.width < 200);
  }
  const values = { title: state.title, width: photoCanvas.width, height: photoCanvas.height };
  write($(".photo-caption"), text("photo_caption", values));
  mark(photoCanvas, "aria-label", text("photo_label", values));
  mark(renderer.canvas, "aria-label", text("response_label", { kernel: state.layers.map(named).join(", "), title: state.title }));
}

function showStats() {
  if (!response) return;
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
  write($(".legend-text"), parts.join(" "));
  mark($(".histogram"), "aria-label", text("histogram_label", said));
  const zero = from < 0 && to > 0 ? make("span", { style: `left: ${(-100 * from) / (to - from)}%` }, "0") : null;
  $(".scale").replaceChildren(make("span", { class: "from" }, short(from)), ...(zero ? [zero] : []), make("span", { class: "to" }, short(to)));
}
