// Probabilities, always as the same bars.
// props.value: {groups: [{title, note?, rows: [{label, share (0 to 1), said?: instead of the probability, mark?: "accent" | "warm"}]}], did?}

function row({ label, share, said, mark }) {
  const fill = make("div", { class: "fill" });
  fill.style.width = percent(share, 1).replace("\u202f", "").replace("\u2212", "-");
  const marked = mark === "accent" ? "row marked" : mark === "warm" ? "row warm" : "row";
  return make("div", { class: marked },
    make("span", { class: "name", title: label }, label),
    make("span", { class: "share" }, said ?? probability(share)),
    make("div", { class: "track" }, fill));
}

function group({ title, note, rows }) {
  return make("div", { class: "group" },
    title ? make("h3", {}, title) : null,
    ...(rows ?? []).map(row),
    note ? make("p", { class: "wk-caption" }, note) : null);
}

/** Keeps the elements where the rows are the same, so that the bars glide instead of jumping. */
function update(groups) {
  const shown = $$(".row");
  const rows = groups.flatMap((each) => each.rows ?? []);
  const names = shown.map((each) => $(".name", each).textContent);
  const same = shown.length === rows.length && rows.every((each, i) => each.label === names[i])
    && $$(".group").length === groups.length;
  if (!same) return $(".bars").replaceChildren(...groups.map(group));
  rows.forEach((each, i) => {
    const fresh = row(each);
    shown[i].className = fresh.className;
    $(".share", shown[i]).textContent = $(".share", fresh).textContent;
    $(".fill", shown[i]).style.width = $(".fill", fresh).style.width;
  });
  $$(".group").forEach((each, i) => {
    const fresh = group(groups[i]);
    for (const part of ["h3", ".wk-caption"]) $(part, each)?.replaceWith($(part, fresh) ?? "");
  });
}

function show() {
  update(props.value?.groups ?? []);
  did(props.value?.did);
}
watch("value", show);
show();
