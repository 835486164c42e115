// Can you see it? Which of two pictures is the changed one, at a growing budget, until one is right in every trial of one.
// props.value: {original: data URI, trials: right answers in a row that count as seeing it,
//   rungs: [{epsilon, image: data URI, fooled: whether the network falls for it, answer: what it says}]}

let rung = 0, right = 0, changedLeft = false, results = [];

const begin = () => { rung = right = 0; results = []; $(".end").replaceChildren(); $(".told").textContent = ""; ask(); };

function ask() {
  const { original, rungs, trials } = props.value;
  changedLeft = crypto.getRandomValues(new Uint8Array(1))[0] % 2 === 0;
  $(".ask").textContent = text("ask", { round: right + 1, rounds: trials, epsilon: rungs[rung].epsilon });
  const pictures = changedLeft ? [rungs[rung].image, original] : [original, rungs[rung].image];
  const buttons = ["left", "right"].map((side, place) => make("button", {
    type: "button", "data-side": side, onclick: () => answer(place === 0) },
    make("img", { src: pictures[place], alt: text(side) }), text(side)));
  $(".choices").replaceChildren(...buttons);
  $(".choices").dataset.changed = changedLeft ? "left" : "right";
}

/** One wrong answer says that it cannot be seen yet: on to the next budget. */
function answer(left) {
  const { rungs, trials } = props.value, seen = left === changedLeft;
  $(".told").textContent = text(seen ? "right_one" : "wrong_one");
  right += seen ? 1 : 0;
  if (seen && right < trials) return ask();
  results.push({ ...rungs[rung], right, seen });
  if (seen || rung + 1 === rungs.length) return end();
  rung += 1;
  right = 0;
  ask();
}

function end() {
  const { rungs } = props.value, seenAt = results.find((each) => each.seen)?.epsilon;
  const fooledAt = rungs.find((each) => each.fooled)?.epsilon;
  $(".choices").replaceChildren();
  $(".ask").textContent = "";
  $(".told").textContent = "";
  const you = seenAt == null ? text("never", { epsilon: rungs.at(-1).epsilon }) : text("threshold", { epsilon: seenAt });
  const network = fooledAt == null ? text("network_never") : text("network_threshold", { epsilon: fooledAt });
  const cells = (tag, words) => make("tr", {}, ...words.map((word) => make(tag, {}, word)));
  $(".end").replaceChildren(
    make("p", { class: "result" }, you), make("p", {}, network),
    make("table", {}, make("thead", {}, cells("th", [text("head.epsilon"), text("head.you"), text("head.network")])),
      make("tbody", {}, ...results.map((each) => cells("td", [text("levels", { epsilon: each.epsilon }), text(each.seen ? "seen" : "not_seen"), each.answer])))),
    make("button", { type: "button", class: "wk-button", onclick: begin }, text("again")));
}

function show() {
  if (props.value?.rungs) return begin();
  $(".choices").replaceChildren();
  $(".end").replaceChildren();
  $(".ask").textContent = props.value?.waiting ?? "";
  $(".told").textContent = "";
}

watch("value", show);
show();
