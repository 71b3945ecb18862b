// Long work: asks for this part of the page again until it has ended, then
// loads the page once, which shows what came of it.
const every = 1000;
const most = 15000;

export function polls(part: HTMLElement): void {
  let wait = every;
  const ask = async (): Promise<void> => {
    if (!part.isConnected) return;
    try {
      const answer = await fetch(part.dataset["poll"] ?? "", { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const doc = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = doc.querySelector<HTMLElement>("[data-poll]");
      if (!fresh || fresh.dataset["running"] === undefined) {
        location.reload();
        return;
      }
      part.replaceWith(fresh);
      part = fresh;
      wait = every;
    } catch {
      wait = Math.min(wait * 2, most); // the net went: ask less, and do not give up
    }
    setTimeout(ask, document.hidden ? most : wait);
  };
  setTimeout(ask, wait);
}
