// A bank of filters that forms while one watches, and what the trained networks make of a digit wherever it is.
// props.value: a frame of demos/kernels_digits.py: {run, state, step, steps, filters, accuracy, checked, samples, weights?}

const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
let frame = null;
let stopped = null; // the run that was stopped
let weights = null; // of the trained networks
let packed = null; // what `weights` were unpacked from
let offered = false;
let asked = 0; // the drawn frame that was asked for

const pad = digitPad($(".pad"), $(".tiles"), $(".modes"), request);

function request() {
  asked ||= requestAnimationFrame(() => { asked = 0; showDigit(); });
}

function show() {
  const next = props.value;
  if (!next?.run || next.run === stopped) return;
  frame = next;
  if (frame.weights && frame.weights.data !== packed) {
    packed = frame.weights.data;
    weights = unpacked(frame.weights);
  }
  if (!offered) { offered = true; pad.offer(bytesOf(frame.samples)); }
  showState(frame.state);
  showFilters();
  request();
}

function showState(state) {
  const [network, perceptron] = frame.accuracy.map((share) => percent(share, frame.checked >= 1000 ? 1 : 0));
  write($(".state"), text(`states.${state}`, { step: frame.step, steps: frame.steps, network, perceptron, checked: frame.checked }));
}

function write(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

// Filters -----------------------------------------------------------------------------------------------------------

const kernelSide = () => Math.sqrt(frame.filters[0].length);

function showFilters() {
  const room = $(".filters");
  const side = kernelSide();
  while (room.children.length > frame.filters.length) room.lastChild.remove();
  while (room.children.length < frame.filters.length) {
    const place = room.children.length;
    const label = text("filter", { place: place + 1 });
    room.append(make("button", { type: "button", class: "filter", title: text("take"), "aria-label": `${label}. ${text("take")}`, onclick: () => take(place) },
      make("canvas", { width: side, height: side, role: "img", "aria-label": label }),
      make("canvas", { class: "response", width: SIDE, height: SIDE, role: "img", "aria-label": text("filter_response", { place: place + 1 }) })));
  }
  frame.filters.forEach((cells, place) => {
    const reach = Math.max(...cells.map(Math.abs)) || 1;
    paint($("canvas", room.children[place]), cells, (value) => diverging(value / reach));
  });
}

function showResponses(image) {
  const side = kernelSide();
  const responses = frame.filters.map((cells) => addConvolved(new Float32Array(SIDE * SIDE), image, SIDE, cells, side));
  responses.forEach((response, place) => {
    const reach = response.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6);
    paint($(".response", $(".filters").children[place]), response, (value) => diverging(value / reach));
  });
}

/** Sends a filter to the live engine, its largest number as 1, divided so that a response of full strength is about 1. */
function take(place) {
  const size = kernelSide();
  const reach = Math.max(...frame.filters[place].map(Math.abs)) || 1;
  const cells = frame.filters[place].map((cell) => Number((cell / reach).toFixed(2)));
  const sums = [1, -1].map((sign) => cells.reduce((sum, cell) => sum + Math.max(0, sign * cell), 0));
  sendKernel({ size, cells, divide: Math.ceil(Math.max(...sums)), bias: 0, title: text("filter", { place: place + 1 }), shows: text("taken") });
}

// Answers -----------------------------------------------------------------------------------------------------------

function showDigit() {
  if (!frame) return;
  const image = pad.image();
  showResponses(image);
  if (!weights) return;
  const answers = { network: networkAnswer(weights, image), perceptron: perceptronAnswer(weights, image) };
  const said = Object.entries(answers).map(([kind, answer]) => showAnswer($(`.answer[data-kind=${kind}]`), answer));
  const empty = image.every((value) => value === 0);
  $(".answers").classList.toggle("empty", empty);
  const [network, perceptron] = said;
  const truth = pad.truth();
  const right = [network === truth, perceptron === truth];
  const key = empty ? "empty" : truth === null ? "own" : right[0] && right[1] ? "both" : right[0] ? "network_only" : right[1] ? "perceptron_only" : "neither";
  write($(".verdict"), text(`verdicts.${key}`, { network, perceptron, digit: truth, place: pad.placeName() }));
}

function showAnswer(root, answer) {
  const said = answer.indexOf(Math.max(...answer));
  const truth = pad.truth();
  if (!root.children.length) root.append(
    make("span", { class: "name" }, text(`names.${root.dataset.kind}`)),
    make("p", { class: "said" }),
    make("div", { class: "columns", role: "img" }, ...answer.map((_, digit) => make("div", {}, make("i"), make("span", {}, String(digit))))));
  const headline = $(".said", root);
  headline.replaceChildren(String(said), make("small", {}, probability(answer[said])));
  headline.classList.toggle("wrong", truth !== null && said !== truth);
  headline.classList.toggle("unknown", truth === null);
  const columns = $(".columns", root);
  columns.setAttribute("aria-label", answer.map((share, digit) => `${digit}: ${probability(share)}`).join(", "));
  answer.forEach((share, digit) => {
    columns.children[digit].className = `${digit === said ? "most" : ""} ${digit === truth ? "true" : ""}`;
    columns.children[digit].firstChild.style.height = `${100 * share}%`;
  });
  return said;
}

for (const node of $$("[data-text]")) node.textContent = text(node.dataset.text);
$(".filters").setAttribute("aria-label", text("filters"));
$(".tiles").setAttribute("aria-label", text("choose"));
$(".digits").addEventListener("wk-stop", () => {
  if (props.value?.state !== "learning") return;
  stopped = props.value.run;
  showState("stopped");
});
/** What tests may use, as `element.whiskers`: the weights as they came, and both answers to 784 values in [0, 1]. */
element.whiskers = {
  weights: () => frame?.weights,
  answers: (image) => [networkAnswer(weights, image), perceptronAnswer(weights, image)],
};
watch("value", show);
trigger("opened");
