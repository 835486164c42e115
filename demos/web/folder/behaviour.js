// A folder of photos, or a zip, on its way to the server.
// props: suffixes (of photos), longest (pixels, photos are made smaller before sending), most (photos).
// Fires 'given' with {files: [{name, path}]} (path null: not sent) or {zip: path, name}.
// props.value from the server: {trouble: sentence} or {taken: true}.

let run = { given_up: false };

function going(words, share) {
  $(".going").hidden = !words;
  $(".ways").hidden = $(".invitation").hidden = Boolean(words);
  $(".words").textContent = words ?? "";
  $(".fill").style.width = `${(100 * (share ?? 0)).toFixed(1)}%`;
  $(".give-up").hidden = !words || share >= 1;
}

function trouble(words) {
  going(null);
  $(".trouble").textContent = words ?? "";
}

function timeLeft(started, done, total) {
  const seconds = ((performance.now() - started) / 1000 / done) * (total - done);
  return seconds < 2 ? "" : text(seconds < 90 ? "seconds_left" : "minutes_left", { seconds: Math.ceil(seconds), minutes: Math.ceil(seconds / 60) });
}

async function take(given) {
  run.given_up = true;
  const mine = (run = { given_up: false });
  $(".trouble").textContent = "";
  const zips = given.filter(({ name, file }) => file && suffix(name) === ".zip");
  if (zips.length === 1 && !given.some(({ name, file }) => file && isPhoto(name))) return takeZip(zips[0], mine);
  const photos = given.filter(({ name, file }) => file && isPhoto(name));
  if (!photos.length) return trouble(text("no_photos"));
  if (photos.length > props.most) return trouble(text("too_many", { photos: photos.length, most: props.most }));
  const started = performance.now();
  const report = (done) => mine === run && !mine.given_up && going(
    [text("sent", { done, total: photos.length }), done && timeLeft(started, done, photos.length)].filter(Boolean).join(" "), done / photos.length);
  report(0);
  await sendAll(photos, mine, report);
  if (mine !== run || mine.given_up) return;
  going(text("looking", { total: photos.length }), 1);
  trigger("given", { files: given.map(({ name, path }) => ({ name, path: path ?? null })) });
}

async function takeZip({ name, file }, mine) {
  going(text("sending_zip", { name, megabytes: Math.max(1, Math.round(file.size / 1e6)) }), 0);
  const path = await sendOne(file, `${batchName()}.zip`, mine);
  if (mine !== run || mine.given_up) return;
  if (!path) return trouble(notSent(text("zip_not_sent", { name })));
  going(text("unpacking", { name }), 1);
  trigger("given", { zip: path, name });
}

function buildWays() {
  const way = (label, attributes) => {
    const input = make("input", { type: "file", class: "wk-visually-hidden", ...attributes,
      onchange: () => { const given = fromInput(input.files); input.value = ""; if (given.length) take(given); } });
    return make("label", { class: "wk-button choice" }, label, input);
  };
  $(".ways").append(
    way(text("folder"), { webkitdirectory: true, multiple: true, "data-way": "folder" }),
    way(text("zip"), { accept: ".zip,application/zip", "data-way": "zip" }),
    make("button", { type: "button", class: "wk-button", onclick: openCollect }, text("collect.open")));
  $(".going").append(make("div", {}, make("button", { type: "button", class: "wk-button give-up",
    onclick: () => { run.given_up = true; trouble(text("given_up")); } }, text("cancel"))));
}

function acceptDrops() {
  const over = (on) => (event) => { event.preventDefault(); $(".folder").classList.toggle("over", on); };
  element.addEventListener("dragover", over(true));
  element.addEventListener("dragleave", over(false));
  element.addEventListener("drop", async (event) => {
    over(false)(event);
    const reading = fromDrop(event.dataTransfer);
    going(text("reading"), 0);
    take(await reading.catch(() => []));
  });
}

$(".invitation").textContent = text("invitation");
$(".promise").textContent = text("promise", { most: props.most });
buildWays();
acceptDrops();
going(null);
watch("value", () => trouble(props.value?.trouble));
