// Everything works without this script. It adds copy buttons, filters that answer while one types, exact
// times in the reader's own time zone, and pages that renew themselves.
"use strict";

(() => {
  const words = document.body.dataset;

  // Copy buttons.
  for (const box of document.querySelectorAll(".copy")) {
    const code = box.querySelector("code");
    if (!code || !navigator.clipboard) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = words.copy;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = words.copied;
      setTimeout(() => { button.textContent = words.copy; }, 2000);
    });
    box.append(button);
  }

  // Filters.
  const filter = (input) => {
    const table = document.getElementById(input.dataset.filter);
    if (!table) return;
    const wanted = input.value.trim().toLowerCase();
    for (const row of table.tBodies[0].rows) {
      row.hidden = wanted !== "" && !row.textContent.toLowerCase().includes(wanted);
    }
  };
  document.addEventListener("input", (event) => {
    if (event.target.dataset.filter) filter(event.target);
  });
  for (const box of document.querySelectorAll(".instant")) box.hidden = false;

  // Times, in the words of the page and the reader's own time zone.
  const words_of = (options) => new Intl.DateTimeFormat("en-GB", options);
  const exact = words_of({ dateStyle: "full", timeStyle: "long" });
  const date = words_of({ day: "numeric", month: "long", year: "numeric" });
  const hour = words_of({ hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" });
  const clock = words_of({ hour: "2-digit", minute: "2-digit" });
  const day = words_of({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
  const units = [[31536000, "year"], [2592000, "month"], [86400, "day"], [3600, "hour"], [60, "minute"]];
  const relative = (seconds) => {
    if (Math.abs(seconds) < 30) return "just now";
    const size = Math.abs(seconds);
    const [length, unit] = units.find(([length]) => size >= (length === 60 || length === 3600 ? length : 2 * length))
      || [1, "second"];
    const count = Math.floor(size / length);
    const text = `${count} ${unit}${count === 1 ? "" : "s"}`;
    return seconds < 0 ? `in ${text}` : `${text} ago`;
  };
  const spoken = (time, at) => {
    if (time.classList.contains("clock")) return clock.format(at);
    if (time.classList.contains("moment")) return `${date.format(at)}, ${hour.format(at)}`;
    return relative((Date.now() - at) / 1000);
  };
  const tell = (root) => {
    for (const time of root.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      time.textContent = spoken(time, at);
      time.title = exact.format(at);
    }
  };

  // A day begins when it begins for the reader: the entries of a timeline are grouped anew.
  const regroup = (root) => {
    for (const days of root.querySelectorAll(".days")) {
      const entries = [...days.querySelectorAll(".timeline > li")];
      if (entries.some((entry) => Number.isNaN(Date.parse(entry.querySelector("time.clock")?.dateTime)))) continue;
      const level = days.querySelector("h2, h3")?.tagName ?? "h3";
      const groups = new Map();
      for (const entry of entries) {
        const title = day.format(new Date(entry.querySelector("time.clock").dateTime));
        if (!groups.has(title)) groups.set(title, []);
        groups.get(title).push(entry);
      }
      days.replaceChildren(...[...groups].map(([title, entries]) => {
        const group = document.createElement("div");
        const heading = document.createElement(level);
        const list = document.createElement("ul");
        group.className = "day";
        heading.textContent = title;
        list.className = "timeline";
        list.append(...entries);
        group.append(heading, list);
        return group;
      }));
    }
  };

  // Fields for a time ask in the reader's own time zone, and send what the collector reads: UTC.
  const of_zone = words_of({ timeZoneName: "short" });
  const zone = (at) => of_zone.formatToParts(at).find((part) => part.type === "timeZoneName")?.value ?? "";
  const local = (text) => {
    const at = new Date(`${text}Z`);
    return Number.isNaN(at.getTime()) ? "" : new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 19);
  };
  const ask_here = (root) => {
    for (const field of root.querySelectorAll('input[type="datetime-local"]:not([data-here])')) {
      field.dataset.here = "";
      // The default is what the collector sent: what a browser filled in again is the reader's own already.
      const restored = field.value !== field.defaultValue;
      const value = local(field.defaultValue);
      field.max = local(field.max);
      if (value) field.defaultValue = value;
      if (value && !restored) field.value = value;
      const label = field.labels?.[0]?.querySelector(".zone");
      if (label) label.textContent = `(${zone(value ? new Date(value) : new Date())})`;
    }
  };
  document.addEventListener("formdata", (event) => {
    for (const field of event.target.querySelectorAll("input[data-here]")) {
      const at = new Date(field.value);
      if (!Number.isNaN(at.getTime())) event.formData.set(field.name, `${at.toISOString().slice(0, 19)}Z`);
    }
  });

  // What the collector sent, before times were put into the reader's words.
  const sent = new Map();
  for (const box of document.querySelectorAll("[data-live]")) sent.set(box.dataset.live, box.innerHTML);
  const localise = (root) => { tell(root); regroup(root); ask_here(root); };
  localise(document);
  setInterval(() => { if (!document.hidden) tell(document); }, 30000);

  // Questions: how far one is, and a button that ends it. Without this the page waits for the answer.
  const form = document.querySelector("form[data-ask]");
  if (form && window.AbortController) {
    const box = document.getElementById("answer");
    const stop = document.getElementById("stop");
    let asked;
    stop.addEventListener("click", () => asked?.abort());
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      asked?.abort();
      const own = asked = new AbortController();
      const query = new URLSearchParams(new FormData(form));
      // A ready question stays one while its statement is as it was.
      if (form.dataset.word && form.sql.value === form.sql.defaultValue) {
        query.delete("sql");
        query.set("ask", form.dataset.word);
      } else if (form.dataset.word) {
        document.querySelector("main h1").textContent = form.dataset.own;
        document.querySelector("main .lead")?.remove();
      }
      const far = document.createElement("p");
      far.className = "muted";
      far.textContent = form.dataset.asking;
      box.replaceChildren(far);
      stop.hidden = false;
      let text = "";
      try {
        const answer = await fetch(`${form.dataset.ask}?${query}`, { credentials: "same-origin", redirect: "error", signal: own.signal });
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          text += value;
          // Lines say how far it is, until an empty one.
          const end = text.startsWith("\n") ? 0 : text.indexOf("\n\n");
          if (end < 0) far.textContent = text.trimEnd().split("\n").pop() || far.textContent;
        }
        const end = text.startsWith("\n") ? 0 : text.indexOf("\n\n");
        if (!answer.ok || end < 0) throw new Error("cut off");
        const fresh = new DOMParser().parseFromString(text.slice(end), "text/html").body;
        box.replaceChildren(...document.importNode(fresh, true).childNodes);
        localise(box);
        // The answer itself says which moment it is about.
        document.getElementById("past")?.remove();
        history.replaceState(null, "", `${form.getAttribute("action")}?${query}`);
      } catch {
        far.textContent = own.signal.aborted ? "" : form.dataset.broken;
      }
      if (asked === own) stop.hidden = true;
    });
  }

  // Live updates: what is marked live is fetched anew when something happened. The events carry no data.
  if (!words.events || !window.EventSource) return;
  const notice = document.createElement("p");
  notice.className = "banner warn lost";
  notice.setAttribute("role", "status");
  const say = (text) => {
    notice.textContent = text;
    if (text) document.body.append(notice); else notice.remove();
  };

  // What has the focus, so that it can have it again.
  const place = (element) => {
    if (element.id) return `#${CSS.escape(element.id)}`;
    const path = element.getAttribute("href");
    return path ? `a[href="${CSS.escape(path)}"]` : null;
  };
  // What stands in the window, for whoever has scrolled to it: it stays there, whatever comes or goes above it.
  const under_eyes = (root) => {
    if (window.scrollY === 0) return null;
    const marks = [...root.querySelectorAll("a[href], [id]")];
    const mark = marks.find((element) => element.getBoundingClientRect().top >= 0);
    const path = mark && place(mark);
    return path ? { path, top: root.querySelector(path).getBoundingClientRect().top } : null;
  };
  const replace = (old, next) => {
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const back = focused && place(focused);
    // Whoever types, or marks text, is not interrupted.
    if (focused && !back) return false;
    const marked = document.getSelection();
    if (marked && !marked.isCollapsed && old.contains(marked.anchorNode)) return false;
    const eyes = under_eyes(old);
    const open = [...old.querySelectorAll("details[open][id]")].map((details) => details.id);
    old.replaceChildren(...document.importNode(next, true).childNodes);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    localise(old);
    const again = eyes && old.querySelector(eyes.path);
    if (again) window.scrollBy({ top: again.getBoundingClientRect().top - eyes.top, behavior: "instant" });
    if (back) old.querySelector(back)?.focus({ preventScroll: true });
    return true;
  };
  const renewed = (fresh) => {
    let whole = true;
    for (const old of document.querySelectorAll("[data-live]")) {
      const name = old.dataset.live;
      const next = fresh.querySelector(`[data-live="${name}"]`);
      if (!next || sent.get(name) === next.innerHTML) continue;
      if (replace(old, next)) sent.set(name, next.innerHTML); else whole = false;
    }
    for (const input of document.querySelectorAll("input[data-filter]")) filter(input);
    return whole;
  };
  let due = false;
  let busy = false;
  let held = false;
  let rested = 0;
  let rest;
  const pause = (time) => {
    clearTimeout(rest);
    rest = setTimeout(() => { busy = false; if (due) renew(); }, time);
  };
  const renew = async () => {
    due = true;
    if (busy || document.hidden) return;
    busy = true;
    due = false;
    held = false;
    rest = undefined;
    const began = performance.now();
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", redirect: "error" });
      if (answer.ok) held = !renewed(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      due = true;
    }
    due ||= held;
    // A collector that takes its time is not asked again at once, and not in vain while the reader is in the way.
    const least = Math.max(1000, 4 * (performance.now() - began));
    rested = performance.now() + least;
    pause(held ? Math.max(60000, least) : least);
  };
  const released = () => {
    if (!held || rest === undefined || !document.getSelection()?.isCollapsed) return;
    held = false;
    pause(Math.max(0, rested - performance.now()));
  };
  document.addEventListener("selectionchange", released);
  document.addEventListener("focusout", released);
  document.addEventListener("visibilitychange", () => { if (due) renew(); });
  // The address carries when this page was asked for: what happened while it was on its way is told, too.
  const source = new EventSource(words.events);
  let away = false;
  source.addEventListener("change", renew);
  source.addEventListener("end", () => { source.close(); say(words.lost); });
  source.addEventListener("error", () => {
    away = true;
    say(source.readyState === EventSource.CLOSED ? words.lost : words.away);
  });
  source.addEventListener("open", () => {
    if (away) { away = false; say(""); renew(); }
  });
})();
