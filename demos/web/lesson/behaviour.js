// A question before, three tasks that are ticked by themselves, what to notice (once something is done), and the question again.
// props.tab: its name; props.line: a selector of the line at its head; props.follows: {tab, name} of the one that comes next. texts: those of common.yaml's lesson, and of the
// tab's own: question, options (the key of the right one is "right"), answer, tasks. What a visitor did stays in her browser.

const MOST_TOLD = 200;  // facts of one kind; the oldest stays, for what it was at first

const told = {};  // what happened on this tab, by kind
let asked = false;  // whether the question after was asked for before all tasks were done

const mine = () => whiskersProgress.of(props.tab);
const isWhole = () => mine().done.length >= props.texts.tasks.length;
const isAskedAgain = () => isWhole() || asked || Boolean(mine().after);
const say = (words) => { $(".said").textContent = words; };

function note({ detail }) {
  for (const [kind, fact] of Object.entries(detail)) {
    const before = (told[kind] ??= []);
    if (before.length >= MOST_TOLD) before.splice(1, 1);
    if (before.at(-1) !== fact) before.push(fact);
  }
  const { done } = mine();
  const fresh = TASKS[props.tab].flatMap((isDone, place) => (!done.includes(place) && isDone(told) ? [place] : []));
  if (!fresh.length) return;
  whiskersProgress.keep(props.tab, { done: [...done, ...fresh] });
  say(text(isWhole() ? "all_done" : "task_done", { number: fresh.at(-1) + 1 }));
}

function options(chosen, choose) {
  return make("div", { class: "options" }, ...Object.entries(props.texts.options).map(([key, words]) =>
    make("button", { type: "button", class: "wk-button option", "aria-pressed": String(key === chosen), "data-option": key,
      onclick: () => choose(key) }, words)));
}

/** The way back for those whom the line at the head led down here. */
const up = () => make("button", { type: "button", class: "wk-button up", onclick: () => {
  document.querySelector(props.line)?.scrollIntoView({ behavior: scrolling(), block: "center" });
  document.querySelector(`${props.line} .next`)?.focus({ preventScroll: true });
} }, text("up"));

function showBefore() {
  const { before } = mine(), choose = (key) => {
    whiskersProgress.keep(props.tab, { before: key });
    say(text("kept"));
    $(".tasks-part h3").focus();
  };
  const below = before ? [make("p", { class: "guess" }, text("guessed", { guess: text(`options.${before}`) })), up()]
    : [options(null, choose), make("p", { class: "wk-caption" }, text("no_matter"))];
  $(".before").hidden = isAskedAgain();
  $(".before").replaceChildren(make("h3", { tabindex: -1 }, text("before")), make("p", { class: "asked" }, text("question")), ...below);
}

function showTasks() {
  const { done } = mine();
  $$(".tasks li").forEach((item, place) => {
    const now = done.includes(place);
    item.classList.toggle("done", now);
    $(".state", item).textContent = now ? text("done") : "";
  });
}

function showAfter() {
  const { before, after } = mine(), part = $(".after");
  if (!isAskedAgain()) {
    part.replaceChildren(make("button", { type: "button", class: "wk-button early", onclick: () => { asked = true; show(); $(".after h3").focus(); } }, text("early")));
    return;
  }
  const question = before ? text("again_guessed", { guess: text(`options.${before}`) }) : text("again");
  part.replaceChildren(make("h3", { tabindex: -1 }, text("after")), make("p", { class: "asked" }, text("question")),
    make("p", { class: "guess" }, question), options(after, (key) => {
      whiskersProgress.keep(props.tab, { after: key });
      $(".verdict").focus();
    }));
  if (after) part.append(make("div", { class: after === "right" ? "verdict right" : "verdict", tabindex: -1 },
    make("b", {}, text(after !== "right" ? "wrong" : before && before !== "right" ? "learnt" : "right")),
    make("p", {}, text("answer"))), tabLink(props.follows.tab, { class: "next" }, text(props.follows.tab === "start" ? "back" : "next", { tab: props.follows.name })));
}

/** What to notice is half the answer: it comes with the first thing done. */
function showNotice() {
  $(".notice").hidden = !mine().done.length && !isAskedAgain();
}

function show() {
  const focused = document.activeElement?.dataset?.option && $(".after").contains(document.activeElement);
  showBefore();
  showTasks();
  showNotice();
  showAfter();
  if (focused) $(".verdict")?.focus();
}

$(".tasks-part h3").textContent = text("try_this");
$(".tasks-part h3").tabIndex = -1;
$(".notice b").textContent = text("notice");
$(".notice p").textContent = text("notice_words");
$(".tasks").replaceChildren(...props.texts.tasks.map((words) => make("li", {},
  make("i", { class: "tick", "aria-hidden": "true" }), make("span", {}, words), make("span", { class: "wk-visually-hidden state" }))));
const panel = element.closest("[role=tabpanel]") ?? document;
panel.addEventListener("wk-did", note);
document.addEventListener("wk-progress", show);
show();
