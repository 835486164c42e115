// Where the picture comes from. The live engine sends nothing of it to the server; the bank of filters sends the present picture.

const LONGEST = 512;

/** A picture file as something to draw, upright; throws when it is none. */
async function decoded(blob) {
  return createImageBitmap(blob, { imageOrientation: "from-image" });
}

/**
 * Thumbnails, digits, and the buttons for one's own pictures.
 * `show(drawable, width, height, title, mirrored)` puts a picture on the photo's canvas; `fail(sentence)` says what went wrong.
 */
function pictureSources(root, show, fail) {
  const photos = new Map([[props.value.name, Promise.resolve(props.value.picture)]]);
  const tiles = new Map();
  let asked = 0;
  let chosen = null; // the sample that is shown or on its way

  const photo = (name) => {
    if (!photos.has(name)) {
      const coming = server.photo(name);
      photos.set(name, coming);
      coming.catch(() => photos.delete(name));
    }
    return photos.get(name);
  };

  const press = (name) => {
    chosen = name;
    tiles.forEach((tile, other) => tile.setAttribute("aria-pressed", String(other === name)));
  };

  const webcam = camera((video, width, height) => put(video, width, height, text("camera"), true), fail);
  const pad = drawingPad(() => halt());

  /** Draws a picture of any size, shrunk to fit. */
  const put = (drawable, width, height, title, mirrored = false) => {
    const shrink = Math.min(1, LONGEST / Math.max(width, height));
    show(drawable, Math.max(1, Math.round(width * shrink)), Math.max(1, Math.round(height * shrink)), title, mirrored);
  };

  /** Stops whatever else gives pictures. */
  const halt = (name = null) => {
    asked++;
    webcam.stop();
    pad.end();
    press(name);
    fail(null);
  };

  /** Shows what `load` brings, unless something else was asked for meanwhile. */
  const use = async (name, title, load, problem) => {
    halt(name);
    const turn = asked;
    try {
      const drawable = await load();
      if (turn === asked) put(drawable, drawable.width, drawable.height, title);
    } catch {
      if (turn === asked) fail(problem);
    }
  };

  const useSample = (name) => use(name, text(`photos.${name}`),
    async () => decoded(await (await fetch(await photo(name))).blob()), text("photo_problem"));
  const useFile = (file) => use(null, file.name || text("pasted"), () => decoded(file),
    text("not_a_picture", { name: file.name || text("pasted") }));

  const tile = (name) => {
    const label = text(`photos.${name}`);
    const made = make("button", { type: "button", class: "tile", title: label, "aria-label": label,
      onclick: () => useSample(name) });
    tiles.set(name, made);
    return made;
  };

  const picker = make("input", { type: "file", accept: "image/*", hidden: true, onchange: () => {
    if (picker.files[0]) useFile(picker.files[0]);
    picker.value = "";
  } });
  webcam.button.addEventListener("click", () => { asked++; pad.end(); press(null); });
  const upload = plainButton(text("upload"), () => picker.click(), { title: text("upload_hint") });
  const samples = make("div", { class: "samples" },
    make("div", { class: "tiles", role: "group", "aria-label": text("photos_label") }, ...props.photos.map(tile)),
    make("div", { class: "tiles digits", role: "group", "aria-label": text("digits_label") }, ...props.digits.map(tile)));
  root.append(samples,
    make("div", { class: "own" }, upload, webcam.button, ...pad.buttons, picker));

  /** Thumbnails first, then all photos one by one; what does not come is asked for again when it is chosen. */
  const fetchAhead = async () => {
    const small = await server.thumbnails();
    for (const [name, made] of tiles) if (small[name]) made.style.backgroundImage = `url(${small[name]})`;
    for (const name of tiles.keys()) await photo(name);
  };
  fetchAhead().catch(() => {});
  acceptFiles(useFile);
  return { first: () => useSample(props.value.name), useSample, sample: () => chosen, useFile, halt };
}

/** Dropping a file anywhere on the component, or pasting one while it is in view. */
function acceptFiles(useFile) {
  const root = $(".kernel-tab");
  let inView = false;
  onVisible((shown) => { inView = shown; });
  root.addEventListener("dragover", (event) => { event.preventDefault(); root.classList.add("dropping"); });
  root.addEventListener("dragleave", (event) => { if (!root.contains(event.relatedTarget)) root.classList.remove("dropping"); });
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    root.classList.remove("dropping");
    if (event.dataTransfer.files[0]) useFile(event.dataTransfer.files[0]);
  });
  document.addEventListener("paste", (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find((candidate) => candidate.type.startsWith("image/"));
    if (inView && file) { event.preventDefault(); useFile(file); }
  });
}
