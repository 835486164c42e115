// Some choices set other dials by way of the server, such as a class that another network knows. A Start pressed
// before they are set waits for them, so that it never begins with half of what was chosen. Buttons and choices of the
// class wk-sets-dials are heard here, at once; other events tell by whiskersDials.asked(). All tell by .set() that it is done.
(() => {
  const START = ".wk-startstop button.primary";
  const LONGEST_MS = 4000;  // an answer that never comes holds nobody up
  const asked = new Set();
  let waiting = null;

  function set(one) {
    clearTimeout(one);
    asked.delete(one);
    if (asked.size || !waiting) return;
    const start = waiting;
    waiting = null;
    start.click();
  }

  function ask() {
    const one = setTimeout(() => set(one), LONGEST_MS);
    asked.add(one);
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("button.wk-sets-dials")) return ask();
    const start = event.target.closest?.(START);
    if (!start || !asked.size) return;
    event.stopImmediatePropagation();
    waiting = start;
  }, true);
  document.addEventListener("change", (event) => event.target.closest?.(".wk-sets-dials") && ask(), true);

  window.whiskersDials = {
    asked: ask,
    set() {
      const [oldest] = asked;
      if (oldest !== undefined) set(oldest);
    },
  };
})();
