// A photo on its way through a network: its sheets come one by one, the open layer first, then its neighbours.

const PULLS_AT_ONCE = 3;

let study = { key: null, layers: [], sheets: new Map() };
let coming = study;  // the newest photo, which becomes the study once it is decoded; till then the former can be used
let drawnLayers = "";  // of the pyramid on the page; a photo that is overtaken while it is decoded draws none

const layerOf = (name) => study.layers.find((layer) => layer.name === name);
const openable = () => study.layers.filter(isOpenable);

/** How far along a layer is: 0 for the first convolution, 1 for the last. */
function depthOf(name) {
  const names = openable().filter(({ kind }) => kind !== "pooling").map((layer) => layer.name);
  const place = names.indexOf(name);
  return place < 0 ? null : place / (names.length - 1);
}

async function decode(uri) {
  return createImageBitmap(await (await fetch(uri)).blob());
}

async function begin() {
  if (!props.value?.key) return;
  if (props.value.key === coming.key) {
    if (study === coming && followLink(props.value)) openLayer(view.layer);
    return;
  }
  const fresh = { ...props.value, sheets: new Map(), asked: new Set() };
  coming = fresh;
  document.dispatchEvent(new CustomEvent("wk-photo", { detail: { source: fresh.source } }));
  fresh.picture = await decode(fresh.photo);
  if (coming !== fresh) return;
  study = fresh;
  const layers = fresh.layers.map((layer) => layer.name).join(), sameNetwork = layers === drawnLayers;
  drawnLayers = layers;
  if (!sameNetwork) view.channel = null;
  if (!layerOf(view.layer)) view.layer = fresh.first;
  forgetPlace();
  followLink(fresh);
  off = new Map();
  view.index = null;
  $(".maps").hidden = false;
  if (!sameNetwork) $(".pyramid").replaceChildren(drawPyramid(study.layers, openLayer));
  $$(".block.here").forEach((block) => block.classList.remove("here"));
  $(".maps").classList.toggle("mute", !study.answers);
  markLayer($(".pyramid"), view.layer);
  pairFollows();
  await pull(fresh, view.layer);
  await Promise.all(Array.from({ length: PULLS_AT_ONCE }, () => pullRest(fresh)));
}

async function pullRest(fresh) {
  for (let next = nearest(fresh); study === fresh && next; next = nearest(fresh)) await pull(fresh, next);
}

/** The layer not asked for yet that is nearest to the open one. */
function nearest(fresh) {
  const names = openable().map((layer) => layer.name), here = names.indexOf(view.layer);
  const left = names.filter((name) => !fresh.asked.has(name));
  return left.sort((a, b) => Math.abs(names.indexOf(a) - here) - Math.abs(names.indexOf(b) - here))[0];
}

async function pull(fresh, layer) {
  if (fresh.live || fresh.asked.has(layer)) return;
  fresh.asked.add(layer);
  const sheet = await server.sheet({ key: fresh.key, layer }).catch(() => null);
  if (study !== fresh) return;
  if (!sheet?.image) { if (layer === view.layer) wait("gone"); return; }
  sheet.bitmap = await decode(sheet.image);
  delete sheet.image;
  fresh.sheets.set(layer, sheet);
  $(`.block[data-layer="${layer}"]`)?.classList.add("here");
  if (layer === view.layer && study === fresh) show();
}

function wait(key) {
  $(".waiting").textContent = key ? text(key) : "";
  $(".stage").classList.toggle("stale", Boolean(key));
}

/** A picture of the camera, with the sheet of one layer: {key, photo, sheet}. */
async function receiveLive({ detail }) {
  if (!detail.sheet || !coming.picture) return;  // the photo that is to be followed is not even drawn
  const before = coming;
  const [picture, bitmap] = await Promise.all([decode(detail.photo), decode(detail.sheet.image)]);
  if (coming !== before) return;
  const { layer } = detail.sheet;
  coming = study = { ...study, key: detail.key, picture, live: true, sheets: new Map([[layer, { ...detail.sheet, image: null, bitmap }]]) };
  whys.clear();
  if (layer === view.layer) show();
}
