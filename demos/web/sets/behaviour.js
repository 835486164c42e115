// Sets of pictures to choose from. props.names: those that are here; props.published: those to be fetched once,
// {name: megabytes}, 0 for one that is here. texts: {or, fetch, size, names: {name: words}}.
// props.value: the name of the one that is worked on, "<name>/fetching" for one on its way; empty when it is none.
// Fires 'picked' with {name}.

function mark(name) {
  for (const button of $$("button")) button.setAttribute("aria-pressed", String(button.dataset.set === name));
}

function choice(name) {
  const megabytes = props.published[name];
  return make("button", { type: "button", class: "wk-button", "data-set": name, "aria-pressed": "false",
    onclick: () => { mark(name); trigger("picked", { name }); } },
    text(`names.${name}`), megabytes ? make("small", {}, text("size", { megabytes })) : "");
}

function row(words, names) {
  return make("div", { class: "row", role: "group", "aria-label": words }, make("span", { class: "or" }, words), ...names.map(choice));
}

$(".sets").append(row(text("or"), props.names), row(text("fetch"), Object.keys(props.published)));
mark(props.value);
watch("value", () => {
  const [name, fetching] = props.value.split("/");
  mark(name);
  if (name && !fetching) $(`[data-set="${name}"] small`)?.remove();  // it is here now
});
