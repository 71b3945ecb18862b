// The gate without its network. A check that the server cannot be asked about is answered
// by what the phone knows, kept, and sent when the network is back, once, under its own
// key. Where only the answer was lost, the same key is asked again first; nobody is told
// that nothing was counted unless that is known.
import { keeps, type Kept } from "./kept";
import { clear, drop, keep, stand, stood, waiting, type Waiting } from "./queue";
import { freshKey, mismatch, send, type Check } from "./send";
import { keepShell } from "./shell";

const pauses = [400, 1200, 3000]; // milliseconds before each time the lost answer is asked for
const most = 60_000; // between two attempts to send, where the server is busy

export async function gate(box: HTMLElement): Promise<void> {
  const shell = box.hasAttribute("data-away");
  const was = await stood();
  const here = {
    account: shell ? (was?.account ?? "") : (box.dataset["account"] ?? ""),
    gate: shell ? (was?.gate ?? "") : (box.dataset["gate"] ?? ""),
    name: shell ? (was?.name ?? "") : (box.dataset["name"] ?? ""),
  };
  let ready = false;
  let kept: Kept | null = null;
  kept = keeps(box, was, () => ready && void turned());
  if (!kept) return;
  const phone: Kept = kept;
  ready = true;

  const net = document.getElementById("gate-net");
  const live = () => document.getElementById("gate-live");
  const form = () => document.querySelector<HTMLFormElement>('form[action="/gate"]');
  const field = (name: string, f = form()) => f?.querySelector<HTMLInputElement>(`[name=${name}]`) ?? null;
  const direction = () => form()?.querySelector<HTMLInputElement>("[name=direction]:checked")?.value ?? "in";
  const open = new Map<string, Element>(); // checks the guard has not answered yet, by key
  let sent = 0;
  let out = false;

  const line = (what: string, on: boolean, n?: number) => {
    const p = net?.querySelector<HTMLElement>(`[data-net="${what}"]`);
    if (!p) return;
    p.hidden = !on;
    const count = p.querySelector("[data-count]");
    if (count && n !== undefined) count.textContent = String(n);
  };
  const clock = (iso: string) => new Date(iso).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });

  const strip = async (): Promise<Waiting[]> => {
    const all = await waiting();
    const mine = all.filter((w) => w.account === here.account);
    const todo = mine.filter((w) => !w.note);
    const others = all.length - mine.length;
    line("away", phone.away());
    line("waiting", todo.length > 0, todo.length);
    line("sent", sent > 0 && todo.length === 0, sent);
    line("out", out);
    line("other", others > 0, others);
    if (todo.length === 0) line("stay", false);
    const list = net?.querySelector("[data-notes]");
    list?.replaceChildren(...mine.filter((w) => w.note).map(told));
    if (net) net.hidden = !net.querySelector("[data-net]:not([hidden]), [data-told]");
    return todo;
  };

  const told = (w: Waiting): Node => {
    const part = document.importNode(box.querySelector<HTMLTemplateElement>(`template[data-note="${w.note?.what}"]`)!.content, true);
    const words = part.querySelector("p");
    if (words) words.textContent = (words.textContent ?? "").replace("{at}", clock(w.made)).replace("{reference}", w.note?.reference ?? "").replace("{why}", (w.note?.why ?? "").replace(/[.。]$/, ""));
    part.querySelector("button")?.addEventListener("click", () => void drop(w.key).then(strip));
    return part;
  };

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
    sent++;
    await strip();
    if (over?.isConnected) await fresh(c.reference);
  };

  const note = async (w: Waiting, c: Check): Promise<void> => {
    const what = mismatch(w, c);
    if (what) await keep({ ...w, note: { what, reference: c.reference, why: c.reason } });
    else await drop(w.key);
  };

  /** Draws anew what checks change, and one check's answer over it. */
  const fresh = async (reference: string): Promise<void> => {
    const q = new URLSearchParams({ gate: here.gate, direction: direction(), check: reference });
    if (shell) return location.replace("/gate?" + q.toString());
    const r = await fetch("/gate?" + q.toString(), { headers: { "HX-Request": "true" }, credentials: "same-origin", redirect: "manual" }).catch(() => null);
    const part = r?.ok ? new DOMParser().parseFromString(await r.text(), "text/html").getElementById("gate-live") : null;
    if (!part) return;
    const now = document.importNode(part, true);
    live()?.replaceWith(now);
    (window as unknown as { htmx?: { process(e: Element): void } }).htmx?.process(now);
    now.querySelector<HTMLElement>("[data-focus]")?.focus();
  };

  let sending = false;
  let again = 0;
  const flush = async (): Promise<void> => {
    if (sending || phone.away()) return;
    sending = true;
    clearTimeout(again);
    let wait = 0;
    let some = false;
    for (const w of await waiting()) {
      if (w.note || w.account !== here.account || open.get(w.key)?.isConnected) continue;
      const said = await send(w, false);
      if (said.what === "taken") {
        await note(w, said.check);
        sent++;
        some = true;
      } else if (said.what === "refused") {
        await keep({ ...w, note: { what: "refused", reference: "", why: said.why } });
      } else {
        out = said.what === "out";
        if (said.what === "lost") phone.gone();
        wait = said.what === "later" ? 5_000 + Math.random() * 5_000 : most;
        break;
      }
      out = false;
    }
    sending = false;
    const todo = await strip();
    if (wait || todo.length > 0) again = window.setTimeout(() => void flush(), wait || 5_000);
    else if (shell && !document.querySelector(".over")) location.replace("/gate?gate=" + encodeURIComponent(here.gate)); // the page itself is back
    else if (some && !document.querySelector(".over") && !field("text")?.value) await fresh("");
  };

  const turned = async (): Promise<void> => {
    await strip();
    await stand({ id: "desk", ...here, direction: direction(), ahead: phone.ahead() });
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
  document.addEventListener("click", (e) => {
    if (e.target instanceof Element && e.target.closest("[data-uncover]")) setTimeout(() => void strip().then(flush));
  });

  /** Whoever signs out leaves nothing behind, and loses nothing. */
  const leave = (e: Event, f: HTMLFormElement): void => {
    e.preventDefault();
    e.stopImmediatePropagation();
    void flush().then(strip).then(async (todo) => {
      if (todo.length > 0 && !out) {
        line("stay", true, todo.length);
        if (net) net.hidden = false;
        net?.scrollIntoView({ block: "start" });
        return;
      }
      if ((await waiting()).length === 0) await clear();
      f.submit();
    });
  };

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
  document.addEventListener("change", () => void stand({ id: "desk", ...here, direction: direction(), ahead: phone.ahead() }));
  await turned();
}
