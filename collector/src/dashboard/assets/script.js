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

  // Times.
  const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
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
  const tell = (root) => {
    for (const time of root.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      if (time.classList.contains("clock")) time.textContent = clock.format(at);
      else if (!time.classList.contains("moment")) time.textContent = relative((Date.now() - at) / 1000);
      time.title = exact.format(at);
    }
  };
  tell(document);
  setInterval(() => { if (!document.hidden) tell(document); }, 30000);

  // Live updates: what is marked live is fetched anew when something happened. The events carry no data.
  if (!words.events || !window.EventSource) return;
  let due = false;
  let busy = false;
  const renew = async () => {
    if (busy || document.hidden) { due = true; return; }
    busy = true;
    due = false;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", redirect: "error" });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const old of document.querySelectorAll("[data-live]")) {
        const next = fresh.querySelector(`[data-live="${old.dataset.live}"]`);
        if (!next || old.contains(document.activeElement) || old.innerHTML === next.innerHTML) continue;
        const open = [...old.querySelectorAll("details[open][id]")].map((details) => details.id);
        old.replaceChildren(...document.importNode(next, true).childNodes);
        for (const id of open) document.getElementById(id)?.setAttribute("open", "");
        tell(old);
        for (const input of document.querySelectorAll("input[data-filter]")) filter(input);
      }
    } catch {
      due = true;
    } finally {
      busy = false;
    }
  };
  document.addEventListener("visibilitychange", () => { if (due) renew(); });
  const source = new EventSource(words.events);
  source.addEventListener("change", renew);
  source.addEventListener("end", () => {
    source.close();
    const notice = document.createElement("p");
    notice.className = "banner warn lost";
    notice.setAttribute("role", "status");
    notice.textContent = words.lost;
    document.body.append(notice);
  });
})();
