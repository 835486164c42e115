// Why did it say that? Grad-CAM for the open layer and a class, over the photo.

const whys = new Map();  // answers of server.why, by photo, layer and class

/** The reasons for the chosen class at the open layer; null until they are here. */
function reasons() {
  return whys.get(whyKey()) ?? null;
}

const whyKey = () => `${study.key} ${view.layer} ${view.index ?? "first"}`;

async function fetchWhy() {
  const key = whyKey(), asked = study;
  if (whys.has(key) || !asked.answers) return;
  whys.set(key, null);
  const found = await server.why({ key: asked.key, layer: view.layer, index: view.index }).catch(() => null);
  if (!found) { whys.delete(key); return; }
  found.bitmap = await decode(found.image);
  Object.assign(found, { columns: 1, pitch: found.size });
  const grey = greyOf(found, 0);
  found.map = Float32Array.from(grey, (level) => level / 255);
  whys.set(key, found);
  if (study === asked && whyKey() === key) redrawWhy();
}

/** New reasons change the picture and, where the channels are sorted by them, the sheet. */
function redrawWhy() {
  if (view.by === "share") show();
  else drawChannel(view.channel);
}

function drawWhy() {
  const found = reasons();
  $(".channel h3").textContent = text("why_title", { layer: view.layer });
  fetchWhy();
  if (!found) { $(".reading").textContent = text("why_coming"); return; }
  paintOverlay($(".overlay"), study.picture, found.map, found.size, view.strength, null);
  labelled($(".overlay"), $(".channel h3").textContent);
  $(".reading").textContent = text("why_reading");
  const select = make("select", { onchange: () => { view.index = Number(select.value); redrawWhy(); } },
    ...found.classes.map(({ index, name }) => make("option", { value: index, selected: index === found.index }, name)));
  if (!$(".classes select") || $(".classes").dataset.key !== whyKey()) {
    $(".classes").dataset.key = whyKey();
    $(".classes").replaceChildren(make("label", { class: "choice" }, make("span", {}, text("why_class")), select));
  }
}
