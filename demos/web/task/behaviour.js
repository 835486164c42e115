// The task that comes next, in one line at the head of a tab; a click shows the whole lesson.
// props.tab: its name; props.lesson: a selector of the lesson; texts: {try_this, tasks, all_done}.

const { tasks } = props.texts;

function show() {
  const { done, after } = whiskersProgress.of(props.tab);
  const next = tasks.findIndex((_, place) => !done.includes(place));
  $(".dots").replaceChildren(...tasks.map((_, place) => make("i", { class: done.includes(place) ? "on" : "" })));
  $("b").textContent = next < 0 ? "" : text("try_this");
  $("a").textContent = next < 0 ? text("all_done") : tasks[next];
  $(".task").hidden = next < 0 && Boolean(after);
}

$("a").href = props.lesson;
$("a").addEventListener("click", (event) => {
  event.preventDefault();
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  document.querySelector(props.lesson)?.scrollIntoView({ behavior: calm ? "instant" : "smooth", block: "center" });
  document.querySelector(`${props.lesson} .tasks-part h3`)?.focus({ preventScroll: true });
});
document.addEventListener("wk-progress", show);
show();
