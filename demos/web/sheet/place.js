// A place on the photo that one has pointed at, and the channels in the order in which they answer there.

const WIDE = 40;  // units across: of a larger map a few around the place count, the strongest of them

/** The unit of the open layer that lies at the place. */
function unitAtPlace({ layer, sheet }) {
  const side = study.picture.width;
  return unitAt(layer, sheet.size, view.place.x * side, view.place.y * side);
}

/** How far each channel's answer at the place stands out among its own answers: in standard deviations above its mean. */
function standingOut(sheet, layer, relu) {
  const { column, row } = unitAtPlace({ layer, sheet }), around = Math.floor(sheet.size / WIDE);
  const greys = sheetGreys(sheet), { width } = sheet.bitmap, { min, max } = sheet.statistics;
  const mean = figureOf(sheet.statistics, "mean", relu), variance = figureOf(sheet.statistics, "variance", relu);
  const near = (middle) => [Math.max(0, middle - around), Math.min(sheet.size - 1, middle + around)];
  const [left, right] = near(column), [top, bottom] = near(row);
  return max.map((_, channel) => {
    if (!(variance[channel] > 0)) return -Infinity;
    const [x, y] = origin(sheet, channel);
    let grey = 0;
    for (let down = y + top; down <= y + bottom; down++) {
      for (let across = x + left; across <= x + right; across++) grey = Math.max(grey, greys[down * width + across]);
    }
    const answer = min[channel] + (grey / 255) * (max[channel] - min[channel]);
    return ((relu ? Math.max(0, answer) : answer) - mean[channel]) / Math.sqrt(variance[channel]);
  });
}

/** The grey of every pixel of a sheet, read once. */
function sheetGreys(sheet) {
  if (!sheet.greys) {
    const { width, height } = sheet.bitmap;
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    context.drawImage(sheet.bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    sheet.greys = Uint8Array.from({ length: width * height }, (_, i) => data[4 * i]);
  }
  return sheet.greys;
}

/** Asks who answers at a place {x, y} (0 to 1 across the photo), and opens the channel that does so most. */
function askPlace(place) {
  view.place = { x: clamp(place.x, 0, 1), y: clamp(place.y, 0, 1) };
  view.by = "place";
  peek = null;
  $("[data-choice=sort]").value = view.by;
  show();
  openChannel(shown.order[0]);
  did({ place: view.layer });
}

/** Another photo has other things in that place. */
function forgetPlace() {
  if (view.by === "place") $("[data-choice=sort]").value = view.by = "index";
  view.place = null;
}

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** With the keyboard: Enter asks, shift and an arrow move the place by one unit. */
function movePlace(event) {
  const [across, down] = (event.shiftKey && MOVES[event.key]) || [0, 0];
  if (!shown || view.mode !== "where" || !(across || down || event.key === "Enter")) return;
  event.preventDefault();
  event.stopPropagation();
  const step = shown.layer.stride / study.picture.width, { x, y } = view.place ?? { x: 0.5, y: 0.5 };
  askPlace({ x: x + across * step, y: y + down * step });
}

/** A ring around the place, on the large picture. */
function paintPlace(canvas) {
  const context = canvas.getContext("2d");
  for (const [colour, width] of [["rgb(0 0 0 / .65)", 5], ["#ffffff", 2]]) {
    Object.assign(context, { strokeStyle: colour, lineWidth: width });
    context.beginPath();
    context.arc(view.place.x * VIEW, view.place.y * VIEW, 9, 0, 2 * Math.PI);
    context.stroke();
  }
}
