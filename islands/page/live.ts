// Figures that renew themselves: asks for this part of the page again and puts the
// answer in its place. What is there stays while nothing better comes, and the page
// says so: since when the connection is lost, that the server is busy, or that the
// reader is signed out. The server answers 304 where nothing has changed.
const most = 60_000;

export function live(part: HTMLElement): void {
  const every = Number(part.dataset["every"] ?? "5") * 1000;
  let wait = every;
  let tag = "";
  let heard = Date.now();
  let lost = 0;
  let ended = false;

  const say = (what: "lost" | "busy" | "out" | ""): void => {
    for (const name of ["lost", "busy", "out"]) {
      const words = part.querySelector<HTMLElement>(`[data-live-${name}]`);
      if (!words) continue;
      words.hidden = name !== what;
      if (name === "lost" && name === what) words.textContent = (words.getAttribute("data-live-lost") ?? "").replace("#", String(Math.round((Date.now() - heard) / 1000)));
    }
    part.classList.toggle("stale", what !== "");
  };

  const count = (): void => {
    if (part.isConnected && lost > 1 && !ended) say("lost");
  };

  const ask = async (): Promise<void> => {
    if (!part.isConnected) return;
    wait = every;
    try {
      const headers: Record<string, string> = { "HX-Request": "true" };
      if (tag) headers["If-None-Match"] = tag;
      const answer = await fetch(part.dataset["live"] ?? "", { headers, credentials: "same-origin", cache: "no-store", redirect: "manual", signal: timeout(10_000) });
      if (answer.status === 401 || answer.status === 403 || answer.type === "opaqueredirect") {
        ended = true;
        say("out");
        return;
      }
      if (answer.status === 503 || answer.status === 429) {
        lost = 0;
        say("busy");
        wait = Math.max(every, Number(answer.headers.get("Retry-After") ?? "5") * 1000);
      } else if (answer.status === 304) {
        lost = 0;
        heard = Date.now();
        say("");
      } else if (answer.ok) {
        const doc = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = doc.querySelector<HTMLElement>("[data-live]");
        if (!fresh || fresh.id !== part.id) throw new Error("another page");
        keepOpen(part, fresh);
        part.replaceWith(fresh);
        part = fresh;
        tag = answer.headers.get("ETag") ?? "";
        lost = 0;
        heard = Date.now();
      } else {
        throw new Error(String(answer.status));
      }
    } catch {
      lost++; // one that fails may be chance; from the second on the page says so
      wait = Math.min(every * lost, most / 2);
      count();
    }
    setTimeout(ask, document.hidden ? most : wait);
  };
  setInterval(count, 1000);
  setTimeout(ask, every);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && !ended && Date.now() - heard > every * 2) void ask();
  });
}

// What the reader has opened stays open, and the focus stays where it was.
function keepOpen(old: HTMLElement, fresh: HTMLElement): void {
  const was = old.querySelectorAll("details");
  fresh.querySelectorAll("details").forEach((d, i) => {
    if (was[i]?.open) d.open = true;
  });
  const at = document.activeElement;
  if (!(at instanceof HTMLElement) || !old.contains(at)) return;
  const all = (e: HTMLElement): HTMLElement[] => Array.from(e.querySelectorAll<HTMLElement>("a, summary"));
  const place = all(old).indexOf(at);
  const next = all(fresh)[place];
  if (next && next.textContent === at.textContent) setTimeout(() => next.focus({ preventScroll: true }));
}

function timeout(ms: number): AbortSignal | null {
  if (typeof AbortController === "undefined") return null;
  const c = new AbortController();
  setTimeout(() => c.abort(), ms);
  return c.signal;
}
