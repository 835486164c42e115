// Small controls that know how to show their state again. Nothing is written that stands there already: the browser
// would lay the page out anew for it, in every frame of a drag.

/** Puts a sentence in an element. */
function write(node, said) {
  if (node.textContent !== said) node.textContent = said;
}

/** Sets an attribute. */
function mark(node, name, value) {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

/** A row of buttons of which one is pressed; `options` is [[value, label], ...]. */
function choice(label, options, get, set) {
  const buttons = options.map(([value, shown]) =>
    make("button", { type: "button", class: "wk-button", onclick: () => set(value) }, shown));
  const show = () => buttons.forEach((button, i) => mark(button, "aria-pressed", options[i][0] === get()));
  const row = make("div", { class: "option", role: "group", "aria-label": label },
    make("span", { class: "option-name" }, label), make("div", { class: "segments" }, ...buttons));
  return { row, show };
}

/** A switch that is on or off. */
function toggle(label, get, set) {
  const box = make("input", { type: "checkbox", onchange: () => set(box.checked) });
  return { row: make("label", { class: "option toggle" }, box, make("span", {}, label)), show: () => { box.checked = get(); } };
}

/** A list to choose from. */
function list(label, options, get, set) {
  const select = make("select", { "aria-label": label, onchange: () => set(select.value) },
    ...options.map(([value, shown]) => make("option", { value }, shown)));
  const row = make("label", { class: "option" }, make("span", { class: "option-name" }, label), select);
  return { row, select, show: () => { select.value = get(); } };
}

const plainButton = (label, onclick, attributes = {}) =>
  make("button", { type: "button", class: "wk-button", onclick, ...attributes }, label);

/** All the options of a convolution; `options()` gives them and `set(name, value)` changes one. */
function optionControls(options, set) {
  const steps = [1, 2, 3].map((step) => [step, String(step)]);
  const named = (name, values) => values.map((value) => [value, text(`${name}.${value}`)]);
  const bound = (make_, name, ...choices) =>
    make_(text(name), ...choices, () => options()[name], (value) => set(name, value));
  return [
    bound(list, "border", named("borders", BORDERS)),
    bound(choice, "stride", steps),
    bound(choice, "dilation", steps),
    bound(list, "colour", named("colours", ["auto", "grey", "rgb"])),
    bound(toggle, "flip"),
    bound(toggle, "relu"),
    bound(toggle, "pool"),
  ];
}

/** Fades the side of a row of small pictures on which there is more to scroll to. */
function fadingEdges(row) {
  const show = () => {
    row.classList.toggle("more-left", row.scrollLeft > 4);
    row.classList.toggle("more-right", row.scrollLeft < row.scrollWidth - row.clientWidth - 4);
  };
  row.addEventListener("scroll", show, { passive: true });
  new ResizeObserver(show).observe(row);
}

/** Scrolls a row, and nothing else, until the pressed one stands in its middle. */
function centrePressed(row) {
  const pressed = $("[aria-pressed=true]", row);
  if (pressed) row.scrollLeft = pressed.offsetLeft - row.offsetLeft - (row.clientWidth - pressed.offsetWidth) / 2;
}

/** Makes a row of buttons one stop of the Tab key: the arrow keys, Home and End go from one to the next. */
function oneTabStop(row) {
  const stopAt = (target) => $$("button", row).forEach((each) => { each.tabIndex = each === target ? 0 : -1; });
  stopAt($("[aria-pressed=true]", row) ?? $("button", row));
  row.addEventListener("focusin", (event) => stopAt(event.target));
  row.addEventListener("keydown", (event) => {
    const buttons = $$("button", row), at = buttons.indexOf(event.target);
    const to = { ArrowLeft: at - 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowDown: at + 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    buttons[clamp(to, 0, buttons.length - 1)].focus();
  });
}
