// Every request of a page names its session by a key that the browser keeps for this tab, also over a reload,
// and the language of the page, for files that the server writes.
// Runs before anything else on the page.
(() => {
  const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  let key = fresh();
  try {
    key = sessionStorage.getItem("whiskers-session") ?? key;
    sessionStorage.setItem("whiskers-session", key);
  } catch {
    // this browser keeps nothing: then a reload begins a new session
  }
  const plain = window.fetch;
  window.fetch = (input, init = {}) => {
    const request = input instanceof Request ? input : null;
    if (new URL(request?.url ?? input, location.href).origin !== location.origin) return plain(input, init);
    if (String(request?.url ?? input).includes("/queue/join")) document.dispatchEvent(new CustomEvent("wk-asked"));
    const headers = new Headers(init.headers ?? request?.headers);
    headers.set("x-whiskers-session", key);
    headers.set("x-whiskers-language", document.documentElement.lang);
    return plain(input, { ...init, headers }).then(heard);
  };
  /** Keeps the server's sentence when it has no room for a file, for whoever sent it. */
  async function heard(answer) {
    window.whiskersNoRoom = answer.status === 507 ? await answer.clone().text() : window.whiskersNoRoom;
    return answer;
  }
})();
