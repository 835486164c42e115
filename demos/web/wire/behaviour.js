// Carries one stream of messages from Python to another component, which would lose some if two streams wrote its value.
// props: to (a selector of the element that is told), event (the name of the DOM event; its detail is the message).
watch("value", () => {
  if (props.value) document.querySelector(props.to)?.dispatchEvent(new CustomEvent(props.event, { detail: props.value, bubbles: true }));
});
