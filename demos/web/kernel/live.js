// Pictures that change while one looks: the camera and the drawing pad. Both stay in the browser.

// Pixels: asked for in the size that is used, as scaling each frame is slow; fewer where the processor draws
const cameraSize = () => (renderer instanceof CanvasRenderer ? { width: 400, height: 300 } : { width: 480, height: 360 });
const PAD_SIDE = 84; // pixels
const PEN_WIDTH = 6; // pixels

/** The camera, mirrored as in a mirror; off as soon as the tab is hidden. `put` shows a frame, `fail` a sentence. */
function camera(put, fail) {
  const video = make("video", { muted: true, playsinline: true });
  video.muted = true;
  const button = plainButton(text("camera"), () => (wanted ? stop() : start()), { "aria-pressed": "false", title: text("camera_hint") });
  let wanted = false; // between press and press, also while the browser still asks for leave
  let stream = null;
  let attempts = 0; // raised by each press, so that an answer to an earlier one is known

  async function start() {
    fail(null);
    wanted = true;
    const attempt = ++attempts;
    try {
      const opened = await navigator.mediaDevices.getUserMedia({ video: { ...cameraSize(), facingMode: "user" } });
      if (attempt !== attempts) return opened.getTracks().forEach((track) => track.stop());
      stream = opened;
      video.srcObject = stream;
      await video.play();
    } catch (error) {
      if (attempt !== attempts) return;
      fail(text(error.name === "NotAllowedError" ? "camera_refused" : "camera_missing"));
      return stop();
    }
    mark(button, "aria-pressed", true);
    next(attempt);
  }
  function next(attempt) {
    if (attempt !== attempts) return;
    withFrameOf(video, (frame) => put(frame, video.videoWidth, video.videoHeight));
    const again = () => next(attempt);
    video.requestVideoFrameCallback ? video.requestVideoFrameCallback(again) : requestAnimationFrame(again);
  }
  function stop() {
    attempts++;
    wanted = false;
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
    mark(button, "aria-pressed", false);
  }
  onVisible((shown) => !shown && stop());
  return { button, stop };
}

/** Calls `use` with the video's present frame; drawing a VideoFrame takes a fraction of the time that the video itself takes. */
function withFrameOf(video, use) {
  if (!window.VideoFrame) return use(video);
  const frame = new VideoFrame(video);
  use(frame);
  frame.close();
}

/** A small black pad on the photo's own canvas: draw with the pointer, or with the arrow keys and the space bar. */
function drawingPad(begin) {
  const board = $(".photo .frame");
  const clear = plainButton(text("clear"), () => blank(), { hidden: true });
  const button = plainButton(text("draw"), () => (on ? end() : start()), { "aria-pressed": "false", title: text("draw_hint") });
  let on = false;
  let pen = null; // where the pen was last; null when it is lifted
  let keys = { x: PAD_SIDE / 2, y: PAD_SIDE / 2, down: false };

  function start() {
    begin();
    blank();
    show(true);
    board.focus({ preventScroll: true });
  }
  function end() {
    if (on) show(false);
  }
  function show(now) {
    on = now;
    pen = null;
    keys = { x: PAD_SIDE / 2, y: PAD_SIDE / 2, down: false };
    clear.hidden = !on;
    button.setAttribute("aria-pressed", String(on));
    board.classList.toggle("pad", on);
    if (on) { board.tabIndex = 0; board.setAttribute("aria-label", text("draw_hint")); board.setAttribute("role", "group"); }
    else for (const name of ["tabindex", "aria-label", "role"]) board.removeAttribute(name);
  }
  function blank() {
    const black = Object.assign(make("canvas"), { width: PAD_SIDE, height: PAD_SIDE });
    const context = black.getContext("2d");
    context.fillRect(0, 0, PAD_SIDE, PAD_SIDE);
    showPicture(black, PAD_SIDE, PAD_SIDE, text("drawing"));
  }
  function line(to) {
    const from = pen ?? to;
    Object.assign(photoContext, { strokeStyle: "#ffffff", lineWidth: PEN_WIDTH, lineCap: "round", lineJoin: "round" });
    photoContext.beginPath();
    photoContext.moveTo(from.x, from.y);
    photoContext.lineTo(to.x + 0.01, to.y);
    photoContext.stroke();
    pen = to;
    takePicture();
  }
  const at = (event) => {
    const box = photoCanvas.getBoundingClientRect();
    return { x: ((event.clientX - box.left) / box.width) * PAD_SIDE, y: ((event.clientY - box.top) / box.height) * PAD_SIDE };
  };
  board.addEventListener("pointerdown", (event) => {
    if (!on) return;
    board.setPointerCapture(event.pointerId);
    line(at(event));
  });
  board.addEventListener("pointermove", (event) => { if (on && pen && event.buttons) line(at(event)); });
  for (const kind of ["pointerup", "pointercancel"]) board.addEventListener(kind, () => { pen = null; });
  board.addEventListener("keydown", (event) => {
    const [dx, dy] = { ArrowLeft: [-2, 0], ArrowRight: [2, 0], ArrowUp: [0, -2], ArrowDown: [0, 2], " ": [0, 0] }[event.key] ?? [];
    if (!on || dx === undefined) return;
    event.preventDefault();
    if (event.key === " ") keys.down = !keys.down;
    Object.assign(keys, { x: clamp(keys.x + dx, 0, PAD_SIDE), y: clamp(keys.y + dy, 0, PAD_SIDE) });
    if (keys.down) line({ x: keys.x, y: keys.y });
    else pen = null;
    inspectUnder(Math.min(PAD_SIDE - 1, Math.floor(keys.x)), Math.min(PAD_SIDE - 1, Math.floor(keys.y)));
  });
  return { buttons: [button, clear], end };
}
