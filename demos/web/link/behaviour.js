// The link of what is shown: whoever opens it finds the same settings.
// props.tab is the tab's name; props.value: {settings?: {key: value}, told?: a sentence about the link that was opened}.
// Fires 'opened' once, when its tab is first seen, with the settings of the page's own address if it is a link to this
// tab: {asked: {key: text}}, else {asked: null}. Nothing of it is checked here: see demos/_links.py.

const root = $(".link"), field = $(".address input"), copyButton = $(".copy");

/** The address of this page with these settings. */
function address(settings) {
  const words = new URLSearchParams({ tab: props.tab, ...settings });
  return `${location.origin}${location.pathname}?${words}`;
}

function show() {
  const { settings, told } = props.value ?? {};
  root.hidden = !settings && !told;
  $(".address").hidden = copyButton.hidden = !settings;
  if (settings) field.value = address(settings);
  $(".told").textContent = told ?? "";
  $(".told").hidden = !told;
  copyButton.textContent = text("copy");
}

/** To the clipboard; where the browser gives none (no https), the text is selected to be copied by hand. */
async function copy() {
  field.select();
  const done = await navigator.clipboard?.writeText(field.value).then(() => true, () => false);
  copyButton.textContent = text(done || document.execCommand("copy") ? "copied" : "by_hand");
}

/** What the page's address asks of this tab; once, so that a tab built again does not ask again. */
function asked() {
  const words = new URLSearchParams(location.search);
  if (words.get("tab") !== props.tab || window.wkLinkRead) return null;
  window.wkLinkRead = true;
  words.delete("tab");
  return Object.fromEntries(words);
}

$(".label").textContent = text("label");
field.addEventListener("focus", () => field.select());
copyButton.addEventListener("click", copy);
watch("value", show);
show();
trigger("opened", { asked: asked() });
