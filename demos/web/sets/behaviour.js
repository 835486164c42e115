// Sets of pictures to choose from. props.names: their names; texts: {or, names: {name: words}}.
// props.value: the name of the one that is worked on; empty when it is none of them.
// Fires 'picked' with {name}.

function mark(name) {
  for (const button of $$("button")) button.setAttribute("aria-pressed", String(button.dataset.set === name));
}

function choice(name) {
  return make("button", { type: "button", class: "wk-button", "data-set": name, "aria-pressed": "false",
    onclick: () => { mark(name); trigger("picked", { name }); } }, text(`names.${name}`));
}

$(".or").textContent = text("or");
$(".sets").setAttribute("aria-label", text("or"));
$(".choices").append(...props.names.map(choice));
mark(props.value);
watch("value", () => mark(props.value));
