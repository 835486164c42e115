// Photos class by class: from the camera while a button is held down, or from files. They stay until the page is closed.

const EVERY_MS = 200, SHOT_SIDE = 320;
const LEAST = 2;  // classes, and photos in each

const collected = [];  // [{name, shots: [{file, uri}]}]
let camera = null;     // the stream while the dialog is open

/** A class name that can be a folder's: no slashes, no dot in front. */
const folderName = (name, place) => name.replace(/[/\u005c]+/g, "\u2013").replace(/^[.\s]+|\s+$/g, "") || text("collect.class", { place: place + 1 });

function addClass() {
  collected.push({ name: text("collect.class", { place: collected.length + 1 }), shots: [] });
}

/** The middle of the present picture, square. */
async function shot(video) {
  const side = Math.min(video.videoWidth, video.videoHeight), canvas = make("canvas", { width: SHOT_SIDE, height: SHOT_SIDE });
  if (!side) return null;
  canvas.getContext("2d").drawImage(video, (video.videoWidth - side) / 2, (video.videoHeight - side) / 2, side, side, 0, 0, SHOT_SIDE, SHOT_SIDE);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
  return new File([blob], "camera.jpg", { type: "image/jpeg" });
}

function openCollect() {
  while (collected.length < LEAST) addClass();
  const video = make("video", { autoplay: true, playsinline: true, muted: true });
  video.muted = true;
  const words = make("p", { class: "words", role: "status" });
  const use = make("button", { type: "button", class: "wk-button primary use", onclick: () => { dialog.close(); useCollected(); } }, text("collect.use"));
  const cards = make("div", { class: "cards" });
  const another = make("button", { type: "button", class: "wk-button", onclick: () => { addClass(); draw(); $(".name", cards.lastChild).select(); } }, text("collect.add_class"));
  const dialog = make("dialog", { class: "wk-dialog collect", "aria-label": text("collect.title") },
    make("h3", {}, text("collect.title")), make("p", {}, text("collect.how")),
    make("div", { class: "desk" }, make("div", { class: "eye" }, video, make("p", { class: "no-camera" })), cards), words,
    make("p", { class: "ends" }, another, use, make("button", { type: "button", class: "wk-button", onclick: () => dialog.close() }, text("collect.close"))));
  const tell = () => {
    const ready = collected.filter(({ shots }) => shots.length >= LEAST).length;
    use.disabled = ready < 2;
    words.textContent = ready < 2 ? text("collect.need", { least: LEAST }) : "";
  };
  const draw = () => { cards.replaceChildren(...collected.map((each, place) => card(each, place, video, draw, tell))); tell(); };
  dialog.addEventListener("close", () => { camera?.getTracks().forEach((track) => track.stop()); camera = null; dialog.remove(); });
  $(".folder").append(dialog);
  draw();
  dialog.showModal();
  openEye(dialog, video);
}

async function openEye(dialog, video) {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 }, height: { ideal: 480 } } });
    if (!dialog.open) return stream.getTracks().forEach((track) => track.stop());
    camera = stream;
    video.srcObject = stream;
    dialog.classList.add("seeing");
  } catch {
    $(".no-camera", dialog).textContent = text("collect.no_camera");
  }
}

function card(group, place, video, redraw, tell) {
  const count = make("span", { class: "count" });
  const shots = make("div", { class: "shots" });
  const name = make("input", { class: "name", value: group.name, maxlength: 60, "aria-label": text("collect.name"), oninput: () => { group.name = name.value; } });
  const show = () => {
    count.textContent = text("collect.count", { count: group.shots.length });
    shots.replaceChildren(...group.shots.map((each) => make("button", { type: "button", class: "shot", title: text("collect.remove"), "aria-label": text("collect.remove"),
      onclick: () => { group.shots.splice(group.shots.indexOf(each), 1); URL.revokeObjectURL(each.uri); show(); } }, make("img", { src: each.uri, alt: "" }))));
    shots.scrollTop = shots.scrollHeight;
    tell();
  };
  const keep = (file) => {
    if (!file || collected.reduce((sum, each) => sum + each.shots.length, 0) >= props.most) return;
    group.shots.push({ file, uri: URL.createObjectURL(file) });
    show();
  };
  const files = make("input", { type: "file", multiple: true, accept: props.suffixes.join(","), class: "wk-visually-hidden",
    onchange: () => { [...files.files].forEach(keep); files.value = ""; } });
  const remove = collected.length <= LEAST ? null : make("button", { type: "button", class: "wk-button",
    onclick: () => { collected.splice(place, 1); redraw(); } }, text("collect.remove_class"));
  show();
  return make("section", { class: "card" }, make("p", {}, name, count), shots,
    make("p", { class: "acts" }, holdButton(video, keep), make("label", { class: "wk-button choice" }, text("collect.add"), files), remove));
}

/** Takes a photo when pressed and goes on for as long as it is held, by pointer or key. */
function holdButton(video, keep) {
  let timer = null;
  const take = async () => keep(await shot(video));
  const begin = () => { if (!timer) { take(); timer = setInterval(take, EVERY_MS); } };
  const end = () => { clearInterval(timer); timer = null; };
  const isPress = ({ key }) => key === " " || key === "Enter";
  return make("button", { type: "button", class: "wk-button primary hold",
    onpointerdown: (event) => { event.currentTarget.setPointerCapture(event.pointerId); begin(); }, onlostpointercapture: end, onblur: end,
    onkeydown: (event) => { if (isPress(event)) { event.preventDefault(); begin(); } }, onkeyup: (event) => isPress(event) && end(),
    oncontextmenu: (event) => event.preventDefault() }, text("collect.hold"));
}

/** Sends what was collected as a folder with a subfolder for each class. */
function useCollected() {
  take(collected.flatMap(({ name, shots }, place) => shots.map(({ file }, number) =>
    ({ name: `${folderName(name, place)}/${number + 1}${suffix(file.name) || ".jpg"}`, file }))));
}
