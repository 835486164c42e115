// Shows the page in the reader's language. All sentences come to the page in English, from assets/texts/en; the
// catalogue pairs each with its translation, and this script puts the one in the place of the other, wherever the page
// shows it and whenever it changes. So a switch loses nothing: no state of the page is touched. What stands inside
// translate="no" is left as it is: names of a user's own classes and files.
(() => {
  const KEPT = "whiskers-language", OFFERED = ["en", "nl"];
  const ATTRIBUTES = ["title", "aria-label", "aria-description", "aria-roledescription", "placeholder", "alt"];
  const LEFT_ALONE = "script, style, textarea, [contenteditable], [translate=no], .wk-words";
  const BESIDE = " | ";  // before the Dutch name of a class, in lists that can be searched in both languages
  const MOST_KEPT = 4000;
  const DEEPEST = 6;  // sentences within sentences
  // What several texts are put together by, the widest first
  const BETWEEN = [/(\n+)/, /(\s+·\s+|(?<=[.!?…])\s+)/, /(?<=^[^:]*)(: )/, /( )(?=[<>]?\u202f?[\d.]+\u202f%$)/, /(, )/, /( \(|\)|[“”])/];

  let language = "en", exact = new Map(), patterns = [];
  const known = new Map();  // what has been translated before
  const texts = new WeakMap();  // text node -> {source, shown}
  const attributes = new WeakMap();  // element -> {name: {source, shown}}
  const catalogues = {};

  const preferred = () => {
    const asked = new URLSearchParams(location.search).get("lang");
    let kept = null;
    try {
      kept = localStorage.getItem(KEPT);
    } catch {
      // this browser keeps nothing
    }
    const browsers = (navigator.languages ?? [navigator.language]).map((each) => each.slice(0, 2).toLowerCase());
    return [asked, kept, ...browsers].find((each) => OFFERED.includes(each)) ?? "en";
  };

  const WITHIN = "(?:\\?|(?:(?![.!?] ).)*?)";  // what is filled into one sentence ends neither a sentence nor a line

  const escaped = (literal) => literal.replace(/[.*+?^$()|[\]\\{}]/g, "\\$&");

  /** "Step {step} of {steps}" as what recognises such a sentence, and the names of what is filled in. */
  function pattern([english, other]) {
    const parts = english.split(/\{(\w+)[^}]*\}/);
    const names = parts.filter((_, i) => i % 2);
    const literals = parts.filter((_, i) => i % 2 === 0);
    const filled = names.map((name, i) => (names.indexOf(name) < i ? `\\k<${name}>` : `(?<${name}>${WITHIN})`));
    const expression = literals.map((literal, i) => escaped(literal) + (filled[i] ?? "")).join("");
    return { matches: new RegExp(`^${expression}$`), other, literal: literals.join("") };
  }

  async function learn(name) {
    if (name === "en") return [];
    catalogues[name] ??= fetch(`language/${name}.json`).then((answer) => {
      if (!answer.ok) throw new Error(`no texts in ${name}`);
      return answer.json();
    });
    return catalogues[name];
  }

  /** `source` in the chosen language; itself where the catalogue has nothing like it. */
  function translated(source, depth = 0) {
    const words = source.trim();
    if (!/\p{L}/u.test(words)) return numbers(source);
    if (language === "en") return source.split(BESIDE, 1)[0];
    if (!known.has(words)) {
      if (known.size > MOST_KEPT) known.clear();
      known.set(words, found(words, depth) ?? numbers(words));
    }
    return source.replace(words, () => known.get(words));
  }

  /** 0.5 as 0,5 where that is how one writes it; an address or a version stays as it is. */
  function numbers(words) {
    return language === "en" ? words : words.replace(/(?<![\w.,:/=-])(\d+)\.(\d+)(?![\w.])/g, "$1,$2");
  }

  /** The whole as one sentence or several, else what is known of its parts; nothing where nothing is. */
  function found(words, depth) {
    if (depth > DEEPEST) return exact.get(words);
    const one = sentence(words, depth);
    if (one !== undefined) return one;
    const splits = BETWEEN.map((each) => words.split(each)).filter((pieces) => pieces.length > 1);
    const pieces = splits.find((some) => some.some((each) => sentence(each, depth + 1) !== undefined)) ?? splits[0];
    return pieces?.map((each, i) => (i % 2 || !each ? each : translated(each, depth + 1))).join("");
  }

  function sentence(words, depth) {
    const plain = exact.get(words);
    if (plain !== undefined) return plain;
    const fitting = patterns.find((each) => each.matches.test(words));
    if (!fitting) {
      const unended = words.endsWith(".") && sentence(words.slice(0, -1), depth);
      return unended ? `${unended}.` : undefined;
    }
    const values = fitting.matches.exec(words).groups ?? {};
    return fitting.other.replace(/\{(\w+)[^}]*\}/g, (_, name) => translated(values[name] ?? "", depth + 1));
  }

  function showText(node) {
    const was = texts.get(node);
    const source = was && node.data === was.shown ? was.source : node.data;
    const shown = translated(source);
    if (was || shown !== source) texts.set(node, { source, shown });
    if (node.data !== shown) node.data = shown;
  }

  function showAttribute(element, name) {
    const now = element.getAttribute(name);
    if (now === null) return;
    const all = attributes.get(element) ?? {};
    const source = all[name] && now === all[name].shown ? all[name].source : now;
    const shown = translated(source);
    if (all[name] || shown !== source) attributes.set(element, { ...all, [name]: { source, shown } });
    if (now !== shown) element.setAttribute(name, shown);
  }

  /** A list that can be searched shows its choice as the value of a field, which no observer sees change. */
  function watchField(field) {
    if (Object.hasOwn(field, "value")) return;
    const plain = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
    let source = plain.get.call(field);
    Object.defineProperty(field, "value", {
      configurable: true,
      get: () => plain.get.call(field),
      set: (value) => plain.set.call(field, translated((source = value))),
    });
    field.value = source;
    document.addEventListener("wk-language", () => {
      if (document.activeElement !== field) field.value = source;
    });
  }

  function showAll(root) {
    const isText = root.nodeType === Node.TEXT_NODE;
    if (!isText && root.nodeType !== Node.ELEMENT_NODE) return;
    if ((isText ? root.parentElement : root)?.closest(LEFT_ALONE)) return;
    if (isText) return showText(root);
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) =>
      node.nodeType === Node.ELEMENT_NODE && node.matches(LEFT_ALONE) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
    for (let node = root; node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) showText(node);
      else {
        for (const name of ATTRIBUTES) if (node.hasAttribute(name)) showAttribute(node, name);
        if (node.matches('input[role="combobox"]')) watchField(node);
      }
    }
  }

  const observer = new MutationObserver((changes) => {
    for (const { type, target, addedNodes, attributeName } of changes) {
      if (type === "childList") addedNodes.forEach((node) => node.isConnected && showAll(node));
      else if (target.isConnected && !(target.parentElement ?? target).closest(LEFT_ALONE)) {
        if (type === "characterData") showText(target);
        else showAttribute(target, attributeName);
      }
    }
    observer.takeRecords();  // of what was written just now
  });

  async function choose(name) {
    const pairs = await learn(name);
    language = name;
    exact = new Map(pairs);
    patterns = pairs.filter(([english]) => /\{\w+/.test(english)).map(pattern)
      .filter(({ literal }) => /\p{L}/u.test(literal)).sort((a, b) => b.literal.length - a.literal.length);
    known.clear();
    document.documentElement.lang = name;
    showAll(document.documentElement);
    observer.takeRecords();
    document.dispatchEvent(new CustomEvent("wk-language", { detail: name }));
  }

  window.whiskersLanguage = {
    get chosen() { return language; },
    translated,
    /** Switch, and keep the choice for the next visit. */
    async choose(name) {
      await choose(name);
      try {
        localStorage.setItem(KEPT, name);
      } catch {
        // this browser keeps nothing: the next visit begins in the browser's own language
      }
    },
  };

  const first = preferred();
  // Gradio's own few words come in English too, so that the catalogue can translate them
  for (const [name, value] of [["language", "en"], ["languages", ["en"]]])
    Object.defineProperty(navigator, name, { configurable: true, get: () => value });
  observer.observe(document, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES,
  });
  choose(first).catch(() => choose("en"));
})();
