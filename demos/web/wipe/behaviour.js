// Two pictures that one wipes between, with a lens, and the change between them, magnified, or which pixels it touches.
// props.value: {original, adversarial: data URIs of lossless pictures, before, after: what the network says of each, told?: how far it is, did?}
// Fires 'opened' when its tab is first seen.

const stage = $(".stage"), slider = $(".slider");
const lens = $(".lens"), lensButton = $(".lens-button"), glass = make("span", { class: "glass", "aria-hidden": "true" });
const file = new Image();  // the file itself, with what it carries beside its pixels
const ZOOM = 9;
let newest = 0, change = null, kind = "signed", looked = [0.5, 0.4];

async function pixelsInto(canvas, source) {
  const image = new Image();
  image.src = source;
  await image.decode();
  return () => {
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, canvas.width, canvas.height);
  };
}

/** For each pixel the signed mean change of its channels and the largest; and the largest of all, in levels. */
function measure(before, after) {
  const mean = new Float32Array(before.width * before.height), most = new Uint8Array(mean.length);
  let largest = 0, touched = 0;
  for (let i = 0; i < mean.length; i++) {
    for (let c = 0; c < 3; c++) {
      const difference = after.data[4 * i + c] - before.data[4 * i + c];
      mean[i] += difference / 3;
      most[i] = Math.max(most[i], Math.abs(difference));
    }
    largest = Math.max(largest, most[i]);
    if (most[i]) touched += 1;
  }
  return { width: before.width, height: before.height, mean, most, largest, touched: touched / mean.length };
}

/** Signed in the diverging scale, or only how much, from nothing to its warm end; the largest gets full colour. */
function drawChange() {
  const canvas = $(".change canvas"), { width, height, mean, most, largest } = change;
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d"), drawn = context.createImageData(width, height);
  const values = kind === "signed" ? mean : most;
  values.forEach((value, i) => drawn.data.set([...diverging(value / (largest || 1)), 255], 4 * i));
  context.putImageData(drawn, 0, 0);
  describeChange();
}

function describeChange() {
  const { largest, touched } = change, signed = kind === "signed";
  $(".legend i").style.background = signed ? divergingGradient() : `linear-gradient(90deg, ${[0, 0.5, 1].map((value) => `rgb(${diverging(value).join(",")})`).join(", ")})`;
  $(".legend .low").textContent = number(signed ? -largest : 0, 0);
  $(".legend .high").textContent = `${signed ? "+" : ""}${number(largest, 0)}`;
  const words = signed ? text("change", { levels: largest, factor: Math.round(255 / (largest || 1)) })
    : text("touched_caption", { share: percent(touched, touched < 0.1 ? 1 : 0), levels: largest });
  const caption = largest ? words : text("no_change");
  $(".change figcaption").textContent = caption;
  labelled($(".change canvas"), caption);
}

/** The places around (x, y), both from 0 to 1, of the photo, the changed photo and the change, as single pixels. */
function look(x, y) {
  if (lens.hidden || !change) return;
  const { width, height } = change, side = Math.max(4, Math.round(Math.min(width, height) / ZOOM));
  const left = Math.round(clamp(x * width - side / 2, 0, width - side)), top = Math.round(clamp(y * height - side / 2, 0, height - side));
  [$(".before"), $(".after"), $(".change canvas")].forEach((source, place) => {
    const canvas = $$(".lens canvas")[place];
    Object.assign(canvas, { width: side, height: side });
    canvas.getContext("2d").drawImage(source, left, top, side, side, 0, 0, side, side);
  });
  Object.assign(glass.style, { left: `${(100 * left) / width}%`, top: `${(100 * top) / height}%`, width: `${(100 * side) / width}%`, height: `${(100 * side) / height}%` });
  looked = [x, y];
}

function toggleLens() {
  lens.hidden = !lens.hidden;
  lensButton.setAttribute("aria-pressed", !lens.hidden);
  if (lens.hidden) return glass.remove();
  stage.append(glass);
  look(...looked);
}

function chooseKind(chosen) {
  kind = chosen;
  for (const each of $$(".kinds button")) each.setAttribute("aria-pressed", each.dataset.kind === kind);
  if (change) drawChange();
  look(...looked);
}

async function show() {
  const value = props.value;
  if (!value?.original) return;
  did(value.did);
  const turn = ++newest;
  const [before, after] = await Promise.all([
    pixelsInto($(".before"), value.original), pixelsInto($(".after"), value.adversarial)]);
  if (turn !== newest) return;
  change = measure(before(), after());
  stage.style.aspectRatio = $(".change canvas").style.aspectRatio = `${change.width} / ${change.height}`;
  file.src = value.adversarial;
  drawChange();
  look(...looked);
  $(".tag.left").textContent = value.before;
  $(".tag.right").textContent = value.after;
  $(".pair figcaption").replaceChildren(make("span", { class: "always" }, text("pair")), make("b", { class: "told" }, value.told ?? ""));
  file.alt = `${text("adversarial")}: ${value.after}`;
  labelled($(".after"), file.alt);
}

slider.setAttribute("aria-label", text("wipe"));
slider.addEventListener("input", () => stage.style.setProperty("--split", `${slider.value}%`));
lensButton.textContent = text("lens");
lensButton.addEventListener("click", toggleLens);
$(".lens p").textContent = text("lens_caption", { zoom: ZOOM });
stage.addEventListener("pointermove", (event) => {
  const box = stage.getBoundingClientRect();
  look((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
});
for (const each of $$(".kinds button")) {
  each.textContent = text(each.dataset.kind);
  each.addEventListener("click", () => chooseKind(each.dataset.kind));
}
pictureTools($(".pair"), () => file, "whiskers-adversarial");
pictureTools($(".change"), () => $(".change canvas"), "whiskers-change");
watch("value", show);
show();
trigger("opened");
