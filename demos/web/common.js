// Put before every behaviour.js by demos/web/__init__.py. One visual language for all components.
// In scope from Gradio: element, trigger, props, server, upload, watch.

const $ = (selector, root = element) => root.querySelector(selector);
const $$ = (selector, root = element) => [...root.querySelectorAll(selector)];
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** The text at a dotted key of props.texts, its {placeholders} filled. */
function text(key, values = {}) {
  const found = key.split(".").reduce((group, part) => group?.[part], props.texts) ?? props.common[key] ?? key;
  return String(found).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

/** A number as people write it: a real minus sign, a fixed number of decimals. */
function number(value, decimals = 2) {
  const rounded = Number(value).toFixed(decimals);
  return (Number(rounded) === 0 ? rounded.replace("-", "") : rounded).replace("-", "\u2212");
}

/** A probability as people read it: never a false 0 or 100. */
function probability(share) {
  if (share < 0.0005) return "<\u202f0.1\u202f%";
  if (share > 0.9995) return ">\u202f99.9\u202f%";
  return percent(share, share > 0.0995 && share < 0.9005 ? 0 : 1);
}

/** A whole number with thin spaces between its thousands. */
const grouped = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, "\u202f");

const percent = (share, decimals = 0) => `${number(100 * share, decimals)}\u202f%`;

// Signed values: blue below zero, near-white at zero, orange-red above; told apart by colour-blind eyes too.
const DIVERGING = [[5, 48, 97], [67, 147, 195], [247, 247, 247], [224, 120, 60], [127, 39, 4]];

/** The colour [r, g, b] (0 to 255) of a signed value in [-1, 1]. */
function diverging(value) {
  const place = (clamp(value, -1, 1) + 1) * 2;
  const lower = Math.min(3, Math.floor(place));
  return DIVERGING[lower].map((start, i) => start + (DIVERGING[lower + 1][i] - start) * (place - lower));
}

/** Black or white, whichever is easier to read on a ground [r, g, b] (0 to 255): a contrast of 4.5 or more on any (WCAG). */
function inkOn(ground) {
  const linear = ground.map((level) => (level > 10 ? ((level / 255 + 0.055) / 1.055) ** 2.4 : level / 255 / 12.92));
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.179 ? "#000000" : "#ffffff";
}

/** How to scroll: at once for those who asked for less motion. */
const scrolling = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth");

/** A grey picture at a data URI as ImageData in these colours: 128 is zero, 1 is -1 and 255 is 1. */
async function signedPixels(uri) {
  const pixels = await pixelsOf(uri);
  const colours = Array.from({ length: 256 }, (_, level) => diverging((level - 128) / 127));
  for (let i = 0; i < pixels.data.length; i += 4) pixels.data.set(colours[pixels.data[i]], i);
  return pixels;
}

/** The picture at a data URI as ImageData. */
async function pixelsOf(uri) {
  const image = await createImageBitmap(await (await fetch(uri)).blob());
  const context = Object.assign(make("canvas"), { width: image.width, height: image.height }).getContext("2d");
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, image.width, image.height);
}

/** The same scale as a CSS gradient, for legends. */
const divergingGradient = () =>
  `linear-gradient(90deg, ${DIVERGING.map((colour) => `rgb(${colour.join(",")})`).join(", ")})`;

/** An element with attributes and children: make("p", {class: "x"}, "text", otherElement). */
function make(tag, attributes = {}, ...children) {
  const svg = ["svg", "path", "line", "text", "circle", "g", "rect", "polyline"].includes(tag);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

/** Calls shown(true) while the component can be seen and shown(false) while it cannot. */
function onVisible(shown) {
  const observer = new IntersectionObserver((entries) => shown(entries.at(-1).isIntersecting));
  observer.observe(element);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) shown(false);
    else observer.unobserve(element), observer.observe(element);
  });
}

/** Tells those who hear the page what is drawn here; before there is anything to see, there is nothing to tell. */
function labelled(picture, name) {
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", name);
}

/** The bytes of a picture (img or canvas) as a PNG blob. */
async function pictureBlob(picture) {
  if (picture instanceof HTMLCanvasElement) return new Promise((done) => picture.toBlob(done, "image/png"));
  return (await fetch(picture.currentSrc || picture.src)).blob();
}

/** Why a file did not arrive: the server's own sentence where it gave one, else `words`. */
function notSent(words) {
  const told = window.whiskersNoRoom;
  window.whiskersNoRoom = null;
  return told || words;
}

/** Offers a blob as a download. */
function download(blob, filename) {
  const link = make("a", { href: URL.createObjectURL(blob), download: filename });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** Adds Enlarge, Save and "Use in ..." to a figure; `picture` gives the img or canvas when asked. */
function pictureTools(figure, picture, filename) {
  const enlarge = async () => {
    const source = picture();
    if (!source || source.hidden) return;
    const url = URL.createObjectURL(await pictureBlob(source));
    const shown = make("img", { src: url, alt: source.getAttribute("aria-label") || source.alt || "" });
    shown.style.filter = getComputedStyle(source).filter;
    const dialog = make("dialog", { class: "wk-dialog", "aria-label": text("enlarged") },
      shown, make("button", { class: "wk-button", onclick: () => dialog.close() }, text("close")));
    dialog.addEventListener("click", (event) => event.target !== shown && dialog.close());
    dialog.addEventListener("close", () => { URL.revokeObjectURL(url); dialog.remove(); });
    document.body.append(dialog);
    dialog.showModal();
  };
  const file = async () => {
    const source = picture();
    if (!source || source.hidden) return null;
    const blob = await pictureBlob(source);
    if (!blob.type.startsWith("image/")) return null;  // an img that has been given no picture yet
    const name = typeof filename === "function" ? filename() : filename;
    return new File([blob], `${name}.${blob.type.split("/")[1].replace("jpeg", "jpg")}`, { type: blob.type });
  };
  const save = async () => {
    const found = await file();
    if (found) download(found, found.name);
  };
  const use = (event) => whiskersCarry.offer(
    event.currentTarget, Object.fromEntries(whiskersCarry.tabs.map((tab) => [tab, text(`use_in_${tab}`)])), file);
  const tool = (label, sign, action, more = {}) =>
    make("button", { type: "button", class: "wk-tool", title: label, "aria-label": label, onclick: action, ...more }, sign);
  figure.append(make("div", { class: "wk-tools" },
    tool(text("enlarge"), "\u2922", enlarge), tool(text("save"), "\u2913", save),
    tool(text("use_in"), "\u2192", use, { "aria-haspopup": "menu", "aria-expanded": "false" })));
}

/** What the page's own address asks of a tab, as words by name; null when it is no link to this tab. */
function askedOf(tab) {
  const { tab: named, ...words } = Object.fromEntries(new URLSearchParams(location.search));
  return named === tab ? words : null;
}

/** Tells a tab's link what it leads to, where that is known in the browser: see demos/web/link. */
function tellLink(tab, told) {
  (window.wkLinks ??= {})[tab] = told;
  document.dispatchEvent(new CustomEvent("wk-link", { detail: { tab } }));
}

/**
 * Puts a kernel into the live engine of the Kernels tab and brings it into view, as one change that can be undone.
 * {size: 3, 5 or 7, cells: size * size numbers row by row, divide = 1, bias = 0, title, shows}: `title` is its name there,
 * `shows` the sentence under it.
 */
function sendKernel(kernel) {
  document.querySelector("#kernel .kernel-tab")?.dispatchEvent(new CustomEvent("wk-kernel", { detail: kernel }));
}

/**
 * Tells the tab's lesson what has just happened, by kind: did({ guess: "right" }). What it makes of that stands in
 * lesson/tasks.js. A value from the server may carry such facts as `did`.
 */
function did(facts) {
  if (facts) element.dispatchEvent(new CustomEvent("wk-did", { bubbles: true, detail: facts }));
}

/** Opens a tab by its name, at its top. */
function openTab(name) {
  const button = document.querySelector(`button[data-tab-id="${CSS.escape(name)}"]`);
  button?.click();
  button?.focus({ preventScroll: true });
  scrollTo({ top: 0 });
}

/** A link to a tab, which opens without loading the page anew. */
function tabLink(name, attributes, ...children) {
  const onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;  // another window is wanted
    event.preventDefault();
    openTab(name);
  };
  return make("a", { href: `?tab=${name}`, onclick, ...attributes }, ...children);
}
