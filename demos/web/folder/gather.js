// What was dropped or chosen, as [{name, file}]: names keep their folders, a folder's own name ends in a slash.

const HIDDEN = /(^|\/)(\.|__macosx(\/|$)|thumbs\.db$|desktop\.ini$)/i;

function suffix(name) {
  const file = name.split("/").at(-1);
  return file.includes(".") ? `.${file.split(".").at(-1).toLowerCase()}` : "";
}

/** Whether a file is worth sending: the server is told the names of the others. */
const isPhoto = (name) => !HIDDEN.test(name) && (!suffix(name) || props.suffixes.includes(suffix(name)));

const fromInput = (files) => [...files].map((file) => ({ name: file.webkitRelativePath || file.name, file }));

/** Everything inside a dropped file or folder; readEntries gives at most 100 at a time. */
async function walk(entry, prefix = "") {
  const name = prefix + entry.name;
  if (entry.isFile) return [{ name, file: await new Promise((done, failed) => entry.file(done, failed)) }];
  const reader = entry.createReader();
  const inside = [{ name: `${name}/`, file: null }];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return inside;
    for (const each of some) inside.push(...(await walk(each, `${name}/`)));
  }
}

async function fromDrop(transfer) {
  // The items are only there during the event: take all entries before the first await
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return fromInput(transfer.files);
  return (await Promise.all(entries.map((entry) => walk(entry)))).flat();
}
