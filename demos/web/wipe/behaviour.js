// Two pictures that one wipes between, and the change between them, magnified.
// props.value: {original, adversarial: data URIs of lossless pictures, before, after: what the network says of each}
// Fires 'opened' when its tab is first seen.

const stage = $(".stage"), slider = $(".slider");
let newest = 0;

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

/** The signed mean change of each pixel's channels in the diverging scale; the largest change gets full colour. */
function drawChange(before, after) {
  const canvas = $(".change canvas");
  canvas.width = before.width;
  canvas.height = before.height;
  const context = canvas.getContext("2d"), drawn = context.createImageData(before.width, before.height);
  const change = new Float32Array(before.width * before.height);
  let largest = 0;
  for (let i = 0; i < change.length; i++) {
    for (let c = 0; c < 3; c++) {
      const difference = after.data[4 * i + c] - before.data[4 * i + c];
      change[i] += difference / 3;
      largest = Math.max(largest, Math.abs(difference));
    }
  }
  change.forEach((value, i) => drawn.data.set([...diverging(value / (largest || 1)), 255], 4 * i));
  context.putImageData(drawn, 0, 0);
  describeChange(largest);
}

function describeChange(largest) {
  $(".legend i").style.background = divergingGradient();
  $(".legend .low").textContent = number(-largest, 0);
  $(".legend .high").textContent = `+${number(largest, 0)}`;
  const caption = largest ? text("change", { levels: largest, factor: Math.round(255 / largest) }) : text("no_change");
  $(".change figcaption").textContent = caption;
  $(".change canvas").setAttribute("aria-label", caption);
}

async function show() {
  const value = props.value;
  if (!value?.original) return;
  const turn = ++newest;
  const [before, after] = await Promise.all([
    pixelsInto($(".before"), value.original), pixelsInto($(".after"), value.adversarial)]);
  if (turn !== newest) return;
  drawChange(before(), after());
  $(".tag.left").textContent = value.before;
  $(".tag.right").textContent = value.after;
  $(".pair figcaption").textContent = text("pair");
  $(".after").setAttribute("aria-label", `${text("adversarial")}: ${value.after}`);
}

slider.setAttribute("aria-label", text("wipe"));
slider.addEventListener("input", () => stage.style.setProperty("--split", `${slider.value}%`));
pictureTools($(".pair"), () => $(".after"), "whiskers-adversarial");
pictureTools($(".change"), () => $(".change canvas"), "whiskers-change");
watch("value", show);
show();
trigger("opened");
