// Groups of small photos: what is in a folder, or what is behind a number.
// props.value, as an object or as its JSON: {title, note?, large?, classes: [names], groups: [{name?, count?, photos: [{id, uri, name, label, words?}]}],
//               left_out?: [{words, names}], copies?: {words, names}, changes?: sentence, own_split?,
//               come?: to be scrolled to, since it answers a click}
// Fires 'changed' with {photo: id, label: index or null}; 'restored'; 'copies' to leave out copies;
// 'split' with {own} when another set says, or says no longer, which photos are held out.

let shown = {}, ownSplit = false;

function thumb(photo) {
  const button = make("button", { type: "button", class: "thumb", title: photo.name, "aria-label": photo.name, "aria-pressed": "false",
    onclick: () => choose(button, photo) }, make("img", { src: photo.uri, alt: "" }));
  return photo.words ? make("figure", {}, button, make("figcaption", { title: photo.words }, photo.words)) : button;
}

function actions(photo) {
  const select = make("select", { "aria-label": text("move"), onchange: () => trigger("changed", { photo: photo.id, label: Number(select.value) }) },
    make("option", { value: "", disabled: true, selected: true }, text("move_choose")),
    ...shown.classes.map((name, label) => make("option", { value: label, disabled: label === photo.label }, name)));
  return make("div", { class: "actions" },
    make("span", { class: "which" }, photo.name), make("label", {}, `${text("move")} `, select),
    make("button", { type: "button", class: "wk-button", onclick: () => trigger("changed", { photo: photo.id, label: null }) }, text("leave_out")));
}

function choose(button, photo) {
  const open = button.getAttribute("aria-pressed") === "true";
  $$(".thumb").forEach((each) => each.setAttribute("aria-pressed", "false"));
  $$(".actions").forEach((each) => each.remove());
  if (open || photo.id == null) return;
  button.setAttribute("aria-pressed", "true");
  button.closest(".group").append(actions(photo));
}

function group({ name, count, photos }) {
  const heading = name ? make("h4", {}, make("span", { title: name }, name), make("span", { class: "count" }, count)) : null;
  const thumbs = make("div", { class: "thumbs", onkeydown: walk }, ...photos.map(thumb));
  $$(".thumb", thumbs).forEach((each, i) => { each.tabIndex = i ? -1 : 0; });
  return make("div", { class: "group" }, heading, thumbs);
}

/** The tab key stops once in each group; arrow keys go through its photos. */
function walk(event) {
  const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
  const all = $$(".thumb", event.currentTarget), at = all.indexOf(event.target);
  if (!step || at < 0) return;
  event.preventDefault();
  const to = all[clamp(at + step, 0, all.length - 1)];
  all.forEach((each) => { each.tabIndex = each === to ? 0 : -1; });
  to.focus();
}

function leftOut({ words, names }) {
  return make("li", {}, make("details", {}, make("summary", {}, words), make("p", {}, names.join(", "))));
}

function show() {
  shown = (typeof props.value === "string" ? JSON.parse(props.value || "{}") : props.value) ?? {};
  $(".photoset").classList.toggle("large", Boolean(shown.large));
  $(".title").textContent = shown.title ?? "";
  $(".note").textContent = shown.note ?? "";
  $(".groups").replaceChildren(...(shown.groups ?? []).map(group));
  if (shown.title && ownSplit !== Boolean(shown.own_split)) trigger("split", { own: (ownSplit = !ownSplit) });
  const restore = shown.changes ? make("li", {}, `${shown.changes} `,
    make("button", { type: "button", class: "wk-button", onclick: () => trigger("restored", {}) }, text("restore"))) : null;
  const copies = shown.copies ? leftOut(shown.copies) : null;
  copies?.append(make("button", { type: "button", class: "wk-button", onclick: () => trigger("copies", {}) }, text("leave_out_copies")));
  $(".left-out").replaceChildren(...[restore, copies, ...(shown.left_out ?? []).map(leftOut)].filter(Boolean));
  if (shown.come) element.scrollIntoView({ behavior: scrolling(), block: "nearest" });
}

watch("value", show);
show();
