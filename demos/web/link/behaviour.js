// The link of what is shown: whoever opens it finds the same settings. Its QR code, and the way back to the beginning.
// props.tab is the tab's name; props.value, as an object or as its JSON: {settings?: {key: value}, told?: a sentence about
// the link that was opened}. A tab that knows its settings in the browser tells them by tellLink() in common.js:
// {settings?, refused?: [names that no control allows], own?: whether a photo of one's own is left out}.
// Fires 'opened' once, when its tab is first seen, with the settings of the page's own address if it is a link to this
// tab: {asked: {key: text}}, else {asked: null}. Nothing of it is checked here: see demos/_links.py.
// Fires 'anew' with {asked: {}}, and the document's event wk-anew with {tab, panel}, when all in this tab is to be as at first.

const HERE_ONLY = ["localhost", "127.0.0.1", "[::1]"];
let copied = null;  // the link that was copied last
const field = $(".address input"), copyButton = $(".copy"), dialog = $(".code");

/** The address of this page with these settings. */
function address(settings) {
  const words = new URLSearchParams({ tab: props.tab, ...settings });
  return `${location.origin}${location.pathname}?${words}`;
}

function show() {
  const value = (typeof props.value === "string" ? JSON.parse(props.value || "{}") : props.value) ?? {};
  const here = window.wkLinks?.[props.tab] ?? {}, settings = here.settings ?? value.settings;
  $(".address").hidden = copyButton.hidden = $(".show-code").hidden = !settings;
  if (settings) field.value = address(settings);
  const refused = here.refused?.length ? text("refused", { names: here.refused.join(", ") }) : null;
  const local = copied === field.value && HERE_ONLY.includes(location.hostname) ? text("code_local") : null;
  const told = [value.told, refused, here.own ? text("own") : null, local].filter(Boolean);
  if (told.join() !== $$(".told p").map((each) => each.dataset.said).join()) {
    $(".told").replaceChildren(...told.map((said) => make("p", { "data-said": said }, said)));
    $(".told").hidden = !told.length;
  }
  copyButton.textContent = text("copy");
}

/** To the clipboard; where the browser gives none (no https), the text is selected to be copied by hand. */
async function copy() {
  field.select();
  copied = field.value;
  show();
  const done = await navigator.clipboard?.writeText(field.value).then(() => true, () => false);
  copyButton.textContent = text(done || document.execCommand("copy") ? "copied" : "by_hand");
}

async function showCode() {
  const squares = await server.code(field.value);
  $(".squares").innerHTML = squares;
  if (!squares) $(".squares").textContent = text("code_long");
  $(".where").textContent = field.value;
  $(".local").hidden = !HERE_ONLY.includes(location.hostname);
  dialog.showModal();
}

function beginAnew() {
  trigger("anew", { asked: {} });
  document.dispatchEvent(new CustomEvent("wk-anew", { detail: { tab: props.tab, panel: element.closest("[role=tabpanel]") } }));
}

/** What the page's address asks of this tab; once, so that a tab built again does not ask again. */
function asked() {
  const words = askedOf(props.tab);
  if (!words || window.wkLinkRead) return null;
  window.wkLinkRead = true;
  return words;
}

$(".label").textContent = text("label");
$(".show-code").textContent = text("code");
$(".anew").textContent = text("anew");
$(".anew").title = text("anew_hint");
$(".code h3").textContent = text("code_title");
dialog.setAttribute("aria-label", text("code_title"));
$(".local").textContent = text("code_local");
$(".close").textContent = text("close");
field.addEventListener("focus", () => field.select());
copyButton.addEventListener("click", copy);
$(".show-code").addEventListener("click", showCode);
$(".anew").addEventListener("click", beginAnew);
$(".close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
document.addEventListener("wk-link", (event) => event.detail.tab === props.tab && show());
watch("value", show);
show();
trigger("opened", { asked: asked() });
