// Fires the name of each section that stands open when what they all tell of is another: asked by the DOM event `wk-renew` on
// the column of the sections. `wk-stale` there says that what they tell of is no longer so.
// props.sections: {name: selector of its accordion}. props.value: {did?} what a section has brought to its end, for the lesson.
const NAMES = ["closer", "controls", "defend", "blind", "photos_needed", "map"];  // Gradio allows the events whose names stand here in quotes
const column = element.closest(".wk-questions");

column.addEventListener("wk-stale", () => column.classList.add("wk-stale"));
watch("value", () => did(props.value?.did));
column.addEventListener("wk-renew", () => {
  column.classList.remove("wk-stale");
  const open = NAMES.filter((name) => name in props.sections && column.querySelector(`${props.sections[name]} button.label-wrap.open`));
  open.forEach((name) => trigger(name, {}));
});
