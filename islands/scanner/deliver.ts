// What waits on this phone: how it stands with it, how it is sent, and what the guard must
// still be told of it. A check is sent as long as its guard is signed in; whoever is not
// any more finds nothing of the gate here, and no check is lost by it.
import type { Kept } from "./kept";
import { clear, drop, forget, keep, waiting, type Waiting } from "./queue";
import { mismatch, send, type Check } from "./send";

const most = 60_000; // milliseconds between two attempts to send, where the server is busy

export type Delivery = {
  strip(): Promise<Waiting[]>; // draws how it stands; answers with what is still to be sent
  note(w: Waiting, c: Check): Promise<void>;
  flush(): Promise<void>;
  counted(): void; // one more that the server has
  out(): boolean; // the server knows this guard no more
  gone(): Promise<void>; // the server said so
  leave(e: Event, f: HTMLFormElement): void;
};

/** hold: not sent meanwhile, the guard has not answered; idle: all that waited is sent. */
export function delivers(box: HTMLElement, account: string, phone: Kept, hold: (key: string) => boolean, idle: (some: boolean) => Promise<void> | void): Delivery {
  const net = document.getElementById("gate-net");
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
    const mine = all.filter((w) => w.account === account);
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

  const note = async (w: Waiting, c: Check): Promise<void> => {
    const what = mismatch(w, c);
    if (what) await keep({ ...w, note: { what, reference: c.reference, why: c.reason } });
    else await drop(w.key);
  };

  const letGo = (): Promise<void> => {
    phone.lets();
    return forget();
  };

  const gone = async (): Promise<void> => {
    out = true;
    await letGo();
    await strip();
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
      if (w.note || w.account !== account || hold(w.key)) continue;
      const said = await send(w, false);
      if (said.what === "taken") {
        await note(w, said.check);
        sent++;
        some = true;
      } else if (said.what === "refused") {
        await keep({ ...w, note: { what: "refused", reference: "", why: said.why } });
      } else {
        out = said.what === "out";
        if (out) await letGo();
        if (said.what === "lost") phone.gone();
        wait = said.what === "later" ? 5_000 + Math.random() * 5_000 : most;
        break;
      }
      out = false;
    }
    sending = false;
    const todo = await strip();
    if (wait || todo.length > 0) again = window.setTimeout(() => void flush(), wait || 5_000);
    else await idle(some);
  };

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
      phone.lets();
      if ((await waiting()).length === 0) await clear();
      else await letGo();
      f.submit();
    });
  };

  return { strip, note, flush, gone, leave, counted: () => void sent++, out: () => out };
}
