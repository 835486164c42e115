// Sending photos: made smaller first, a few at a time, each tried again when the connection drops.

const AT_ONCE = 4, TRIES = 4, PATIENCE_MS = [600, 2000, 5000];
const SMALL_ENOUGH = 250000;  // bytes: below it, a photo that is not too wide is sent as it is
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/** A name that no other upload has, so that the server can tell photos with the same bytes apart. */
const batchName = () => [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** The photo as a JPEG no wider or higher than props.longest; as it is when it is small or cannot be read here. */
async function shrunk(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file;
  }
  const scale = Math.min(1, props.longest / Math.max(bitmap.width, bitmap.height));
  if (scale === 1 && file.size <= SMALL_ENOUGH) return bitmap.close(), file;
  const canvas = make("canvas", { width: Math.max(1, Math.round(bitmap.width * scale)), height: Math.max(1, Math.round(bitmap.height * scale)) });
  const context = canvas.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return (await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92))) ?? file;
}

/** The path on the server, or null when it did not arrive or the run was given up. */
async function sendOne(file, name, run) {
  for (let attempt = 0; attempt < TRIES && !run.given_up; attempt += 1) {
    try {
      return (await upload(new File([file], name, { type: file.type }))).path;
    } catch {
      if (attempt < TRIES - 1) await wait(PATIENCE_MS[attempt]);
    }
  }
  return null;
}

/** Sends photos = [{name, file}], filling in each one's `path`; calls `progress(done)` after each. */
async function sendAll(photos, run, progress) {
  const batch = batchName();
  let next = 0, done = 0;
  const worker = async () => {
    while (next < photos.length && !run.given_up) {
      const index = next, photo = photos[index];
      next += 1;
      const small = await shrunk(photo.file);
      photo.path = await sendOne(small, `${batch}-${index}.${small === photo.file ? "bin" : "jpg"}`, run);
      done += 1;
      progress(done);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
