// The task that comes next, in one line at the head of a tab, and the question before it; a click shows the whole lesson.
// props.tab: its name; props.lesson: a selector of the lesson; texts: {try_this, tasks, all_done, guess_first}.

const { tasks } = props.texts;

function show() {
  const { done, before, after } = whiskersProgress.of(props.tab);
  const next = tasks.findIndex((_, place) => !done.includes(place));
  $(".dots").replaceChildren(...tasks.map((_, place) => make("i", { class: done.includes(place) ? "on" : "" })));
  $("b").textContent = next < 0 ? "" : text("try_this");
  $(".next").textContent = next < 0 ? text("all_done") : tasks[next];
  $(".next").classList.toggle("asks", next < 0);
  $(".task").hidden = next < 0 && Boolean(after);
  $(".guess").hidden = Boolean(before) || next < 0;
}

/** Goes to a part of the lesson. */
function lead(event, part) {
  event.preventDefault();
  document.querySelector(`${props.lesson} ${part}`)?.scrollIntoView({ behavior: scrolling(), block: "center" });
  document.querySelector(`${props.lesson} ${part} h3`)?.focus({ preventScroll: true });
}

const isWhole = () => whiskersProgress.of(props.tab).done.length >= tasks.length;
for (const link of [$(".next"), $(".guess")]) link.href = props.lesson;
$(".next").addEventListener("click", (event) => lead(event, isWhole() ? ".after" : ".tasks-part"));
$(".guess").addEventListener("click", (event) => lead(event, ".before"));
$(".guess").textContent = text("guess_first");
document.addEventListener("wk-progress", show);
show();
