// The Leung-Malik bank: hover names a filter, a click slides it over the picture of the live engine.
// props.value: {turn, filter: index or null, image: data URI, reach} as demos/kernels_bank.py answers.

const PICTURE = "#kernel .photo canvas", PICTURE_TITLE = "#kernel .photo-caption";
// One for each angle from level, counter-clockwise; of about the same brightness
const ANGLES = [[230, 97, 92], [206, 152, 44], [98, 178, 84], [46, 172, 184], [96, 136, 234], [192, 104, 204]];

const montage = $(".montage"), canvas = $(".answer canvas");
let turn = 0, picture = "";

function nameOf(index) {
  const { kind, sigma, angle } = props.filters[index];
  return text(`kinds.${kind}`, { sigma: number(sigma, 1), angle });
}

const directed = (angle, clear) => ANGLES[Math.min(angle, ANGLES.length - 1)].map((part) => (part * clear) / 255);

/** Red is the number of the angle, green how clear it is. */
async function directedPixels(uri) {
  const pixels = await pixelsOf(uri);
  for (let i = 0; i < pixels.data.length; i += 4) pixels.data.set(directed(pixels.data[i], pixels.data[i + 1]), i);
  return pixels;
}

function say(index) {
  $(".filter-name").textContent = index == null ? "" : nameOf(index);
}

/** The filter that was chosen last; null for the directions. */
function pressed() {
  const chosen = $(".filter[aria-pressed=true]");
  return chosen && Number(chosen.dataset.filter);
}

function ask(index) {
  const source = document.querySelector(PICTURE);
  picture = document.querySelector(PICTURE_TITLE)?.textContent.split(",")[0] ?? "";
  for (const each of $$(".filter")) each.setAttribute("aria-pressed", Number(each.dataset.filter) === index);
  $(".which").setAttribute("aria-pressed", index == null);
  say(index);
  $(".answer").classList.add("waiting");
  $(".caption").textContent = text("waiting");
  trigger("apply", { filter: index, picture: source.toDataURL("image/jpeg", 0.95), turn: ++turn });
}

async function show() {
  const answer = props.value;
  if (!answer || answer.turn !== turn) return;
  const directions = answer.filter == null;
  const pixels = await (directions ? directedPixels : signedPixels)(answer.image);
  if (answer.turn !== turn) return;
  Object.assign(canvas, { width: pixels.width, height: pixels.height });
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  $(".wheel").hidden = !directions;
  $(".caption").textContent = directions ? text("orientation_caption", { picture })
    : text("response_caption", { filter: nameOf(answer.filter), picture, reach: number(answer.reach, answer.reach < 0.1 ? 3 : 2) });
  labelled(canvas, $(".caption").textContent);
  $(".answer").classList.remove("waiting");
}

/** One button for each filter, empty at first; arrow keys move among them, the tab key leaves. */
function buildMontage() {
  montage.append(...props.order.map((i) => make("button", { type: "button", class: "filter", "data-filter": i, title: nameOf(i),
    "aria-label": nameOf(i), "aria-pressed": "false", tabindex: i === props.first ? 0 : -1,
    onclick: () => ask(i), onmouseenter: () => say(i), onfocus: () => say(i) }, make("canvas", { "aria-hidden": "true" }))));
  montage.addEventListener("mouseleave", () => say(pressed()));
  montage.addEventListener("keydown", move);
}

async function fillMontage() {
  const sheet = await signedPixels(await server.bank_sheet());
  const side = sheet.height;
  for (const each of $$(".filter")) {
    const i = Number(each.dataset.filter), icon = each.firstChild;
    Object.assign(icon, { width: side, height: side });
    icon.getContext("2d").putImageData(sheet, -side * i, 0, side * i, 0, side, side);
  }
}

function move(event) {
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -props.columns, ArrowDown: props.columns }[event.key];
  const filters = $$(".filter"), at = filters.indexOf(event.target);
  if (!by || at < 0) return;
  event.preventDefault();
  const to = filters[at + by];
  if (!to) return;
  filters.forEach((each) => { each.tabIndex = each === to ? 0 : -1; });
  to.focus();
}

/** Six lines through one point, each as the picture runs and in its colour. */
function wheel() {
  const lines = ANGLES.map((colour, i) => {
    const angle = (i * Math.PI) / ANGLES.length, [x, y] = [30 * Math.cos(angle), -30 * Math.sin(angle)];
    return make("line", { x1: -x, y1: -y, x2: x, y2: y, stroke: `rgb(${colour})`, "stroke-width": 7, "stroke-linecap": "round" });
  });
  return make("svg", { viewBox: "-38 -38 76 76", role: "img", "aria-label": text("wheel") }, ...lines);
}

$(".hint").textContent = text("hint");
$(".rows").textContent = text("rows");
montage.setAttribute("aria-label", text("montage"));
buildMontage();
$(".wheel").append(wheel());
$(".ask").append(make("button", { type: "button", class: "wk-button which", title: text("orientation_hint"), "aria-pressed": "false",
  onclick: () => ask(null) }, text("orientation")));
pictureTools($(".answer"), () => canvas, () => (pressed() == null ? "directions" : `filter-${pressed() + 1}`));
watch("value", show);
let opened = false;
onVisible((visible) => {
  if (!visible || opened) return;
  opened = true;
  ask(props.first);
  fillMontage();
});
