// The first page. props.value: the cards in order, [{tab, name, line, alt, tasks: how many}].
// How far a visitor is stays in her browser: see assets/progress.js.

const doneOf = ({ tab, tasks }) => Math.min(tasks, whiskersProgress.of(tab).done.length);

function card({ tab, name, line, alt }) {
  return make("li", { "data-tab": tab }, tabLink(tab, { class: "card" },
    make("img", { src: `start/${tab}.webp`, alt, width: 400, height: 300 }),
    make("span", { class: "words" }, make("b", {}, name), make("span", { class: "line" }, line),
      make("span", { class: "progress" }, make("span", { class: "dots", "aria-hidden": "true" }), make("span", { class: "count" })))));
}

function dots(done, tasks) {
  return Array.from({ length: tasks }, (_, place) => make("i", { class: place < done ? "on" : "" }));
}

function show() {
  const cards = props.value, done = cards.map(doneOf), sum = done.reduce((total, each) => total + each, 0);
  cards.forEach(({ tab, tasks }, place) => {
    const shown = $(`[data-tab="${tab}"]`);
    $(".dots", shown).replaceChildren(...dots(done[place], tasks));
    $(".count", shown).textContent = text("count", { done: done[place], tasks });
    shown.classList.toggle("whole", done[place] === tasks);
  });
  const next = cards.find(({ tasks }, place) => done[place] < tasks) ?? cards[0];
  const go = tabLink(next.tab, { class: "go" }, text(sum ? "go_on" : "begin", { tab: next.name }));
  $(".go").replaceWith(go);
  const whole = cards.every(({ tasks }, place) => done[place] === tasks);
  $(".hint").textContent = text(whole ? "all_done" : "hint");
  $(".forget").hidden = !cards.some(({ tab }) => { const { done, before, after } = whiskersProgress.of(tab); return done.length || before || after; });
}

$("h2").textContent = text("title");
$(".what").textContent = text("idea");
$(".cards").replaceChildren(...props.value.map(card));
$(".kept span").textContent = text("kept");
$(".forget").textContent = text("forget");
$(".forget").addEventListener("click", () => { whiskersProgress.forget(); $(".go").focus(); });
document.addEventListener("wk-progress", show);
show();
