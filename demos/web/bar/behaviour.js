// The bar at the head of the page: how long one waits, large type for a projector, and the way in for a class.
// props.value: {address, code (SVG)} in a class; null elsewhere. texts: {language, projector, join, reset, sure, close, warning}.
// The document's event wk-asked tells that the page has asked the server for something.

const WATCHED = 30_000, EACH = 3_000, IDLE = 15_000;  // milliseconds
const teacher = new URLSearchParams(location.search).get("teacher");
let asked = 0, last = 0, resets = null;

async function look() {
  const now = Date.now(), watching = now - asked < WATCHED;
  if (document.hidden || (!watching && !props.value) || now - last < (watching ? EACH : IDLE) - 100) return;
  last = now;
  try {
    const told = await (await fetch("waiting")).json();
    if (resets !== null && told.resets !== resets) return beginAnew();
    resets = told.resets;
    $(".wait").textContent = watching ? told.words : "";
    $(".wait").hidden = !$(".wait").textContent;
  } catch {
    // the server does not answer now; the page itself says so where it matters
  }
}

function beginAnew() {
  sessionStorage.removeItem("whiskers-session");
  location.reload();
}

function project(large) {
  document.documentElement.classList.toggle("wk-projector", large);
  $(".projector").setAttribute("aria-pressed", String(large));
}

$(".projector").hidden = innerWidth < 760;  // nobody projects a phone
for (const name of ["language", "projector", "join", "reset", "close"]) $(`.${name}`).textContent = text(name);
$(".projector").addEventListener("click", () => project($(".projector").getAttribute("aria-pressed") !== "true"));
if (props.value) {
  $(".join").hidden = false;
  $(".address").textContent = props.value.address;
  $(".code").innerHTML = props.value.code;
  $(".warning").textContent = text("warning");
  $(".join").addEventListener("click", () => $(".door").showModal());
  $(".close").addEventListener("click", () => $(".door").close());
  $(".reset").hidden = !teacher;
  $(".reset").addEventListener("click", async () => {
    if (!confirm(text("sure"))) return;
    const answer = await fetch("reset", { method: "POST", headers: { "x-whiskers-teacher": teacher } });
    if (answer.ok) beginAnew();
  });
}
const OTHERS = { en: "nl", nl: "en" };
const other = () => OTHERS[whiskersLanguage.chosen];
const nameLanguage = () => $(".language").setAttribute("lang", other());
$(".language").addEventListener("click", () => whiskersLanguage.choose(other()));
document.addEventListener("wk-language", nameLanguage);
nameLanguage();
document.addEventListener("wk-asked", () => { asked = Date.now(); setTimeout(look, 1_000); });
setInterval(look, EACH);
look();
