// A hidden kernel, the kernel that descent has found so far, and the responses of both.
// props.value: a frame of demos/kernels_learn.py: {run, state, step, steps, hidden, learnt, target, present, ...}

const root = $(".learn");
const hiddenPair = $(".hidden-pair"), learntPair = $(".learnt-pair");
let stopped = null; // the run that was stopped
let showing = false;
let shown = ""; // which frame was shown last

/** Cells in the diverging colours, `reach` being full colour. */
function showCells(box, cells, reach) {
  box.style.setProperty("--size", cells.length);
  labelled(box, cells.map((row) => row.map((cell) => number(cell)).join(" ")).join("; "));
  box.replaceChildren(...cells.flat().map((cell) => {
    const colour = diverging(cell / reach), made = make("span", {}, number(cell));
    made.style.background = `rgb(${colour.join(",")})`;
    made.style.color = inkOn(colour);
    return made;
  }));
}

function draw(canvas, pixels) {
  Object.assign(canvas, { width: pixels.width, height: pixels.height });
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

/** An error as people read it, never a false 0. */
function share(error) {
  if (error < 0.0005) return "< 0.1\u202f%";
  return error > 9.99 ? "> 999\u202f%" : percent(error, error < 0.1 ? 1 : 0);
}

function sayState({ state, step, steps }) {
  $(".state").textContent = text(`states.${state}`, { step, steps });
  $(".state").classList.toggle("diverged", state === "diverged");
}

/** Shows the newest frame, and the newest of those that came meanwhile; of a stopped run, none. */
async function show() {
  if (showing) return;
  showing = true;
  try {
    for (let frame = props.value; frame?.run && frame.run !== stopped && nameOf(frame) !== shown; frame = props.value) {
      shown = nameOf(frame);
      await showFrame(frame);
    }
  } finally {
    showing = false;
  }
}

const nameOf = ({ run, step }) => `${run}, ${step}`;

async function showFrame(frame) {
  sayState(frame);
  const [target, present] = await Promise.all([signedPixels(frame.target), signedPixels(frame.present)]);
  const reach = Math.max(...frame.hidden.flat().map(Math.abs));
  showCells($(".cells", hiddenPair), frame.hidden, reach);
  showCells($(".cells", learntPair), frame.learnt, reach);
  draw($("canvas", hiddenPair), target);
  draw($("canvas", learntPair), present);
  $(".kernel-error").textContent = share(frame.kernel_error);
  $(".response-error").textContent = share(frame.response_error);
  const times = grouped(frame.condition);
  $(".condition").textContent = frame.state === "diverged" ? "" : text(frame.decorrelate ? "condition_decorrelated" : "condition", { times });
  if ($(".source img").src !== frame.source) $(".source img").src = frame.source;
}

for (const [pair, name] of [[hiddenPair, "hidden_pair"], [learntPair, "learnt_pair"]]) {
  $("h3", pair).textContent = text(`${name}.kernel`);
  $(".answer figcaption", pair).textContent = text(`${name}.caption`);
  $("canvas", pair).setAttribute("aria-label", text(`${name}.caption`));
  pictureTools($(".answer", pair), () => $("canvas", pair), name.replace("_pair", "-response"));
}
$(".source figcaption").textContent = text("source");
$(".source img").alt = text("source");
$$("dt").forEach((term, i) => { term.textContent = text(["kernel_error", "response_error"][i]); });
root.addEventListener("wk-stop", () => {
  if (props.value?.state !== "running") return;
  stopped = props.value.run;
  sayState({ ...props.value, state: "stopped" });
});
watch("value", show);
trigger("opened");
