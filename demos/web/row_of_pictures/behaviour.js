// A few pictures side by side, each with its title and caption.
// props.value: [{title, image: data URI, caption, alt}]

function one({ title, image, caption, alt }, place) {
  const picture = make("img", { src: image, alt });
  const figure = make("figure", {}, make("h3", {}, title), picture, make("figcaption", {}, caption));
  pictureTools(figure, () => picture, `whiskers-picture-${place + 1}`);
  return figure;
}

const show = () => $(".pictures").replaceChildren(...(Array.isArray(props.value) ? props.value : []).map(one));
watch("value", show);
show();
