// The row of controls above the sheet.

const ZOOMS = [1, 2, 4];
const SORTS = ["index", "max", "mean", "variance", "zeros", "share", "place"];

function choice(key, options, current, change) {
  const select = make("select", { "data-choice": key, onchange: () => change(select.value) },
    ...options.map((option) => make("option", { value: option, selected: option === current }, text(`${key}s.${option}`))));
  return make("label", { class: "choice" }, make("span", {}, text(key)), select);
}

function toolbar() {
  const redraw = (changes) => { Object.assign(view, changes); show(); };
  const toggle = (name, key) => make("button", {
    type: "button", title: text(`${key}_hint`), class: `wk-button ${name}`, "aria-pressed": String(view[name]),
    onclick: (event) => { redraw({ [name]: !view[name] }); event.currentTarget.setAttribute("aria-pressed", view[name]); },
  }, text(key));
  const zoom = (step) => make("button", {
    type: "button", class: "wk-button zoom", "aria-label": text(step > 0 ? "larger" : "smaller"), title: text(step > 0 ? "larger" : "smaller"),
    onclick: () => redraw({ zoom: ZOOMS[clamp(ZOOMS.indexOf(view.zoom) + step, 0, ZOOMS.length - 1)] }),
  }, step > 0 ? "+" : "\u2212");
  return [
    make("button", { type: "button", class: "wk-button watch", "aria-pressed": "false", onclick: () => play(!playing) }, text("watch")),
    toggle("relu", "relu"), toggle("common", "common"), toggle("sweeping", "sweep"),
    choice("sort", SORTS, view.by, (by) => redraw({ by })),
    make("span", { class: "zooms" }, zoom(-1), zoom(1)),
  ];
}
