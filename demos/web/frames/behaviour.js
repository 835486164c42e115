// A stream of pictures, all kept here in the browser, with a scrubber back over them.
// props.value is the newest frame: {run (rises with every start), leg? (rises when a run is taken up again), title?,
//   state: "waiting" | "running" | "done", step, steps, sent (frames sent in this run),
//   pictures: [{title?, image: data URI, caption}], captions?: {step: [of each picture]} for frames sent before, did?}
// A message without pictures changes only the state. An event "wk-stop" on the root marks the run as stopped.
// With props.tools it can be paused and taken up: fires 'pause', 'go_on' {leg that is known}, 'more' when a run that is done goes on, and 'branch' {step} of the frame looked at.
// While an earlier frame is looked at, the tab's panel hears an event wk-step {step}; {step: null} at the newest.
// Fires 'opened' when its tab is first seen. For tests and the curious, the root carries data-run, data-sent,
// data-kept and data-displayed: the run, and the frames of it that the server sent, that arrived, and
// that the browser has painted.

const PLAY_MS = 90, RETRY_MS = 3000;
const PHOTO_SPREAD = 60, MOST_STRETCH = 12;  // levels of 255 (a photo's standard deviation), and times
const root = $(".frames"), slider = $(".place"), playButton = $(".play"), contrastButton = $(".contrast");
const holdButton = $(".hold"), branchButton = $(".branch");
let run = -1, leg = 0, frames = [], at = 0, following = true, stretched = false, state = "empty", timer = null, turns = 0, displayed = new Set();

function begin(value) {
  run = root.dataset.run = value.run;
  leg = value.leg ?? 0;
  frames = [];
  displayed = new Set();
  following = true;
  pause();
}

function receive() {
  const value = props.value;
  if (!value || value.run < run) return;  // a frame of a run that was replaced
  if (value.run > run) begin(value);
  else if ((value.leg ?? 0) < leg) return value.captions && recaption(value.captions);  // it was taken up since
  else if ((value.leg ?? 0) > leg) leg = value.leg;
  else if (state === "stopped") return;
  setState(value.state, value);
  did(value.did);
  if (value.title && (value.pictures || !$(".panel"))) $(".title").textContent = value.title;
  $(".pictures").classList.toggle("former", !frames.length && !value.pictures);
  if (value.captions) recaption(value.captions);
  root.dataset.sent = value.sent ?? root.dataset.sent ?? 0;
  if (!value.pictures || frames.at(-1)?.step === value.step) return;
  frames.push(value);
  root.dataset.kept = frames.length;
  slider.max = frames.length - 1;
  $(".scrub").classList.toggle("empty", frames.length < 2);
  if (following) show(frames.length - 1);
  else counts();
}

/** Better captions for frames that are here. */
function recaption(captions) {
  for (const frame of frames) (captions[frame.step] ?? []).forEach((words, i) => (frame.pictures[i].caption = words));
  if (frames[at]) $$(".panel figcaption").forEach((each, i) => (each.textContent = frames[at].pictures[i]?.caption ?? ""));
}

function setState(next, value = {}) {
  state = next;
  root.className = `frames ${next}${stretched ? " stretched" : ""}`;
  const last = frames.at(-1) ?? {};
  $(".state").textContent = text(`states.${next}`, { step: value.step ?? last.step, steps: value.steps ?? last.steps, ...value });
  holdButton.textContent = text({ done: "more", stopped: "resume" }[next] ?? "hold");
  holdButton.disabled = branchButton.disabled = !frames.length && !value.pictures;
}

function show(index) {
  at = clamp(index, 0, frames.length - 1);
  const frame = frames[at], panels = arrange(frame.pictures), turn = ++turns;
  frame.pictures.forEach((picture, i) => paint(panels[i], picture, turn, () => i === 0 && count(frame)));
  slider.value = at;
  counts();
}

/** Puts a picture in its place once it is decoded: no flicker, and a newer one never cancels it before it is seen. */
async function paint(figure, picture, turn, painted) {
  const image = make("img", { src: picture.image, alt: picture.alt ?? "" });
  await image.decode().then(() => stretchable(image)).catch(() => {});
  if (turn < Number(figure.dataset.turn ?? 0)) return;  // overtaken
  figure.dataset.turn = turn;
  $(".view", figure).replaceChildren(image);
  $("figcaption", figure).textContent = picture.caption;
  painted();
}

/** Notes how much contrast gives the picture the brightness and the spread of a photo. Colours are stretched less. */
function stretchable(image) {
  const side = 64, sketch = Object.assign(make("canvas"), { width: side, height: side }).getContext("2d");
  sketch.imageSmoothingEnabled = false;
  sketch.drawImage(image, 0, 0, side, side);
  const { data } = sketch.getImageData(0, 0, side, side);
  const greys = Array.from({ length: side * side }, (_, i) => 0.213 * data[4 * i] + 0.715 * data[4 * i + 1] + 0.072 * data[4 * i + 2]);
  const mean = greys.reduce((sum, each) => sum + each, 0) / greys.length;
  const spread = Math.sqrt(greys.reduce((sum, each) => sum + (each - mean) ** 2, 0) / greys.length);
  const stretch = clamp(PHOTO_SPREAD / spread, 1, MOST_STRETCH);
  image.style.setProperty("--lift", clamp(128 / mean, 0.5, 2));
  image.style.setProperty("--stretch", stretch);
  image.style.setProperty("--colour", stretch ** -0.25);
}

function counts() {
  const frame = frames[at], words = text("step", { step: frame.step, steps: frames.at(-1).steps });
  $(".count").textContent = words;
  slider.setAttribute("aria-valuetext", words);
  const step = at < frames.length - 1 ? frame.step : null;
  element.closest("[role=tabpanel]")?.dispatchEvent(new CustomEvent("wk-step", { detail: { step } }));
}

/** The figures of a frame's pictures, made anew only when their titles change. */
function arrange(pictures) {
  const titles = pictures.map((picture) => picture.title ?? "").join("\n");
  if ($(".pictures").dataset.titles !== titles) {
    $(".pictures").dataset.titles = titles;
    $(".pictures").className = `pictures ${pictures.length === 1 ? "one" : "many"}`;
    $(".pictures").replaceChildren(...pictures.map(panel));
  }
  return $$(".panel");
}

function panel({ title }) {
  const figure = make("figure", { class: "panel" },
    title ? make("h3", {}, title) : null, make("div", { class: "view" }), make("figcaption", {}));
  pictureTools(figure, () => $("img", figure), () => `${text("filename")}-${frames[at].step}`);
  return figure;
}

function count(frame) {
  if (frame.run !== run) return;
  displayed.add(frame.step);
  root.dataset.displayed = displayed.size;
}

function pause() {
  clearInterval(timer);
  timer = null;
  playButton.textContent = text("play");
}

function play() {
  if (timer) return pause();
  following = false;
  if (at === frames.length - 1) show(0);
  playButton.textContent = text("pause");
  timer = setInterval(() => {
    show(at + 1);
    if (at === frames.length - 1) pause(), (following = true);
  }, PLAY_MS);
}

/** What comes is looked at, whatever was looked at before. */
function followNewest() {
  pause();
  following = true;
  if (frames.length) show(frames.length - 1);
}

/** Asks for the run to be taken up, again where nothing comes: Gradio can lose what starts as another event ends. */
function goOn(known, tries = 5) {
  if (leg > known || !tries) return;
  trigger("go_on", { leg: known });
  setTimeout(goOn, RETRY_MS, known, tries - 1);
}

/** One button holds a run, takes it up, or asks for more of it. */
function hold() {
  if (state === "done") trigger("more");
  if (state === "done" || state === "stopped") return followNewest(), goOn(leg);
  setState("stopped");
  trigger("pause");
}

$(".tools").hidden = !props.tools;
holdButton.textContent = text("hold");
holdButton.addEventListener("click", hold);
branchButton.textContent = text("branch");
branchButton.title = text("branch_hint");
branchButton.addEventListener("click", () => trigger("branch", { step: frames[at].step }));
slider.setAttribute("aria-label", text("scrub"));
slider.addEventListener("input", () => {
  pause();
  show(Number(slider.value));
  following = at === frames.length - 1;
  if (state === "done") did({ looked_back: frames[at].step / frames.at(-1).step });
});
playButton.addEventListener("click", play);
contrastButton.textContent = text("contrast");
contrastButton.title = text("contrast_hint");
contrastButton.addEventListener("click", () => {
  stretched = !stretched;
  contrastButton.setAttribute("aria-pressed", stretched);
  root.classList.toggle("stretched", stretched);
});
root.addEventListener("wk-stop", () => {
  if (state === "running" || state === "waiting") setState("stopped");
});
root.dataset.displayed = 0;
playButton.textContent = text("play");
watch("value", receive);
receive();
trigger("opened");
