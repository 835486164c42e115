// Channels switched off: which they are, and telling the server, whose answer goes to the bars.

const TELL_MS = 60, ANSWER_MS = 3000;

let turn = 0;         // counts what the server was told, so that it can leave out what is out of date
let telling = null;   // waits a moment, for a sweep switches off many
let asking = null;    // waits for the answer to the last turn
let isTold = true;    // whether the server knows what is off now
let off = new Map();  // the channels that are off, by layer
let sweep = null;     // while the pointer sweeps over tiles: {toOff, x, y} of where it was last

const isOff = (layer, channel) => off.get(layer)?.has(channel) ?? false;
const countOff = () => [...off.values()].reduce((sum, channels) => sum + channels.size, 0);

function switchChannels(channels, toOff) {
  const changed = channels.filter((channel) => isOff(view.layer, channel) !== toOff);
  if (!changed.length) return;
  const silent = off.get(view.layer) ?? new Set();
  for (const channel of changed) toOff ? silent.add(channel) : silent.delete(channel);
  off.set(view.layer, silent);
  tellSwitches();
}

function restoreAll() {
  off = new Map();
  tellSwitches();
}

/** Draws what is off and asks for the answer without it, one question at a time. */
function tellSwitches() {
  showSwitches();
  isTold = false;
  telling ??= setTimeout(() => { telling = null; if (!asking) ask(); }, TELL_MS);
}

/** Asks the server, and once more if no answer comes. */
function ask(again = false) {
  isTold = true;
  turn += 1;
  const channels = Object.fromEntries([...off].map(([layer, silent]) => [layer, [...silent]]));
  asking = setTimeout(() => { asking = null; if (!isTold || !again) ask(isTold); }, ANSWER_MS);
  trigger("silenced", { key: study.key, off: channels, turn });
}

function receiveSwitched({ detail }) {
  if (detail.turn !== turn) return;
  clearTimeout(asking);
  asking = null;
  if (!isTold && !telling) ask();
}

function showSwitches() {
  const count = countOff();
  $(".switched").hidden = !study.answers || (!view.sweeping && !count);
  $(".switched").replaceChildren(
    make("span", {}, text(count ? "off_count" : "off_help", { count })),
    ...(count ? [make("button", { type: "button", class: "wk-button restore", onclick: restoreAll }, text("restore"))] : []));
  for (const block of $$(".block")) block.classList.toggle("muted", Boolean(off.get(block.dataset.layer)?.size));
  const button = $(".switch");
  button.hidden = !study.answers;
  button.textContent = text(isOff(view.layer, view.channel) ? "switch_on" : "switch_off");
  button.setAttribute("aria-pressed", isOff(view.layer, view.channel));
  if (shown) drawOff();
}

/** Covers the tiles that are off, on a canvas of their own above the sheet. */
function drawOff() {
  const canvas = $(".off-tiles"), { plan, order } = shown, tiles = $(".tiles");
  Object.assign(canvas, { width: tiles.width, height: tiles.height });
  canvas.style.width = tiles.style.width;
  const context = canvas.getContext("2d");
  const colours = getComputedStyle(element);
  order.forEach((channel, place) => {
    if (!isOff(view.layer, channel)) return;
    const [left, top] = corner(plan, place), { side } = plan;
    Object.assign(context, { fillStyle: colours.getPropertyValue("--wk-quiet"), strokeStyle: colours.getPropertyValue("--wk-panel"), lineWidth: Math.max(1, side / 14) });
    context.fillRect(left, top, side, side);
    context.beginPath();
    context.moveTo(left + side * 0.25, top + side * 0.75);
    context.lineTo(left + side * 0.75, top + side * 0.25);
    context.stroke();
  });
}

/** Switches every tile between the pointer's last place and this one: a fast hand skips none. */
function sweepOver(event) {
  if (!shown) return;
  const from = sweep ?? { x: event.clientX, y: event.clientY };
  const step = shown.plan.step / shown.plan.ratio / 3;
  const count = Math.max(1, Math.ceil(Math.hypot(event.clientX - from.x, event.clientY - from.y) / step));
  const channels = [];
  for (let i = 1; i <= count; i++) {
    const clientX = from.x + ((event.clientX - from.x) * i) / count, clientY = from.y + ((event.clientY - from.y) * i) / count;
    const place = placeAt($(".tiles"), shown.plan, shown.order, { clientX, clientY });
    if (place != null) channels.push(shown.order[place]);
  }
  const toOff = sweep?.toOff ?? (channels.length > 0 && !isOff(view.layer, channels[0]));
  sweep = { toOff, x: event.clientX, y: event.clientY };
  switchChannels(channels, toOff);
  if (channels.length) openChannel(channels.at(-1));
}

function listenForSweeps(canvas) {
  canvas.addEventListener("pointerdown", (event) => {
    if (!view.sweeping) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    sweepOver(event);
  });
  canvas.addEventListener("pointermove", (event) => { if (sweep) sweepOver(event); });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { sweep = null; });
}
