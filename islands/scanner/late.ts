// The gate without its network. A check that the server cannot be asked about is answered
// by what the phone knows, kept, and sent when the network is back, once, under its own
// key. Where only the answer was lost, the same key is asked again first; nobody is told
// that nothing was counted unless that is known.
import { delivers } from "./deliver";
import { keeps, type Kept } from "./kept";
import { drop, keep, stand, stood, type Waiting } from "./queue";
import { freshKey, send, type Check } from "./send";
import { keepShell } from "./shell";

const pauses = [400, 1200, 3000]; // milliseconds before each time the lost answer is asked for

export async function gate(box: HTMLElement): Promise<void> {
  const shell = box.hasAttribute("data-away");
  const was = await stood();
  const account = shell ? (was?.account ?? "") : (box.dataset["account"] ?? "");
  const known = was?.account === account ? (was.gates ?? []) : [];
  // Without a network: the gate of the address, if this guard stood there, or else the last.
  const asked = known.find((g) => g.gate === new URLSearchParams(location.search).get("gate"));
  const here = {
    account,
    gate: shell ? (asked?.gate ?? was?.gate ?? "") : (box.dataset["gate"] ?? ""),
    name: shell ? (asked?.name ?? was?.name ?? "") : (box.dataset["name"] ?? ""),
  };
  const gates = shell ? known : [{ gate: here.gate, name: here.name }, ...known.filter((g) => g.gate !== here.gate)].slice(0, 20);
  let ready = false;
  let kept: Kept | null = null;
  kept = keeps(box, was, () => ready && void turned());
  if (!kept) return;
  const phone: Kept = kept;
  ready = true;

  const live = () => document.getElementById("gate-live");
  const form = () => document.querySelector<HTMLFormElement>('form[action="/gate"]');
  const field = (name: string, f = form()) => f?.querySelector<HTMLInputElement>(`[name=${name}]`) ?? null;
  const direction = () => form()?.querySelector<HTMLInputElement>("[name=direction]:checked")?.value ?? "in";
  const open = new Map<string, Element>(); // checks the guard has not answered yet, by key

  const { strip, note, flush, gone, leave, counted, out } = delivers(box, here.account, phone, (key) => Boolean(open.get(key)?.isConnected), async (some) => {
    if (document.querySelector(".over")) return;
    if (shell) location.replace("/gate?gate=" + encodeURIComponent(here.gate)); // the page itself is back
    else if (some && !field("text")?.value) await fresh("");
  });

  /** Takes the check out of the form, which is then ready for the next. */
  const taken = (f: HTMLFormElement): Waiting => {
    const text = field("text", f);
    const key = field("key", f);
    const w: Waiting = {
      key: key?.value || freshKey(), account: here.account, gate: here.gate, text: text?.value ?? "", direction: direction(),
      made: new Date(phone.now()).toISOString(), said: "turned", sure: true,
    };
    if (text) text.value = "";
    if (key) key.value = freshKey();
    return w;
  };

  const cover = (what: string): HTMLElement | null => {
    const page = box.querySelector<HTMLTemplateElement>(`template[data-answer="${what}"]`);
    document.querySelectorAll("#gate-live .over, [data-said]").forEach((old) => old.remove());
    const over = page && document.importNode(page.content, true).querySelector<HTMLElement>(".over");
    if (!over) return null;
    over.querySelectorAll(".reason").forEach((p) => (p.textContent = phone.fill(p.textContent ?? "").trim()));
    const above = over.querySelector(".gate > p");
    if (shell && above && here.name) above.textContent = (above.textContent ?? "").replace(box.dataset["name"] ?? "", here.name);
    live()?.prepend(over);
    over.querySelector<HTMLElement>("[data-focus], [data-paper]")?.focus();
    return over;
  };

  /** Answers by what the phone knows, and keeps the answer. */
  const answer = async (w: Waiting): Promise<void> => {
    let what = await phone.judge(w.text);
    if (w.direction === "out" && what !== "holds" && what !== "forged") what = "leaves";
    w.said = what === "leaves" ? "unknown" : ["holds", "ended", "expired", "forged"].includes(what) ? what : "turned";
    const safe = await keep(w);
    const over = cover(what);
    over?.querySelector(safe ? "[data-kept-no]" : "[data-kept-yes]")?.remove();
    if (w.sure || !safe) over?.querySelector("[data-kept-sent]")?.remove();
    const paper = over?.querySelector("[data-paper]");
    if (over && paper) {
      open.set(w.key, over);
      paper.addEventListener("click", () => {
        w.said = "unknown";
        void keep(w).then(() => over.remove()).then(strip).then(flush);
      });
    }
    await strip();
  };

  /** The answer was lost: the same key is asked for again, then the phone answers. */
  const askAgain = async (w: Waiting): Promise<void> => {
    w.sure = false;
    await keep(w);
    const over = cover("asking");
    if (over) open.set(w.key, over); // nobody else sends it meanwhile
    await strip();
    for (const wait of pauses) {
      if (!navigator.onLine) break;
      await new Promise((done) => setTimeout(done, wait));
      const said = await send(w, true);
      if (said.what === "taken") return settled(w, said.check, over);
      if (said.what === "refused" || said.what === "out") break;
    }
    open.delete(w.key);
    if (over?.isConnected) {
      over.remove();
      phone.gone();
      await answer(w);
    }
    await strip();
    void flush();
  };

  const settled = async (w: Waiting, c: Check, over: HTMLElement | null): Promise<void> => {
    open.delete(w.key);
    if (over?.isConnected) await drop(w.key);
    else await note(w, c);
    counted();
    await strip();
    if (over?.isConnected) await fresh(c.reference);
  };

  /** Draws anew what checks change, and one check's answer over it. */
  const fresh = async (reference: string): Promise<void> => {
    const q = new URLSearchParams({ gate: here.gate, direction: direction(), check: reference });
    if (shell) return location.replace("/gate?" + q.toString());
    const r = await fetch("/gate?" + q.toString(), { headers: { "HX-Request": "true" }, credentials: "same-origin", redirect: "manual" }).catch(() => null);
    if (r && (r.type === "opaqueredirect" || r.status === 401 || r.status === 403)) return gone(); // signed out elsewhere
    const part = r?.ok ? new DOMParser().parseFromString(await r.text(), "text/html").getElementById("gate-live") : null;
    if (!part) return;
    const now = document.importNode(part, true);
    live()?.replaceWith(now);
    (window as unknown as { htmx?: { process(e: Element): void } }).htmx?.process(now);
    now.querySelector<HTMLElement>("[data-focus]")?.focus();
  };

  const stay = async (): Promise<void> => {
    if (!out()) await stand({ id: "desk", ...here, direction: direction(), ahead: phone.ahead(), gates });
  };

  const turned = async (): Promise<void> => {
    await strip();
    await stay();
    await flush();
  };

  // Before htmx hears of it: what is known to be gone is not asked.
  document.addEventListener("submit", (e) => {
    const f = e.target;
    if (!(f instanceof HTMLFormElement)) return;
    if (f.getAttribute("action") === "/sign-out") leave(e, f);
    if (f.getAttribute("action") !== "/gate" || !phone.away() || !field("text", f)?.value.trim()) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    void answer(taken(f));
  }, true);
  document.addEventListener("htmx:error", (e) => {
    const trip = (e as CustomEvent<{ ctx?: { sourceElement: Element; response?: unknown } }>).detail?.ctx;
    const f = trip?.sourceElement;
    if (trip?.response || !(f instanceof HTMLFormElement) || f.getAttribute("action") !== "/gate" || !field("text", f)?.value) return;
    void askAgain(taken(f));
  });
  // Whoever comes back to this page sees how many are inside now, or was signed out meanwhile.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && !shell && !phone.away() && !document.querySelector(".over") && !field("text")?.value) void fresh("");
  });
  document.addEventListener("click", (e) => {
    if (e.target instanceof Element && e.target.closest("[data-uncover]")) setTimeout(() => void strip().then(flush));
  });

  if (shell) {
    document.querySelectorAll(".prefs, .bar nav").forEach((part) => part.remove()); // of nobody: they lead nowhere now
    const head = document.querySelector("main h1");
    if (head && here.name) head.textContent = here.name;
    const hidden = field("gate");
    if (hidden) hidden.value = here.gate;
    const key = field("key");
    if (key) key.value = freshKey();
    const side = form()?.querySelector<HTMLInputElement>(`[name=direction][value="${was?.direction === "out" ? "out" : "in"}"]`);
    if (side) side.checked = true;
  } else {
    void keepShell(box.dataset["shell"] ?? "", box.dataset["worker"] ?? "").catch(() => undefined); // without it a reload needs the network
  }
  document.addEventListener("change", () => void stay());
  await turned();
}
