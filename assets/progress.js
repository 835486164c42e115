// What a visitor has done of the lesson, and the tab that is open. It is kept in this browser and sent nowhere.
// Runs before anything else on the page.
(() => {
  const PROGRESS = "whiskers-progress", TAB = "whiskers-tab";
  let all = {};  // by tab: {done: [places of tasks], before, after: keys of options}

  /** Browsers may refuse to keep anything; then it lasts as long as the page. */
  const tried = (work) => {
    try {
      return work();
    } catch {
      return null;
    }
  };
  const reload = performance.getEntriesByType("navigation")[0]?.type === "reload";
  const linked = new URLSearchParams(location.search).get("tab"), kept = tried(() => sessionStorage.getItem(TAB));
  const read = () => {
    const found = tried(() => JSON.parse(localStorage.getItem(PROGRESS)));
    if (found && typeof found === "object") all = found;
  };
  const write = () => {
    tried(() => localStorage.setItem(PROGRESS, JSON.stringify(all)));
    document.dispatchEvent(new CustomEvent("wk-progress"));
  };

  window.whiskersProgress = {
    /** The tab to open: a link's, or the last one of this window; none for a first visit. */
    tab: (reload && kept) || linked || kept,
    of: (tab) => ({ done: [], ...all[tab] }),
    keep(tab, changes) {
      read();  // of this browser's other windows
      all[tab] = { ...all[tab], ...changes };
      write();
    },
    forget() {
      all = {};
      write();
    },
  };
  read();
  window.addEventListener("storage", ({ key }) => {
    if (key !== PROGRESS && key !== null) return;
    all = {};
    read();
    document.dispatchEvent(new CustomEvent("wk-progress"));
  });
  document.addEventListener("click", ({ target }) => {
    const name = target.closest?.("button[data-tab-id]")?.dataset.tabId;
    if (name) tried(() => sessionStorage.setItem(TAB, name));
  });
})();
