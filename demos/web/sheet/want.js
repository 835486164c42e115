// What does the channel want? An image made so that it answers as strongly as it can, drawn on the server while one looks.
// 'wish' asks for one with {key, layer, channel, turn}; answers come as the DOM event wk-wish:
// {turn, done, image (data URI), step?, steps?, answer?, filter?} or {turn, gone: true}.

const ASK_AFTER_MS = 300;  // whoever walks past a channel does not want it drawn

const wishes = new Map();  // {bitmap, done, step, steps, answer, filter, state: "running" | "done" | "stopped"} by network, layer and channel
let wishTurn = 0, wishTimer = null, wishedFor = null;

const wishKey = () => `${study.network} ${view.layer} ${view.channel}`;

function drawWant() {
  const found = wishes.get(wishKey());
  $(".channel h3").textContent = text("want_title", { channel: view.channel, layer: view.layer });
  labelled($(".overlay"), $(".channel h3").textContent);
  clearTimeout(wishTimer);
  if (!found) wishTimer = setTimeout(() => view.mode === "want" && !wishes.has(wishKey()) && askWish(), ASK_AFTER_MS);
  paintWish($(".overlay"), found);
  $(".reading").textContent = readWish(found);
  const running = !found || found.state === "running";
  $(".wish progress").hidden = !running;
  $(".wish progress").value = found?.steps ? found.step / found.steps : 0;
  $(".wish button").hidden = found?.state === "done";
  $(".wish button").textContent = text(running ? "want_stop" : "want_again");
}

function readWish(found) {
  if (!found || (found.state === "running" && !found.bitmap)) return text("want_coming");
  if (!found.bitmap) return text("want_none");
  if (found.filter) return text("want_filter", { side: found.bitmap.width });
  if (found.state === "running") return text("want_running", found);
  if (found.answer <= 0) return text("want_silent");
  const photo = highest(shown.sheet, view.channel, true), key = found.state === "stopped" ? "stopped" : found.answer > photo ? "reading" : "weak";
  return text(`want_${key}`, { answer: figure(found.answer), photo: figure(photo) });
}

function paintWish(canvas, found) {
  Object.assign(canvas, { width: VIEW, height: VIEW });
  const context = canvas.getContext("2d");
  if (!found?.bitmap) {
    context.fillStyle = getComputedStyle(element).getPropertyValue("--wk-well");
    context.fillRect(0, 0, VIEW, VIEW);
    return;
  }
  Object.assign(context, { imageSmoothingEnabled: !found.filter, imageSmoothingQuality: "high" });
  context.drawImage(found.bitmap, 0, 0, VIEW, VIEW);
}

/** Asks for the open channel's picture; one that is on its way is given up. */
function askWish() {
  if (wishes.get(wishedFor)?.state === "running") wishes.delete(wishedFor);
  wishedFor = wishKey();
  wishTurn += 1;
  wishes.set(wishedFor, { state: "running" });
  trigger("wish", { key: study.key, layer: view.layer, channel: view.channel, turn: wishTurn });
  if (view.mode === "want") drawWant();
}

function stopWish() {
  if (wishes.get(wishKey())?.state !== "running") return askWish();
  endWish();
  trigger("wish_stopped", { turn: wishTurn });
}

/** What has come so far stays; nothing more is expected. */
function endWish() {
  wishTurn += 1;
  const found = wishes.get(wishedFor);
  if (found?.state === "running") wishes.set(wishedFor, { ...found, state: "stopped" });
  if (view.mode === "want") drawWant();
}

async function receiveWish({ detail }) {
  const key = wishedFor;
  if (detail.turn !== wishTurn) return;
  if (detail.gone) { wishes.delete(key); if (view.mode === "want") $(".reading").textContent = text("gone"); return; }
  const bitmap = await decode(detail.image);
  const now = wishes.get(key);
  if (detail.turn !== wishTurn || now?.state !== "running" || (now.step ?? -1) > (detail.step ?? 0)) return;
  wishes.set(key, { ...detail, image: null, bitmap, state: detail.done ? "done" : "running" });
  if (detail.done) did({ want: depthOf(key.split(" ").at(-2)) });
  if (view.mode === "want" && key === wishKey()) drawWant();
}

function buildWish() {
  return make("div", { class: "wish" }, make("progress", { max: 1, "aria-label": text("want_progress") }),
    make("button", { type: "button", class: "wk-button", onclick: stopWish }, text("want_stop")));
}
