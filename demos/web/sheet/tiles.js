// All channels of a layer on one canvas. Only this file knows where a channel is drawn.

const MOST_PIXELS = 12e6;  // of the canvas; a denser screen then gets one pixel a point

/** Where the tiles go: as many columns as make the sheet square, fewer when zoomed in. */
function arrange(sheet, width, zoom) {
  const columns = Math.max(1, Math.round(sheet.columns / zoom));
  const rows = Math.ceil(sheet.statistics.max.length / columns);
  const sharp = Math.min(2, window.devicePixelRatio || 1);
  const ratio = width * sharp * width * sharp * (rows / columns) <= MOST_PIXELS ? sharp : 1;
  const across = Math.floor(width * ratio), step = across / columns;
  const gap = step / ratio < 12 ? 1 : Math.round(2 * ratio);
  return { columns, rows, ratio, across, step, side: Math.max(1, Math.floor(step) - gap) };
}

/** The top left corner of the tile at a place in the order, in pixels of the canvas. */
const corner = (plan, place) =>
  [Math.round((place % plan.columns) * plan.step), Math.round(Math.floor(place / plan.columns) * plan.step)];

/** Draws the sheet; grey is averaged before it is coloured, so that thin lines keep their value. */
function paintTiles(canvas, sheet, plan, order, scales, relu) {
  const { rows, step, side, across } = plan;
  Object.assign(canvas, { width: across, height: Math.round(rows * step) });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingEnabled = side < sheet.size;
  context.imageSmoothingQuality = "medium";
  order.forEach((channel, place) => {
    context.drawImage(sheet.bitmap, ...origin(sheet, channel), sheet.size, sheet.size, ...corner(plan, place), side, side);
  });
  const data = context.getImageData(0, 0, canvas.width, canvas.height);
  const pixels = new Uint32Array(data.data.buffer);
  order.forEach((channel, place) => {
    const colours = Uint32Array.from(levels(sheet, channel, relu, scales[channel]),
      (value) => COLOURS[Math.round(value * LEVELS) + LEVELS]);
    const [left, top] = corner(plan, place);
    for (let y = top; y < top + side; y++) {
      const end = y * canvas.width + left + side;
      for (let at = y * canvas.width + left; at < end; at++) pixels[at] = colours[pixels[at] & 255];
    }
  });
  context.putImageData(data, 0, 0);
}

/** Where a channel's map begins in the sheet's own picture. */
const origin = (sheet, channel) =>
  [(channel % sheet.columns) * sheet.pitch, Math.floor(channel / sheet.columns) * sheet.pitch];

/** The place in the order of the tile under a pointer; null between and beside the tiles. */
function placeAt(canvas, plan, order, event) {
  const box = canvas.getBoundingClientRect();
  const column = Math.floor(((event.clientX - box.left) / box.width) * plan.columns);
  const row = Math.floor(((event.clientY - box.top) / box.height) * plan.rows);
  const place = row * plan.columns + column;
  return column >= 0 && column < plan.columns && row >= 0 && place < order.length ? place : null;
}

/** A channel's grey levels, (size x size), row by row. */
function greyOf(sheet, channel) {
  const canvas = new OffscreenCanvas(sheet.size, sheet.size);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(sheet.bitmap, ...origin(sheet, channel), sheet.size, sheet.size, 0, 0, sheet.size, sheet.size);
  const { data } = context.getImageData(0, 0, sheet.size, sheet.size);
  return Uint8Array.from({ length: sheet.size ** 2 }, (_, i) => data[4 * i]);
}
