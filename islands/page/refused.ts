// What htmx asked for and did not get. The page stays as it was, with all that was
// typed, and one calm line stands beside the form or the link: in the server's own
// words, with the number to read aloud, where it had any; else in the page's, which
// lie in its frame: no network, a crowd, an answer nobody can read.
type Trip = { sourceElement: Element; text?: string; response?: { status: number }; hx?: Record<string, string> };

export function refusals(): void {
  document.addEventListener("htmx:before:request", (e) => {
    const { sourceElement: source } = trip(e);
    if (source instanceof HTMLFormElement && source.method === "post") forget(); // said anew, if it must be said again
  });
  document.addEventListener("htmx:response:error", (e) => {
    const t = trip(e);
    const status = t.response?.status ?? 0;
    if (t.hx?.["redirect"]) return; // signed out: the browser is on its way
    const said = new DOMParser().parseFromString(t.text ?? "", "text/html").querySelector<HTMLElement>("[data-refused]");
    if (!said && status < 500 && status !== 429) return; // the form again, with what is wrong at its fields
    t.hx = { ...t.hx, reswap: "none" };
    say(t.sourceElement, said ?? words(status === 503 || status === 429 ? "busy" : "failed"));
  });
  document.addEventListener("htmx:error", (e) => {
    const t = trip(e);
    if (t && !t.response) say(t.sourceElement, words("lost"));
  });
  document.addEventListener("htmx:after:request", (e) => {
    if ((trip(e).response?.status ?? 500) < 400) forget();
  });
}

const trip = (e: Event): Trip => (e as CustomEvent<{ ctx: Trip }>).detail.ctx;

/** The page's own words for what went wrong, in its language. */
export function words(what: "lost" | "busy" | "failed"): HTMLElement | null {
  const frame = document.getElementById("refused");
  if (!(frame instanceof HTMLTemplateElement)) return null;
  return frame.content.querySelector<HTMLElement>(`[data-for="${what}"]`);
}

/** Puts the line beside whoever asked. The same words to a part that asks by itself are said once. */
export function say(source: Element, line: HTMLElement | null): void {
  if (!line) return;
  const old = document.querySelector("[data-said]");
  if (old?.textContent === line.textContent) return;
  forget();
  const fresh = document.importNode(line, true);
  fresh.setAttribute("data-said", "");
  const form = source.closest("form");
  const foot = source.closest(".gate footer");
  if (foot) foot.before(fresh);
  else if (form) form.after(fresh);
  else source.before(fresh);
  fresh.scrollIntoView({ block: "nearest" });
}

function forget(): void {
  document.querySelectorAll("[data-said]").forEach((line) => line.remove());
}
