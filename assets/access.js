// What Gradio's own parts do not tell those who hear the page: whether a section is open. Runs before anything else.
(() => {
  const HEADS = "button.label-wrap";
  const tell = (head) => {
    const open = String(head.classList.contains("open"));
    if (head.getAttribute("aria-expanded") !== open) head.setAttribute("aria-expanded", open);
  };
  new MutationObserver((changes) => {
    for (const { target, type, addedNodes } of changes) {
      if (type === "attributes") target.matches(HEADS) && tell(target);
      else for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) {
        if (node.matches(HEADS)) tell(node);
        node.querySelectorAll(HEADS).forEach(tell);
      }
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] });
})();
