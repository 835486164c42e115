// A photo to work on: one of the samples, one's own (click, drop or paste), or the camera.
// props: names (samples, in order), chosen (the sample that is open first). Fires 'chosen' with {sample} or
// {file, name}; the server checks that a file is one that was uploaded. server.thumbnails() gives data URIs.

const CAMERA_SIDE = 720;  // pixels asked of the camera

function mark(name) {
  for (const each of $$(".thumb")) {
    each.setAttribute("aria-checked", each.dataset.name === name);
    each.setAttribute("tabindex", each.dataset.name === name || (!name && each === $(".thumb")) ? 0 : -1);
  }
  $(".own").classList.toggle("used", !name);
}

function chooseSample(name) {
  mark(name);
  trigger("chosen", { sample: name });
}

async function chooseFile(file) {
  if (!file) return;
  $(".trouble").textContent = text("sending", { name: file.name });
  try {
    const { path } = await upload(file);
    $(".trouble").textContent = "";
    mark(null);
    trigger("chosen", { file: path, name: file.name });
  } catch {
    $(".trouble").textContent = notSent(text("not_sent", { name: file.name }));
  }
}

function buildGrid() {
  const thumbs = props.names.map((name) => {
    const title = props.texts.names[name] ?? name;
    return make("button", { type: "button", class: "thumb", role: "radio", "data-name": name, title, "aria-label": title, onclick: () => chooseSample(name) });
  });
  $(".grid").setAttribute("aria-label", text("choose"));
  $(".grid").replaceChildren(...thumbs);
  $(".grid").addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const next = thumbs[(thumbs.indexOf(event.target) + step + thumbs.length) % thumbs.length];
    next.focus();
    chooseSample(next.dataset.name);
  });
  mark(props.chosen);
}

async function fillGrid() {
  const pictures = await server.thumbnails();
  for (const each of $$(".thumb")) if (pictures[each.dataset.name]) each.style.backgroundImage = `url(${pictures[each.dataset.name]})`;
}

function buildOwn() {
  const input = make("input", { type: "file", accept: "image/*,.heic,.heif", class: "wk-visually-hidden",
    onchange: () => { chooseFile(input.files[0]); input.value = ""; } });
  const camera = navigator.mediaDevices?.getUserMedia
    ? make("button", { type: "button", class: "wk-button", onclick: openCamera }, text("camera")) : null;
  $(".own").append(make("label", { class: "wk-button file" }, text("own"), input), ...[camera].filter(Boolean));
}

/** One picture from the camera; its light goes out when the dialog closes, however it closes. */
async function openCamera() {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: CAMERA_SIDE }, height: { ideal: CAMERA_SIDE } } });
  } catch {
    $(".trouble").textContent = text("no_camera");
    return;
  }
  $(".trouble").textContent = "";
  const video = make("video", { autoplay: true, playsinline: true, muted: true });
  video.srcObject = stream;
  video.muted = true;
  const take = async () => {
    const canvas = make("canvas", { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext("2d").drawImage(video, 0, 0);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
    dialog.close();
    chooseFile(new File([blob], "camera.jpg", { type: "image/jpeg" }));
  };
  const dialog = make("dialog", { class: "wk-dialog wk-camera", "aria-label": text("camera") }, video,
    make("p", {}, make("button", { class: "wk-button primary", onclick: take }, text("take")), " ",
      make("button", { class: "wk-button", onclick: () => dialog.close() }, text("close"))));
  dialog.addEventListener("close", () => { stream.getTracks().forEach((track) => track.stop()); dialog.remove(); });
  document.body.append(dialog);
  dialog.showModal();
}

function acceptDrops() {
  const over = (on) => (event) => { event.preventDefault(); $(".photos").classList.toggle("over", on); };
  element.addEventListener("dragover", over(true));
  element.addEventListener("dragleave", over(false));
  element.addEventListener("drop", (event) => { over(false)(event); chooseFile(event.dataTransfer.files[0]); });
  document.addEventListener("paste", (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find((each) => each.type.startsWith("image/"));
    if (file && element.isConnected && element.offsetParent) chooseFile(file);
  });
}

$(".photos").addEventListener("wk-none", () => mark(null));  // the picture comes from elsewhere
watch("chosen", () => mark(props.chosen));  // the page opened a link, or a file that was saved here
buildGrid();
buildOwn();
acceptDrops();
fillGrid();
