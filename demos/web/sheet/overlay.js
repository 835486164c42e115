// One channel, large: its map laid over the photo, and what it looked at where it answered strongest.

const VIEW = 448;  // pixels of the channel's canvas

/** The square of the photo that one unit depends on, in photo pixels; it may reach over the edge. */
function fieldOf(layer, column, row) {
  const corner = (index) => layer.start + index * layer.stride - (layer.field - 1) / 2;
  return { x: corner(column), y: corner(row), side: layer.field };
}

/** The unit whose field is centred nearest to a place on the photo (in photo pixels). */
function unitAt(layer, size, x, y) {
  const index = (place) => clamp(Math.round((place - 0.5 - layer.start) / layer.stride), 0, size - 1);
  return { column: index(x), row: index(y) };
}

/** The unit with the highest grey level. */
function peakOf(grey, size) {
  let best = 0;
  for (let i = 1; i < grey.length; i++) if (grey[i] > grey[best]) best = i;
  return { column: best % size, row: Math.floor(best / size) };
}

/** Photo and map together: `strength` 0 is the photo, 1 the map; in between, the map shows where it answers. `field` is a square to mark, or null. */
function paintOverlay(canvas, photo, map, size, strength, field) {
  Object.assign(canvas, { width: VIEW, height: VIEW });
  const context = canvas.getContext("2d");
  context.drawImage(photo, 0, 0, VIEW, VIEW);
  mute(context, Math.min(1, 2 * strength));
  context.imageSmoothingEnabled = false;
  context.drawImage(coloured(map, size, strength), 0, 0, VIEW, VIEW);
  if (!field) return;
  const scale = VIEW / photo.width;
  for (const [colour, width] of [["rgb(0 0 0 / .65)", 5], ["#ffffff", 2]]) {
    Object.assign(context, { strokeStyle: colour, lineWidth: width });
    context.strokeRect(field.x * scale, field.y * scale, field.side * scale, field.side * scale);
  }
}

/** Takes colour and light from the photo, so that the map's colours stand out on it. */
function mute(context, amount) {
  context.globalCompositeOperation = "saturation";
  context.fillStyle = `hsl(0 0% 50% / ${0.85 * amount})`;
  context.fillRect(0, 0, VIEW, VIEW);
  context.globalCompositeOperation = "source-over";
  context.fillStyle = `rgb(0 0 0 / ${0.3 * amount})`;
  context.fillRect(0, 0, VIEW, VIEW);
}

/** The map as a small picture: see-through where it is silent, unless it is to stand alone. */
function coloured(map, size, strength) {
  const canvas = new OffscreenCanvas(size, size), pixels = new ImageData(size, size);
  const alone = Math.max(0, 2 * strength - 1), slope = Math.min(1, 2 * strength);
  map.forEach((value, i) => {
    const far = Math.abs(value);
    // Over the photo a pale tint would be lost: there, colour begins at half its depth
    const depth = far + 0.5 * (1 - alone) * (1 - far);
    const cover = alone + (1 - alone) * slope * Math.min(1, 1.15 * far ** 0.9);
    pixels.data.set([...diverging(Math.sign(value) * depth), 255 * cover], 4 * i);
  });
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return canvas;
}

/** The part of the photo inside a field; beyond the photo's edge the network saw only zeros, drawn grey. */
function paintPatch(canvas, photo, field) {
  const side = Math.max(1, Math.round(field.side));
  Object.assign(canvas, { width: side, height: side });
  const context = canvas.getContext("2d");
  context.fillStyle = "#8a8f8e";
  context.fillRect(0, 0, side, side);
  context.drawImage(photo, Math.round(-field.x), Math.round(-field.y));
}
