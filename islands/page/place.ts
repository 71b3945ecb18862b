// Where somebody stands in a waiting room. The numbers are asked for when the server
// says so, and at once when a sleeping phone wakes; how it stands otherwise is drawn by
// the server, so that a change of state brings the part of the page anew. What is there
// stays while nothing better comes: a place is not lost with the network.
const soon = 2_000; // at most so often, however often a phone wakes
const most = 120_000;

interface Said {
  state: string;
  ahead?: number;
  waiting?: number;
  again_in_seconds: number;
  short?: boolean;
  least_minutes?: number;
  most_minutes?: number;
}

export function place(part: HTMLElement): void {
  if (part.dataset["ready"]) return;
  part.dataset["ready"] = "1";
  let timer = 0;
  let asked = Date.now();
  let failed = 0;
  let shown = "";

  const again = (ms: number): void => {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, ms);
  };
  const say = (what: "lost" | "busy" | ""): void => {
    for (const name of ["lost", "busy"]) {
      const words = part.querySelector<HTMLElement>(`[data-place-${name}]`);
      if (words) words.hidden = name !== what;
    }
  };
  // What else than numbers stands there: when it changes, words change.
  const words = (said: Said): string => [said.state, said.short ?? false, said.least_minutes ?? 0, said.most_minutes ?? 0].join();

  const draw = async (): Promise<void> => {
    const answer = await fetch(part.dataset["page"] ?? "", { headers: { "HX-Request": "true" }, credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector<HTMLElement>("[data-place]");
    if (!fresh) throw new Error("another page");
    fresh.dataset["ready"] = "1";
    part.replaceWith(fresh);
    part = fresh;
  };

  const ask = async (): Promise<void> => {
    if (!part.isConnected) return;
    asked = Date.now();
    try {
      const answer = await fetch(part.dataset["place"] ?? "", { headers: { Accept: "application/json" }, credentials: "same-origin", cache: "no-store" });
      if (answer.status === 401 || answer.status === 403) {
        location.reload(); // signed out: the page says how to come back
        return;
      }
      if (answer.status === 503 || answer.status === 429) {
        say("busy");
        again(Math.max(5, Number(answer.headers.get("Retry-After") ?? "5")) * 1000);
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const said = (await answer.json()) as Said;
      if (said.state !== part.dataset["state"] || (shown && shown !== words(said))) await draw();
      shown = words(said);
      for (const name of ["ahead", "waiting"] as const) {
        const figure = part.querySelector<HTMLElement>(`[data-n="${name}"]`);
        if (figure) figure.textContent = (said[name] ?? 0).toLocaleString(document.documentElement.lang);
      }
      failed = 0;
      say("");
      again(said.again_in_seconds * 1000);
    } catch {
      failed++;
      if (failed > 1) say("lost"); // one may be chance
      again(Math.min(5_000 * failed, most));
    }
  };
  again(Number(part.dataset["again"] ?? "10") * 1000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - asked > soon) void ask();
  });
}
