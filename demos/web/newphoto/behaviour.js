// A new photo: as the network sees it, where it looks, and the photo it has learnt from that is nearest.
// props.value: {seen: {uri, alt, caption, filename}, why?: {alt, caption, filename, size, map: size * size numbers in [0, 1]},
//               novelty?: {novel, title, words, note, uri, alt}}

const VIEW = 448;  // pixels of the painted picture

function figure(picture, { caption, filename }) {
  const made = make("figure", {}, picture, make("figcaption", {}, caption));
  pictureTools(made, () => picture, filename);
  return made;
}

/** The photo in grey and, over it, orange where something speaks for the class. */
function paint(canvas, photo, { map, size }) {
  Object.assign(canvas, { width: VIEW, height: VIEW });
  const context = canvas.getContext("2d"), over = new OffscreenCanvas(size, size), pixels = new ImageData(size, size);
  context.drawImage(photo, 0, 0, VIEW, VIEW);
  context.globalCompositeOperation = "saturation";
  context.fillStyle = "hsl(0 0% 50%)";
  context.fillRect(0, 0, VIEW, VIEW);
  context.globalCompositeOperation = "source-over";
  map.forEach((value, i) => pixels.data.set([...diverging(0.5 + 0.5 * value), 200 * value], 4 * i));
  over.getContext("2d").putImageData(pixels, 0, 0);
  context.drawImage(over, 0, 0, VIEW, VIEW);
}

async function pictures({ seen, why }) {
  const photo = make("img", { src: seen.uri, alt: seen.alt });
  await photo.decode();
  const figures = [figure(photo, seen)];
  if (why) {
    const canvas = make("canvas", { role: "img", "aria-label": why.alt });
    paint(canvas, photo, why);
    figures.push(figure(canvas, why));
  }
  return figures;
}

function novelty({ title, words, note, uri, alt }) {
  return [make("img", { src: uri, alt }), make("div", {}, make("b", {}, title), make("p", {}, words)), make("p", { class: "wk-caption" }, note)];
}

let turn = 0;
let example = null;  // the photo that was here first

async function show() {
  const shown = props.value || {}, mine = ++turn;
  const made = shown.seen ? await pictures(shown) : [];
  if (mine !== turn) return;  // another photo came while this one was decoded
  $(".pictures").replaceChildren(...made);
  $(".novelty").replaceChildren(...(shown.novelty ? novelty(shown.novelty) : []));
  $(".novelty").classList.toggle("novel", Boolean(shown.novelty?.novel));
  if (!shown.novelty) return;
  example ??= shown.seen.uri;
  if (shown.seen.uri !== example) did({ photo: shown.novelty.novel ? "novel" : "known" });  // of one that was chosen
}

watch("value", show);
show();
