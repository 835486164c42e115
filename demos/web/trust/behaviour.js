// How good the classifier is on photos that it never saw, and which classes it mixes up.
// props.value: {label, large, interval, words, share (0 to 1: how far the work is), done,
//               classes?, confusion?: rows of counts (row: true class, column: answer), recall?, precision?: percents, open?: [row, column], did?}
// Fires 'cell' with {truth, answer}.

const MANY = 8;  // classes: beyond it the cells are small

function cell(count, most, truth, answer) {
  const shade = make("i");
  shade.style.opacity = count ? 0.15 + 0.4 * (count / most) : 0;
  const said = text("cell", { count, truth: props.value.classes[truth], answer: props.value.classes[answer] });
  const pressed = String(props.value.open?.[0] === truth && props.value.open?.[1] === answer);
  return make("td", {}, make("button", { type: "button", class: truth === answer ? "cell" : "cell wrong", disabled: !count, title: said,
    "aria-label": said, "aria-pressed": pressed, "data-cell": `${truth},${answer}`,
    onclick: (event) => {
      $$(".cell").forEach((each) => each.setAttribute("aria-pressed", "false"));
      event.currentTarget.setAttribute("aria-pressed", "true");
      trigger("cell", { truth, answer });
      did({ cell: truth === answer ? "right" : "wrong" });
    } }, shade, make("span", {}, count || "\u00b7")));
}

function margin(kind, name, share) {
  return make("td", { class: "margin", title: text(`${kind}_help`, { name }) }, share);
}

function confusion({ classes, confusion: counts, recall, precision }) {
  const most = Math.max(1, ...counts.flat());
  const row = (name, truth) => make("tr", {}, make("th", { scope: "row", title: name }, name), ...counts[truth].map((count, answer) => cell(count, most, truth, answer)),
    margin("recall", name, recall[truth]));
  return [make("table", { class: classes.length > MANY ? "many" : "" },
    make("caption", {}, text("confusion")),
    make("thead", {}, make("tr", {}, make("td", {}), ...classes.map((name) => make("th", { scope: "col", title: name }, name)),
      make("th", { scope: "col" }, text("recall")))),
    make("tbody", {}, ...classes.map(row), make("tr", {}, make("th", { scope: "row" }, text("precision")),
      ...classes.map((name, label) => margin("precision", name, precision[label])), make("td", {})))),
    make("figcaption", {}, text("confusion_caption"))];
}

function show() {
  const shown = props.value || {};
  for (const part of ["label", "large", "interval", "words"]) $(`.${part}`).textContent = shown[part] ?? "";
  $(".fill").style.width = `${(100 * (shown.share ?? 0)).toFixed(1)}%`;
  $(".figure").classList.toggle("done", Boolean(shown.done));
  $(".confusion").replaceChildren(...(shown.confusion ? confusion(shown) : []));
  did(shown.did);
}

watch("value", show);
show();
