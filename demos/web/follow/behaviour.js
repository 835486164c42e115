// The camera, followed: a picture goes to the network at most twice a second, the next one only after the answer to the last.
// 'frame' carries {image (data URI), layer, turn}; the DOM event wk-live on the document brings the answer {turn, ...}. When it
// ends, 'kept' carries the last picture as an uploaded file, {file, name}. Events on the document tell which layer is open
// (wk-open) and that another photo was chosen (wk-photo), which ends it, as leaving the tab does. props.picker: the photo picker, which
// has nothing chosen then.

const EVERY_MS = 500, PATIENCE_MS = 8000, SIDE = 260, QUALITY = 0.85;

const button = $(".start"), video = $("video");
let stream = null, wanted = false, layer = null, turn = 0, acts = 0, sentAt = 0, waiting = false, timer = null;

const seen = () => element.isConnected && element.offsetParent && !document.hidden;

async function start() {
  const act = ++acts;
  wanted = true;
  mark();
  try {
    const opened = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 480 }, height: { ideal: 480 }, facingMode: "user" } });
    if (act !== acts) return end(opened);
    stream = opened;
    video.srcObject = stream;
    video.muted = true;
    await video.play();
  } catch {
    if (act !== acts) return;
    $(".trouble").textContent = text("no_camera");
    wanted = false;
    return release();
  }
  if (act !== acts) return;
  document.querySelector(props.picker)?.dispatchEvent(new CustomEvent("wk-none"));
  waiting = false;
  timer = setInterval(tick, EVERY_MS / 5);
  mark();
}

function release() {
  clearInterval(timer);
  end(stream);
  stream = video.srcObject = null;
  mark();
}

const end = (ended) => ended?.getTracks().forEach((track) => track.stop());

function mark() {
  button.setAttribute("aria-pressed", wanted);
  button.textContent = text(wanted ? "stop" : "start");
  video.hidden = !wanted;
}

/** The middle of the present picture, square, as in a mirror. */
function snapshot() {
  const side = Math.min(video.videoWidth, video.videoHeight), canvas = make("canvas", { width: SIDE, height: SIDE });
  const context = canvas.getContext("2d");
  context.setTransform(-1, 0, 0, 1, SIDE, 0);
  context.drawImage(video, (video.videoWidth - side) / 2, (video.videoHeight - side) / 2, side, side, 0, 0, SIDE, SIDE);
  return canvas;
}

function tick() {
  if (!seen()) return stop();
  const now = performance.now();
  if (!video.videoWidth || now - sentAt < EVERY_MS || (waiting && now - sentAt < PATIENCE_MS)) return;
  sentAt = now;
  waiting = true;
  turn += 1;
  trigger("frame", { image: snapshot().toDataURL("image/jpeg", QUALITY), layer, turn });
}

/** Ends it; the last picture stays, with all its layers. */
async function stop() {
  if (!wanted) return;
  const act = ++acts;
  wanted = false;
  const last = turn && video.videoWidth ? snapshot() : null;
  release();
  if (!last) return;
  const blob = await new Promise((done) => last.toBlob(done, "image/jpeg", 0.92));
  const { path } = await upload(new File([blob], "camera.jpg", { type: "image/jpeg" }));
  if (act === acts) trigger("kept", { file: path, name: "camera.jpg" });
}

/** Ends it without a last picture: another photo was chosen, or the network cannot answer. */
function letGo() {
  acts += 1;
  if (!wanted) return;
  wanted = false;
  release();
}

button.addEventListener("click", () => {
  $(".trouble").textContent = "";
  wanted ? stop() : start();
});
document.addEventListener("wk-live", ({ detail }) => { if (detail.turn === turn) waiting = false; });
document.addEventListener("wk-open", ({ detail }) => { if (layer !== detail.layer) sentAt = Math.min(sentAt, performance.now() - EVERY_MS); layer = detail.layer; });
document.addEventListener("wk-photo", letGo);
$(".follow").addEventListener("wk-failed", letGo);
mark();
