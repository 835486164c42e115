// "Use in ...": a picture of one tab becomes the photo of another, as if somebody had chosen it there as a file.
// Each of PICKERS takes a File by the DOM event wk-use, and says by data-takes that it is there to hear of it.
(() => {
  const PICKERS = {
    kernels: "#kernel .kernel-tab",
    feature_maps: "#feature-maps-photos .photos",
    finetune: "#finetune-photos .photos",
    ideal_image: "#ideal-photos .photos",
    adversarial: "#adversarial-photos .photos",
  };
  const PRESSED_FIRST = { ideal_image: "#ideal-start input[value=photo]" };  // only then there is a picker
  const STEPS = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  const GAP = 4;  // points between the button and its menu

  let close = () => {};  // the menu that is open

  const button = (tab) => document.querySelector(`button[data-tab-id="${tab}"]`);

  /** The first element of a selector, as soon as there is one. */
  const appears = (selector) => new Promise((found) => {
    const look = () => {
      const here = document.querySelector(selector);
      if (here) found(here);
      return here;
    };
    if (look()) return;
    const waiting = new MutationObserver(() => look() && waiting.disconnect());
    waiting.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-takes"] });
  });

  async function send(tab, file) {
    button(tab).click();
    button(tab).focus({ preventScroll: true });
    if (PRESSED_FIRST[tab]) (await appears(PRESSED_FIRST[tab])).click();
    const picker = await appears(`${PICKERS[tab]}[data-takes]`);
    picker.dispatchEvent(new CustomEvent("wk-use", { detail: file }));
    picker.scrollIntoView({ block: "nearest" });
  }

  /** Under the button that opened it, or above it where there is no room below. */
  function place(menu, opener) {
    const box = opener.getBoundingClientRect(), below = box.bottom + GAP + menu.offsetHeight < innerHeight;
    menu.style.left = `${Math.max(GAP, Math.min(box.right, innerWidth - GAP) - menu.offsetWidth)}px`;
    menu.style.top = `${below ? box.bottom + GAP : Math.max(GAP, box.top - GAP - menu.offsetHeight)}px`;
  }

  /** Asks in a menu for the tab, then sends there what `picture` gives: a File, or nothing when there is none yet. */
  function offer(opener, names, picture) {
    const again = opener.getAttribute("aria-expanded") === "true";
    close();
    if (again) return;
    const menu = document.createElement("div");
    const items = Object.keys(PICKERS)
      .filter((tab) => button(tab) && button(tab).getAttribute("aria-selected") !== "true")
      .map((tab) => {
        const item = Object.assign(document.createElement("button"), { type: "button", className: "wk-menu-item", textContent: names[tab] });
        item.setAttribute("role", "menuitem");
        item.tabIndex = -1;
        item.addEventListener("click", async () => {
          close();
          const file = await picture();
          if (file) send(tab, file);
        });
        return item;
      });
    menu.className = "wk-menu";
    menu.setAttribute("role", "menu");
    menu.setAttribute("aria-label", opener.title);
    menu.append(...items);
    menu.addEventListener("keydown", (event) => onKey(event, items));
    const outside = (event) => { if (!menu.contains(event.target) && !opener.contains(event.target)) close(false); };
    const moved = (event) => { if (event.target.contains(opener)) close(false); };
    close = (back = true) => {
      close = () => {};
      document.removeEventListener("pointerdown", outside);
      removeEventListener("scroll", moved, true);
      menu.remove();
      opener.setAttribute("aria-expanded", "false");
      if (back) opener.focus();
    };
    document.body.append(menu);
    opener.setAttribute("aria-expanded", "true");
    place(menu, opener);
    items[0]?.focus({ preventScroll: true });
    document.addEventListener("pointerdown", outside);
    addEventListener("scroll", moved, true);
  }

  function onKey(event, items) {
    const step = STEPS[event.key], at = items.indexOf(document.activeElement);
    event.stopPropagation();  // the arrows have other meanings in the tabs
    if (event.key === "Escape" || event.key === "Tab") close();
    if (step === undefined && event.key !== "Escape") return;
    event.preventDefault();
    if (step) items[Number.isFinite(step) ? (at + step + items.length) % items.length : step < 0 ? 0 : items.length - 1].focus();
  }

  window.whiskersCarry = { tabs: Object.keys(PICKERS), offer };
})();
