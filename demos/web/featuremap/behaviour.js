// Photos as points: near one another where the network finds them alike.
// Its sentences come with the value: what is sent to a section that has not been opened yet takes the place of all other props.
// props.value: {hint, axes, alt, classes: [names], names: [a sentence for each photo], points: [[x, y in [0, 1], class, held out (0 or 1), photo id], ...]}
// Hover or the arrow keys choose a point; fires 'look' with {photo}. The element hears 'wk-point' with {photo, uri}.

const WIDTH = 900, HEIGHT = 600, EDGE = 26;  // canvas pixels
const REACH = 30;  // pixels on the page
const PAUSE = 50;  // milliseconds of rest before a photo is asked for
const pictures = new Map();  // data URIs by photo
let chosen = -1, asking = 0;

const canvas = $(".plot canvas"), context = canvas.getContext("2d");
const place = ([x, y]) => [EDGE + x * (WIDTH - 2 * EDGE), HEIGHT - EDGE - y * (HEIGHT - 2 * EDGE)];

function draw() {
  const { points } = props.value;
  const radius = (points.length > 800 ? 2.8 : 4.5) * (WIDTH / (canvas.clientWidth || WIDTH));
  context.clearRect(0, 0, WIDTH, HEIGHT);
  for (const point of points) mark(context, point[2], ...place(point), radius, point[3]);
  if (chosen < 0) return;
  const [x, y] = place(points[chosen]);
  mark(context, points[chosen][2], x, y, 1.5 * radius, points[chosen][3]);
  context.strokeStyle = getComputedStyle(element).getPropertyValue("--wk-ink");
  context.lineWidth = 2.5;
  context.beginPath();
  context.arc(x, y, 2.4 * radius, 0, 2 * Math.PI);
  context.stroke();
}

/** The point for which `distance(dx, dy)` is smallest, seen from (x, y); -1 when it is finite for none. */
function best(x, y, distance) {
  let found = -1, least = Infinity;
  props.value.points.forEach((point, i) => {
    const [px, py] = place(point), far = distance(px - x, py - y);
    if (far < least) [found, least] = [i, far];
  });
  return found;
}

function choose(index) {
  if (index < 0 || index === chosen) return;
  chosen = index;
  draw();
  const { points, names } = props.value, photo = points[index][4];
  $(".which").textContent = names[index];
  picture();
  clearTimeout(asking);
  if (!pictures.has(photo)) asking = setTimeout(() => trigger("look", { photo }), PAUSE);
}

function picture() {
  const uri = chosen < 0 ? null : pictures.get(props.value.points[chosen][4]);
  const shown = $(".reading img");
  shown.hidden = chosen < 0;
  shown.style.opacity = uri ? 1 : 0.35;
  if (uri) shown.src = uri;
}

function point(event) {
  const scale = WIDTH / canvas.clientWidth, x = event.offsetX * scale, y = event.offsetY * scale;
  choose(best(x, y, (dx, dy) => (Math.hypot(dx, dy) < REACH * scale ? Math.hypot(dx, dy) : Infinity)));
}

canvas.addEventListener("pointermove", point);
canvas.addEventListener("pointerdown", point);
canvas.addEventListener("keydown", (event) => {
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }, way = ways[event.key];
  if (!way || !props.value) return;
  event.preventDefault();
  const [x, y] = place(props.value.points[Math.max(chosen, 0)]);
  choose(best(x, y, (dx, dy) => {
    const along = dx * way[0] + dy * way[1], across = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
    return along > 0.5 ? along + 2 * across : Infinity;
  }));
});
$(".featuremap").addEventListener("wk-point", ({ detail }) => { pictures.set(detail.photo, detail.uri); picture(); });

function legend(name, label) {
  const sign = Object.assign(make("canvas"), { width: 28, height: 28 });
  mark(sign.getContext("2d"), label, 14, 14, 9, false);
  return make("span", { title: name }, sign, name);
}

function show() {
  const shown = props.value;
  chosen = -1;
  pictures.clear();
  canvas.hidden = !shown;
  $(".axes").textContent = shown?.axes ?? "";
  $(".which").textContent = shown?.hint ?? "";
  $(".legend").replaceChildren(...(shown?.classes ?? []).map(legend));
  picture();
  if (!shown) return;
  Object.assign(canvas, { width: WIDTH, height: HEIGHT });
  canvas.setAttribute("aria-label", shown.alt);
  draw();
}

watch("value", show);
show();
