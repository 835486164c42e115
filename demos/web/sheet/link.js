// The link to what is looked at, and a look that a link asks for: props.value.open, {turn, layer?, channel?, view?, sort?,
// relu?, common?, x?, y?}, of which Python has checked everything.

const FIRST_LOOK = { channel: null, relu: true, common: false, by: "index", mode: "where" };
const LINK_PAUSE = 200;  // milliseconds between two links while one walks through the channels

let openedTurn = null;  // of the link that was followed last
let linkTimer = 0;

/** What a link to this view says. */
function settingsOfView() {
  const [network, weights, colours] = study.network.split("|");
  const told = { network, layer: view.layer, channel: view.channel };
  const isSample = !study.live && props.samples.includes(study.source);
  if (isSample) told.photo = study.source;
  if (weights !== props.uses.weights) told.weights = weights;
  if (colours !== props.uses.colours) told.colours = colours;
  if (view.mode !== FIRST_LOOK.mode) told.view = view.mode;
  if (view.by !== FIRST_LOOK.by) told.sort = view.by;
  if (view.by === "place") for (const [name, share] of Object.entries(view.place)) told[name] = share.toFixed(3);
  for (const name of ["relu", "common"]) if (view[name] !== FIRST_LOOK[name]) told[name] = Number(view[name]);
  return { settings: told, own: !isSample };
}

function tellView() {
  linkTimer ||= setTimeout(() => {
    linkTimer = 0;
    if (study.network && view.channel != null) tellLink("feature_maps", settingsOfView());
  }, LINK_PAUSE);
}

/** Looks at what a link asks for, once; whether there was anything. */
function followLink({ open, first }) {
  if (!open || open.turn === openedTurn) return false;
  openedTurn = open.turn;
  const { layer = first, channel = null, view: mode = "where", sort: by = "index", relu = true, common = false, x = 0.5, y = 0.5 } = open;
  Object.assign(view, { place: { x, y }, layer, channel, mode, by, relu, common });
  $(".toolbar").replaceChildren(...toolbar());
  markViews();
  return true;
}
