// One pixel's arithmetic: the pixels beneath the kernel, times the kernel, summed.

const NEAR = 13; // pixels across in the enlarged neighbourhood

/**
 * The strip of arithmetic below the pictures. `show(place)` fills it from
 * what placeOf() in pixel.js tells of it.
 */
function arithmetic(root) {
  const part = (name, child) =>
    make("div", { class: `part ${name}` }, child, make("span", { class: "part-name" }, text(`parts.${name}`)));
  const grids = ["pixels", "kernel", "products"].map(() => make("div", { class: "numbers" }));
  const near = make("canvas", { class: "nearby", role: "img", "aria-label": text("near_label"), width: 260, height: 260 });
  const sign = (shown) => make("span", { class: "sign", "aria-hidden": "true" }, shown);
  const steps = make("div", { class: "steps" });
  const title = make("h3", {}, text("inspector"));
  const where = make("p", { class: "wk-caption where" });
  const tasks = make("div", { class: "tasks" });
  const extras = make("div", { class: "extras" });
  const remark = make("p", { class: "wk-caption remark" });
  let latest = null; // the place that is shown
  let marked = null; // the number of the tap whose multiplication is told
  root.append(
    make("div", { class: "sums-head" }, title, where, extras, tasks),
    make("div", { class: "sums-row" },
      part("near", near), part("pixels", grids[0]), sign("\u00d7"), part("kernel", grids[1]), sign("="),
      part("products", grids[2]), sign("\u2192"), make("div", { class: "part result" }, steps)),
    remark);

  const show = (place) => {
    write(where, place.title);
    write(grids[0].nextSibling, place.source);
    const decimals = place.hidden ? 1 : 2;
    const most = Math.max(...place.taps.map((tap) => Math.abs(tap.cell))) || 1;
    const product = (tap) => (place.hidden ? "?" : tap.cell ? number(tap.value * tap.cell, decimals) : "0");
    fill(grids[0], place, (tap) => number(tap.value, decimals), inputColour);
    fill(grids[1], place, (tap) => short(tap.cell, place.decimals), (tap) => diverging(tap.cell / most));
    fill(grids[2], place, product, (tap) => diverging(place.hidden ? 0 : (tap.value * tap.cell) / most));
    drawNear(near, place.near);
    steps.replaceChildren(...place.steps.map(stepRow));
    latest = { ...place, shown: place.taps.map((tap) => Number((tap.value * tap.cell).toFixed(decimals))), decimals };
    showMark();
  };

  /** Tells one multiplication to four decimals, or what rounding does to the sum. */
  function showMark() {
    const { taps, hidden, shown, decimals } = latest;
    if (marked >= taps.length) marked = null;
    for (const grid of grids) {
      const [before, now] = [$(".marked", grid), marked === null ? null : grid.children[marked]];
      if (before === now) continue;
      before?.classList.remove("marked");
      now?.classList.add("marked");
    }
    const sum = (values) => number(values.reduce((total, value) => total + value, 0));
    const [rounded, exact] = [sum(shown), sum(taps.map((tap) => tap.value * tap.cell))];
    if (marked !== null) {
      const { value, cell } = taps[marked];
      write(remark, text("rounding.product", { value: short(value, 4), cell: short(cell, 4), product: hidden ? "?" : short(value * cell, 4) }));
    } else write(remark, hidden || rounded === exact ? text("rounding.hint") : text("rounding.differs", { decimals, rounded, exact }));
  }
  const markTap = (place) => { marked = place; if (latest) showMark(); };
  for (const grid of grids) {
    grid.addEventListener("pointerover", ({ target }) => target !== grid && markTap([...grid.children].indexOf(target)));
    grid.addEventListener("pointerleave", () => markTap(null));
  }
  const products = grids[2];
  for (const [name, value] of Object.entries({ tabindex: 0, role: "group", "aria-label": text("rounding.keys") })) products.setAttribute(name, value);
  products.addEventListener("focus", () => { markTap(marked ?? 0); mark(remark, "aria-live", "polite"); });
  products.addEventListener("blur", () => { markTap(null); mark(remark, "aria-live", "off"); });
  products.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -latest?.size, ArrowDown: latest?.size }[event.key];
    if (!by) return;
    event.preventDefault();
    markTap(clamp((marked ?? 0) + by, 0, latest.taps.length - 1));
  });
  return { show, tasks, extras };
}

const stepRow = ({ label, shown, colour, final }) => make("div", { class: final ? "step final" : "step" },
  colour ? make("i", { style: `background: rgb(${colour.map(Math.round).join(",")})` }) : null,
  make("span", {}, label), make("b", {}, shown));

/** A pixel in its grey; what an earlier layer gave, and is no grey, in the signed colours. */
const inputColour = ({ value }) => (value < 0 || value > 1 ? diverging(value) : [0, 1, 2].map(() => 255 * value));

/** Fills a square of numbers, remaking its cells only when the size changes. */
function fill(grid, { size, taps }, shown, colour) {
  if (grid.children.length !== taps.length) {
    grid.replaceChildren(...taps.map(() => make("span", {})));
    grid.style.setProperty("--size", size);
    grid.classList.toggle("dense", size > 3);
    grid.classList.toggle("denser", size > 5);
  }
  taps.forEach((tap, place) => {
    const cell = grid.children[place];
    write(cell, shown(tap));
    cell.classList.toggle("outside", tap.outside);
    paint(cell, colour(tap));
  });
}

/** The neighbourhood enlarged, the window on it. */
function drawNear(canvas, { picture, x, y, side }) {
  const context = canvas.getContext("2d");
  const across = Math.max(NEAR, side + 6);
  const scale = canvas.width / across;
  const [left, top] = [x - across / 2, y - across / 2];
  context.imageSmoothingEnabled = false;
  context.fillStyle = getComputedStyle(element).getPropertyValue("--wk-well");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, -left * scale, -top * scale, picture.width * scale, picture.height * scale);
  const from = ((across - side) / 2) * scale;
  for (const [colour, width] of [["#ffffff", 6], ["#0f766e", 3]]) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.strokeRect(from, from, side * scale, side * scale);
  }
}

/** Puts a frame's marker on the box [x, y, width, height] of a picture of `across` by `down` pixels. */
function placeWindow(marker, [x, y, width, height], across, down) {
  marker.hidden = false;
  const portion = (value, whole) => `${(100 * value) / whole}%`;
  Object.assign(marker.style, {
    left: portion(x, across), top: portion(y, down), width: portion(width, across), height: portion(height, down),
  });
}

/** Calls `at(x, y)` with the pixel of `canvas` under the pointer, by hover, drag or tap, and `clicked(x, y)` on a click. */
function pointAt(frame, canvas, at, clicked = null) {
  const telling = (told) => (event) => {
    const box = canvas().getBoundingClientRect();
    const place = (offset, side, pixels) => clamp(Math.floor((offset / side) * pixels), 0, pixels - 1);
    told(place(event.clientX - box.left, box.width, canvas().width), place(event.clientY - box.top, box.height, canvas().height));
  };
  frame.addEventListener("pointermove", telling(at));
  frame.addEventListener("pointerdown", telling(at));
  if (clicked) frame.addEventListener("click", telling(clicked));
}
