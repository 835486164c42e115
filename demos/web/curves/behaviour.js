// Curves, always as the same small SVG with labelled axes.
// props.value: {title?, x: "step", y: "probability", x_range?: [0, 128], y_range?: [0, 1], percent?: true, log?: true, log_x?: true,
//               here?: x of a marked place, by_step?: true where x counts the steps of the pictures beside it (their wk-step marks the place),
//               series: [{name, points: [[x, y], ...], dots?: true, band?: {name, points: [[x, low, high], ...]}}]}

let looked = null;  // the step whose picture is looked at
const WIDTH = 420, HEIGHT = 170, LEFT = 46, RIGHT = 10, TOP = 10, BOTTOM = 32;

function extent(values, fixed) {
  if (fixed) return fixed;
  const finite = values.filter(Number.isFinite);
  if (!finite.length) return [0, 1];
  const low = Math.min(...finite), high = Math.max(...finite);
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** The same chart with powers of ten on its vertical axis; what is not above zero is left out. */
function logarithmic(chart) {
  const series = chart.series.map((each) => ({ ...each, points: each.points.filter((point) => point[1] > 0).map(([x, y]) => [x, Math.log10(y)]) }));
  const [low, high] = extent(series.flatMap((each) => each.points.map((point) => point[1])));
  return { ...chart, series, y_range: [Math.floor(low), Math.ceil(high)] };
}

/** The same chart with powers of two on its horizontal axis. */
function octaves(chart) {
  return { ...chart, series: chart.series.map((each) => ({ ...each, points: each.points.map(([x, y]) => [Math.log2(x), y]) })) };
}

function label(value, asPercent) {
  if (asPercent) return percent(value);
  const size = Math.abs(value);
  return number(value, size >= 100 || Number.isInteger(value) ? 0 : size >= 1 ? 1 : 2);
}

/** 10 to the power `exponent`, short enough for an axis. */
const power = (exponent) => (exponent > -3.5 && exponent < 4.5 ? number(10 ** exponent, Math.max(0, Math.ceil(-exponent))) : `1e${number(Math.round(exponent), 0)}`);

/** Around a band: its upper edge there, its lower edge back. */
const outline = (points) => [...points.map(([x, , high]) => [x, high]), ...points.toReversed().map(([x, low]) => [x, low])];

function draw(given) {
  const even = given.log_x ? octaves(given) : given;
  const chart = even.log ? logarithmic(even) : even;
  const along = (value) => (chart.log_x ? number(2 ** value, 0) : label(value));
  const level = (value) => (chart.log ? power(value) : label(value, chart.percent));
  const points = chart.series.flatMap((each) => each.points);
  const [x0, x1] = extent(points.map((point) => point[0]), chart.x_range);
  const [y0, y1] = extent(points.map((point) => point[1]), chart.y_range);
  const x = (value) => LEFT + ((value - x0) / (x1 - x0 || 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value) => HEIGHT - BOTTOM - ((value - y0) / (y1 - y0 || 1)) * (HEIGHT - TOP - BOTTOM);
  const words = (px, py, anchor, content) => make("text", { x: px, y: py, "text-anchor": anchor }, content);
  const last = chart.series.map((each) => `${each.name}: ${level(each.points.at(-1)?.[1] ?? 0)}`);
  const svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": [chart.title ?? chart.y, ...last].join("\n") },
    make("line", { class: "axis", x1: LEFT, x2: WIDTH - RIGHT, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM }),
    make("line", { class: "axis", x1: LEFT, x2: LEFT, y1: TOP, y2: HEIGHT - BOTTOM }),
    words(LEFT - 6, y(y0), "end", level(y0)), words(LEFT - 6, y(y1) + 8, "end", level(y1)),
    words(LEFT, HEIGHT - BOTTOM + 14, "start", along(x0)), words(WIDTH - RIGHT, HEIGHT - BOTTOM + 14, "end", along(x1)),
    words((LEFT + WIDTH) / 2, HEIGHT - 4, "middle", chart.x),
    ...chart.series.map((each, i) => each.band && make("polyline", {
      class: `band b${i % 5}`,
      points: outline(each.band.points).map(([px, py]) => `${x(px).toFixed(1)},${y(clamp(py, y0, y1)).toFixed(1)}`).join(" "),
    })).filter(Boolean),
    ...chart.series.map((each, i) => make("polyline", {
      class: `curve c${i % 5}`,
      points: each.points.filter((point) => Number.isFinite(point[1])).map(([px, py]) => `${x(px).toFixed(1)},${y(clamp(py, y0, y1)).toFixed(1)}`).join(" "),
    })));
  for (const [i, each] of chart.series.entries()) {
    if (each.dots) svg.append(...each.points.map(([px, py]) => make("circle", { class: `mark b${i % 5}`, cx: x(px), cy: y(clamp(py, y0, y1)), r: 3.5 })));
  }
  const here = chart.here ?? (chart.by_step ? looked : null);
  if (here != null) svg.append(make("line", { class: "here", x1: x(here), x2: x(here), y1: TOP, y2: HEIGHT - BOTTOM }));
  return svg;
}

function show() {
  const chart = props.value;
  if (!chart?.series) return $(".curves").replaceChildren();
  const legend = chart.series.flatMap((each, i) => [
    make("span", {}, make("i", { class: `key c${i % 5}` }), each.name),
    ...(each.band ? [make("span", {}, make("i", { class: `key wide b${i % 5}` }), each.band.name)] : []),
  ]);
  $(".curves").replaceChildren(
    ...(chart.title ? [make("h3", {}, chart.title)] : []),
    draw(chart),
    make("figcaption", { class: "legend" }, ...legend));
}

element.closest("[role=tabpanel]")?.addEventListener("wk-step", ({ detail: { step } }) => {
  const changed = looked !== step;
  looked = step;
  if (changed && props.value?.by_step) show();
});
watch("value", show);
show();
