// The pad: a digit that can be moved off centre, or drawn. Everything happens in the browser.

const FARTHEST = 12; // pixels that a digit can be moved each way
const PEN_RADIUS = 1.4; // pixels

/** `changed()` is called after every change; image() gives 784 values in [0, 1], truth() the digit or null. */
function digitPad(canvas, tiles, modes, changed) {
  const context = canvas.getContext("2d");
  let drawn = new Float32Array(SIDE * SIDE); // as it was before it was moved
  let label = null;
  let [right, down] = [0, 0];
  let drawing = false;
  let held = null; // where the pointer took hold, or last drew
  let pen = { x: SIDE / 2, y: SIDE / 2, down: false }; // of the keyboard
  const turns = new Map(); // how often each digit was chosen

  const image = () => Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [x, y] = [(i % SIDE) - right, Math.floor(i / SIDE) - down];
    return x >= 0 && y >= 0 && x < SIDE && y < SIDE ? drawn[y * SIDE + x] : 0;
  });

  function show() {
    const pixels = new ImageData(SIDE, SIDE);
    image().forEach((value, i) => pixels.data.set([255 * value, 255 * value, 255 * value, 255], 4 * i));
    context.putImageData(pixels, 0, 0);
    if (drawing && pen.shown) {
      context.fillStyle = pen.down ? "#ffb000" : "#7fb0ff";
      context.fillRect(Math.floor(pen.x), Math.floor(pen.y), 1, 1);
    }
    labelled(canvas, text(drawing ? "pad_drawing" : "pad_moving", { digit: label ?? text("own_digit"), place: placeName() }));
    canvas.classList.toggle("drawing", drawing);
    draw.textContent = text(drawing ? "clear" : "draw");
    changed();
  }
  function placeName() {
    const part = (value, one, other) => (value ? text(value > 0 ? one : other, { count: Math.abs(value) }) : null);
    return [part(right, "right", "left"), part(down, "down", "up")].filter(Boolean).join(", ") || text("centred");
  }
  function take(values, digit) {
    [drawn, label, right, down, drawing] = [values, digit, 0, 0, false];
    for (const tile of tiles.children) tile.setAttribute("aria-pressed", String(Number(tile.dataset.digit) === digit));
    show();
  }
  /** The digit's centre of mass to the middle; where there is none, back to where it came. */
  function centre() {
    drawing = false;
    const [mass, x, y] = drawn.reduce(([sum, across, along], value, i) =>
      [sum + value, across + value * (i % SIDE), along + value * Math.floor(i / SIDE)], [0, 0, 0]);
    const away = (moment) => (label === null && mass ? Math.round((SIDE - 1) / 2 - moment / mass) : 0);
    moveTo(away(x), away(y));
  }
  function moveTo(x, y) {
    [right, down] = [clamp(x, -FARTHEST, FARTHEST), clamp(y, -FARTHEST, FARTHEST)];
    show();
  }
  function begin() {
    take(new Float32Array(SIDE * SIDE), null);
    drawing = true;
    pen = { x: SIDE / 2, y: SIDE / 2, down: false, shown: false };
    show();
  }
  /** A soft line, as a felt pen would leave. */
  function line(from, to) {
    const steps = Math.max(1, Math.ceil(3 * Math.hypot(to.x - from.x, to.y - from.y)));
    for (let step = 0; step <= steps; step++) {
      const [cx, cy] = [from.x + ((to.x - from.x) * step) / steps, from.y + ((to.y - from.y) * step) / steps];
      for (let i = 0; i < drawn.length; i++) {
        const distance = Math.hypot((i % SIDE) + 0.5 - cx, Math.floor(i / SIDE) + 0.5 - cy);
        drawn[i] = Math.max(drawn[i], clamp(PEN_RADIUS + 0.5 - distance, 0, 1));
      }
    }
    show();
  }
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * SIDE, y: ((event.clientY - box.top) / box.height) * SIDE };
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    const place = at(event);
    held = drawing ? place : { x: place.x - right, y: place.y - down };
    if (drawing) line(place, place);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return;
    const place = at(event);
    if (drawing) { line(held, place); held = place; } else moveTo(Math.round(place.x - held.x), Math.round(place.y - held.y));
  });
  for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, () => { held = null; });
  canvas.addEventListener("keydown", (event) => {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], " ": [0, 0] }[event.key] ?? [];
    if (dx === undefined) return;
    event.preventDefault();
    if (!drawing) return moveTo(right + dx, down + dy);
    const from = { ...pen };
    Object.assign(pen, { x: clamp(pen.x + dx, 0, SIDE), y: clamp(pen.y + dy, 0, SIDE), shown: true, down: event.key === " " ? !pen.down : pen.down });
    pen.down ? line(from, pen) : show();
  });

  const button = (key, action, attributes = {}) => make("button", { type: "button", class: "wk-button", onclick: action, ...attributes }, text(key));
  const draw = button("draw", begin, { title: text("draw_hint") });
  modes.append(button("centre", centre), draw);
  return {
    image, placeName, truth: () => label,
    /** Tiles for ten digits; choosing one again gives another of its kind. `samples` are bytes, ten digits at a time. */
    offer(samples) {
      const rounds = samples.length / (CLASSES * SIDE * SIDE);
      const sample = (digit, turn) => {
        const start = ((turn % rounds) * CLASSES + digit) * SIDE * SIDE;
        return Float32Array.from(samples.subarray(start, start + SIDE * SIDE), (byte) => byte / 255);
      };
      tiles.replaceChildren(...Array.from({ length: CLASSES }, (_, digit) => {
        const small = make("canvas", { width: SIDE, height: SIDE });
        paint(small, sample(digit, 0), (value) => [255 * value, 255 * value, 255 * value]);
        return make("button", { type: "button", class: "tile", "data-digit": digit, title: text("another", { digit }), "aria-label": text("another", { digit }),
          onclick: () => { turns.set(digit, (turns.get(digit) ?? -1) + 1); take(sample(digit, turns.get(digit)), digit); } }, small);
      }));
      turns.set(props.first, 0);
      take(sample(props.first, 0), props.first);
    },
  };
}

/** Paints values on a square canvas of as many pixels. */
function paint(canvas, values, colour) {
  const pixels = new ImageData(canvas.width, canvas.height);
  values.forEach((value, i) => pixels.data.set([...colour(value), 255], 4 * i));
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}
