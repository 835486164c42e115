// A second photo beside the first: the open channel and sheet of both on one scale, and how far apart they are in each layer.
// 'compared' asks with {key (of the first), second: {sample} | {file, name} | {change: "moved" | "mirrored"}, turn}; the DOM event
// wk-second answers with {turn, key, photo (data URI), differences: [{layer, place, content}]}.

const CHANGES = ["moved", "mirrored"];
const PROFILE = { least: 110, margin: 8 };  // pixels on the screen; units above and below
const NO_SECOND = { key: null, picture: null, sheets: new Map(), differences: [] };

let second = NO_SECOND, secondChoice = null, secondTurn = 0;

const pairOpen = () => $(".pair").open;

function buildPair() {
  $(".pair summary").textContent = text("pair.title");
  $(".pair .about").textContent = text("pair.about");
  const choice = (label, chosen, word) => make("button", {
    type: "button", class: word ? "other word" : "other", "data-choice": JSON.stringify(chosen),
    title: label, "aria-label": label, "aria-pressed": "false", onclick: () => chooseSecond(chosen) }, word ? label : "");
  const input = make("input", { type: "file", accept: "image/*,.heic,.heif", class: "wk-visually-hidden", onchange: () => sendSecond(input) });
  $(".seconds").setAttribute("aria-label", text("pair.choose"));
  $(".seconds").append(
    ...CHANGES.map((change) => choice(text(`pair.${change}`), { change }, true)),
    ...props.samples.map((sample) => choice(props.names[sample] ?? sample, { sample }, false)),
    make("label", { class: "wk-button" }, text("pair.own"), input));
  for (const which of ["first", "second"]) {
    const one = make("canvas", { class: "one", width: VIEW, height: VIEW }), all = make("canvas", { class: "all" });
    const panel = make("figure", {}, one, make("figcaption", {})), sheet = make("figure", {}, all, make("figcaption", {}, text("pair.all")));
    $(".both").append(make("div", { class: which }, make("h4", {}, text(`pair.${which}`)), panel, sheet));
    pictureTools(panel, () => one, () => `${view.layer}-${view.channel}-${which}`);
    pictureTools(sheet, () => all, () => `${view.layer}-${which}`);
  }
  $(".pair").addEventListener("toggle", openPair);
}

async function openPair() {
  if (!pairOpen()) return;
  if (!secondChoice) chooseSecond({ sample: props.second });
  else if (second.of !== study.key) chooseSecond(secondChoice);
  else drawPair();
  const pictures = await server.thumbnails();
  for (const each of $$(".other")) {
    const picture = pictures[JSON.parse(each.dataset.choice).sample];
    if (picture) each.style.backgroundImage = `url(${picture})`;
  }
}

async function sendSecond(input) {
  const [file] = input.files;
  input.value = "";
  if (file) chooseSecond({ file: (await upload(file)).path, name: file.name });
}

function chooseSecond(chosen) {
  secondChoice = chosen;
  secondTurn += 1;
  for (const each of $$(".other")) each.setAttribute("aria-pressed", each.dataset.choice === JSON.stringify(chosen));
  $(".both").classList.add("stale");
  trigger("compared", { key: study.key, second: chosen, turn: secondTurn });
}

/** The first photo has changed: the second is compared with the new one. */
function pairFollows() {
  if (pairOpen() && secondChoice) chooseSecond(secondChoice);
}

async function receiveSecond({ detail }) {
  if (detail.turn !== secondTurn) return;
  const picture = detail.key === second.key ? second.picture : await decode(detail.photo);
  if (detail.turn !== secondTurn) return;
  const sheets = detail.key === second.key ? second.sheets : new Map();
  second = { key: detail.key, of: study.key, picture, sheets, differences: detail.differences };
  $(".both").classList.remove("stale");
  drawPair();
}

/** The second photo's sheet of the open layer; null while it is on its way. */
function secondSheet() {
  const { key, sheets } = second, layer = view.layer;
  if (!sheets.has(layer)) {
    sheets.set(layer, null);
    server.sheet({ key, layer }).then(async (sheet) => {
      if (sheet?.image) sheets.set(layer, { ...sheet, image: null, bitmap: await decode(sheet.image) });
      if (second.key === key) drawPair();
    }, () => sheets.delete(layer));
  }
  return sheets.get(layer);
}

function drawPair() {
  if (!pairOpen() || !shown || !second.key || second.of !== study.key) return;
  if (!$(".both").clientWidth) return;  // of a tab that one has left: drawn when it is seen again
  drawProfile();
  const other = secondSheet();
  if (!other) return;
  const { sheet, relu, order } = shown, channel = view.channel;
  const scales = fullScales(sheet, relu, false).map((own, i) => Math.max(own, reach(other.statistics, i, relu)));
  [[".first", sheet, study.picture], [".second", other, second.picture]].forEach(([which, each, picture]) => {
    const panel = $(`.both > ${which}`), values = levels(each, channel, relu, scales[channel]);
    paintOverlay($(".one", panel), picture, Float32Array.from(greyOf(each, channel), (level) => values[level]), each.size, view.strength, null);
    labelled($(".one", panel), `${$("h4", panel).textContent}, ${text("channel_of", { channel, layer: view.layer })}`);
    $("figcaption", panel).textContent = text("pair.reading", { channel, answer: figure(highest(each, channel, relu)) });
    const canvas = $(".all", panel);
    paintTiles(canvas, each, arrange(each, panel.clientWidth, 1), order, scales, relu);
    labelled(canvas, `${$("h4", panel).textContent}, ${view.layer}`);
  });
}

/** Two lines along the layers, each layer where the pyramid has it. */
function drawProfile() {
  const found = new Map(second.differences.map((each) => [each.layer, each])), lines = $(".profile .lines");
  const tall = Math.max(150, (PROFILE.least * PYRAMID.width) / lines.clientWidth), floor = tall - PROFILE.margin;
  const y = (share) => floor - share * (floor - PROFILE.margin);
  const { places, across } = placesOf(study.layers, found);
  const known = places.filter((place) => place.difference);
  const level = (share) => make("line", { class: "level", x1: 0, x2: across, y1: y(share), y2: y(share) });
  const line = (kind) => make("polyline", { class: kind, points: known.map((place) => `${place.middle},${y(place.difference[kind])}`).join(" ") });
  const dot = (kind, place) => make("circle", { class: kind, cx: place.middle, cy: y(place.difference[kind]), r: place.layer.name === view.layer ? 5 : 2.5 });
  lines.replaceChildren(
    make("svg", { viewBox: `0 0 ${across} ${tall}`, role: "img", "aria-label": text("pair.profile") },
      ...places.filter((place) => isOpenable(place.layer)).map((place) => make("rect", { class: place.layer.name === view.layer ? "column open" : "column",
        x: place.middle - place.width / 2, y: 0, width: place.width, height: tall, onclick: () => openLayer(place.layer.name) })),
      level(0), level(1), ...["place", "content"].flatMap((kind) => [line(kind), ...known.map((place) => dot(kind, place))])),
    make("span", { class: "far" }, text("pair.far")), make("span", { class: "near" }, text("pair.near")));
  const here = found.get(view.layer);
  const row = (kind) => make("p", {}, make("i", { class: `key ${kind}` }), text(`pair.${kind}`, { layer: view.layer, value: number(here[kind]) }));
  const axes = make("p", {}, text("pair.axes", { first: known[0]?.layer.name, last: known.at(-1)?.layer.name }));
  $(".profile figcaption").replaceChildren(...(known.length ? [axes] : []), ...(here ? [row("place"), row("content")] : [text("pair.coming")]));
}

/** Where the pyramid has each layer: its middle and its share of the width. */
function placesOf(layers, differences) {
  const widths = layerWidths(layers);
  let x = PYRAMID.gap;
  const places = layers.map((layer, i) => {
    const middle = x + widths[i] / 2;
    x += widths[i] + PYRAMID.gap;
    return { layer, middle, width: widths[i] + PYRAMID.gap, difference: differences.get(layer.name) };
  });
  return { places, across: x };
}
