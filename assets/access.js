// What Gradio's own parts leave out for those who hear the page or use no mouse. Runs before anything else.
// A section says whether it is open; the list of a search is no stop of the Tab key, for it closes as one leaves the search.
(() => {
  const HEADS = "button.label-wrap", LISTS = "ul[role=listbox], ul.options";
  const set = (element, name, value) => element.getAttribute(name) !== value && element.setAttribute(name, value);
  const tell = (element) => {
    if (element.matches(HEADS)) set(element, "aria-expanded", String(element.classList.contains("open")));
    if (element.matches(LISTS)) set(element, "tabindex", "-1");
  };
  new MutationObserver((changes) => {
    for (const { target, type, addedNodes } of changes) {
      if (type === "attributes") tell(target);
      else for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) [node, ...node.querySelectorAll(`${HEADS}, ${LISTS}`)].forEach(tell);
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] });
})();
