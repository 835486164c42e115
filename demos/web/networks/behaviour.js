// Networks side by side. Fires 'opened' when it is first seen, and when the photo has changed since; 'measure' asks for times.
// props.value: {rows: [{name, title, year, layers, parameters, macs, top1, megabytes (to download, 0: here), says?: {label, share}}]}
// The DOM event wk-times brings {times: {name: milliseconds}, done}; wk-failed that what was asked for
// will not come. The event wk-photo on the document tells of the open photo, {source}, also when only the network is another one.

const COLUMNS = ["title", "year", "layers", "parameters", "macs", "top1", "milliseconds", "says"];
let times = {}, visible = false, stale = true, source = null;

const millions = (value) => text("millions", { value: value < 1e7 ? number(value / 1e6, 1) : grouped(number(value / 1e6, 0)) });

const CELLS = {
  title: (row) => row.title,
  year: (row) => row.year,
  layers: (row) => row.layers,
  parameters: (row) => millions(row.parameters),
  macs: (row) => millions(row.macs),
  top1: (row) => (row.top1 == null ? "\u2013" : percent(row.top1 / 100, 1)),
  milliseconds: (row) => (row.name in times ? number(times[row.name], 0) : "\u2013"),
  says: (row) => row.megabytes ? text("to_download", { megabytes: row.megabytes })
    : row.says && !stale ? text("says", { label: row.says.label, share: probability(row.says.share) }) : "\u2026",
};

function draw() {
  const rows = props.value?.rows ?? [];
  $(".coming").textContent = rows.length ? "" : text("coming");
  $("thead").replaceChildren(make("tr", {}, ...COLUMNS.map((column) => make("th", { scope: "col" }, text(`columns.${column}`)))));
  $("tbody").replaceChildren(...rows.map((row) => make("tr", { class: row.megabytes ? "absent" : "here", "data-name": row.name },
    ...COLUMNS.map((column) => make("td", {}, String(CELLS[column](row)))))));
}

function ask() {
  if (!visible || !stale) return;
  stale = false;  // what comes from now on is about this photo
  for (const row of props.value?.rows ?? []) delete row.says;
  trigger("opened");
}

$(".measure").textContent = text("measure");
$(".note").textContent = text("note");
$(".measure").addEventListener("click", () => {
  $(".measure").disabled = true;
  $(".state").textContent = text("measuring");
  trigger("measure");
});
$(".networks").addEventListener("wk-times", ({ detail }) => {
  times = detail.times;
  $(".measure").disabled = !detail.done;
  $(".state").textContent = detail.done ? text("measured") : text("measuring");
  draw();
});
$(".networks").addEventListener("wk-failed", () => {
  stale = true;  // asked again when it is next seen
  $(".measure").disabled = false;
  $(".state").textContent = "";
});
document.addEventListener("wk-photo", ({ detail }) => {
  if (detail.source === source) return;
  [source, stale] = [detail.source, true];
  draw();
  ask();
});
onVisible((shown) => { visible = shown; ask(); });
watch("value", draw);
draw();
