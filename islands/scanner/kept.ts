// A gate that has no network for a while still knows whose code was withdrawn: this
// page keeps the district's keys and its signed lists of codes that do not hold, asks
// for both twice a minute, and answers by them when the server cannot be asked. What it
// says then is kept and sent later, see late.ts. A poll that fails is also how the page
// learns early that the network is gone.
import { named, type Desk } from "./queue";
import { code, inflate, keysOf, opened, unheard, type Keys, type Value } from "./statement";

const every = 30_000;
const sooner = 4_000; // while the network is gone
const patience = 8_000; // milliseconds for one answer
const listType = "application/statuslist+cwt";

type List = { tag: string; bits: Uint8Array; places: number; until: number };

export type Kept = {
  judge(text: string): Promise<string>;
  fill(text: string): string;
  now(): number; // milliseconds, by the server's clock
  ahead(): number;
  away(): boolean;
  gone(): void; // the server did not answer
  lets(): void; // nothing is put on this phone any more
};

/** null on an old phone, which asks the server or nobody; changed is told whenever the network went or came. */
export function keeps(box: HTMLElement, was: Desk | undefined, changed: () => void): Kept | null {
  if (!window.crypto?.subtle || typeof DecompressionStream === "undefined" || typeof indexedDB === "undefined") return null;
  const said = box.querySelector<HTMLElement>("[data-kept-say]");
  const numbers = (box.dataset["lists"] ?? "").split(" ").filter(Boolean);
  let keys: Keys = new Map();
  let trusted = "";
  let held = new Map<string, List>();
  let at: Date | null = null;
  let ahead = was?.ahead ?? 0; // of the server's clock before this phone's, milliseconds
  let away = !navigator.onLine;
  let puts = true;

  const turn = (now: boolean) => {
    if (away === now) return;
    away = now;
    changed();
  };

  /** A list as the server says it now, or else, for a page that begins without a network, as it lies here. */
  const ask = async (path: string, accept: string) => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), patience);
    let r: Response | undefined;
    try {
      r = await fetch(path, { cache: "no-cache", credentials: "omit", headers: { Accept: accept }, signal: stop.signal }); // the browser asks by the tag itself
    } catch (e) {
      turn(true);
      if (!at) r = await copies()?.then((c) => c.match(path, { ignoreVary: true }));
      if (!r) throw e;
      return { tag: r.headers.get("ETag") ?? "", r, old: true };
    } finally {
      clearTimeout(timer);
    }
    turn(false);
    const by = Date.parse(r.headers.get("Date") ?? "");
    if (by) ahead = Math.round((by + 500 - Date.now()) / 1000) * 1000;
    if (!r.ok) throw new Error(path + " " + r.status);
    if (puts) await copies()?.then((c) => c.put(path, (r as Response).clone())).catch(() => undefined);
    return { tag: r.headers.get("ETag") ?? "", r, old: false };
  };

  const fetchAll = async (): Promise<void> => {
    const now = Date.now() / 1000;
    const trust = await ask(box.dataset["trust"] ?? "", "application/json");
    const text = await trust.r.text();
    const all = JSON.parse(text) as { keys?: Record<string, unknown>[] };
    const same = JSON.stringify(all.keys) === trusted;
    if (!same) keys = await keysOf(all);
    trusted = JSON.stringify(all.keys);
    const next = new Map<string, List>();
    for (const n of numbers) {
      const doc = await ask((box.dataset["at"] ?? "") + n, listType);
      const old = held.get(n);
      if (same && old && doc.tag !== "" && old.tag === doc.tag) {
        next.set(n, old);
        continue;
      }
      const { payload } = await opened(new Uint8Array(await doc.r.arrayBuffer()), listType, keys, now);
      const inside = payload.get(65533);
      const lst = inside instanceof Map ? inside.get("lst") : null;
      const until = payload.get(4);
      if (!(inside instanceof Map) || inside.get("bits") !== 2 || !(lst instanceof Uint8Array)) throw new Error("no list");
      const bits = await inflate(lst);
      next.set(n, { tag: doc.tag, bits, places: bits.length * 4, until: typeof until === "number" ? until : 0 });
    }
    held = next;
    at = trust.old ? new Date(trust.r.headers.get("Date") ?? 0) : new Date();
    box.dataset["kept"] = [...held.values()].map((l) => l.tag).join(" ");
    if (said) said.textContent = fill(box.dataset["say"] ?? "");
  };

  let asking = false;
  let timer = 0;
  const again = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    clearTimeout(timer);
    await fetchAll().catch(() => undefined); // what is held stays, with its time
    asking = false;
    timer = window.setTimeout(() => void again(), away ? sooner : every);
  };

  const two = (n: number) => String(n).padStart(2, "0");
  const fill = (text: string) => text.replace("{at}", at ? `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}` : "—");

  /** What this phone alone can say of a code: one of the answers that lie in the page. */
  const judge = async (text: string): Promise<string> => {
    if (text.length <= 20 && !text.includes(":")) return "short";
    if (!at) return "unknown";
    const now = (Date.now() + ahead) / 1000;
    let claims: Map<Value, Value>;
    try {
      claims = (await code(text, keys, now)).payload;
    } catch (e) {
      return e instanceof Error && e.message === unheard ? "sm2" : "forged";
    }
    const own = claims.get(-65537);
    const until = claims.get(4);
    if (!(own instanceof Map) || own.get(1) !== 2) return "forged"; // a firm's certificate admits nobody
    if (typeof until !== "number" || now >= until) return "expired";
    const where = claims.get(65535);
    const ref = where instanceof Map ? where.get("status_list") : null;
    const [idx, uri] = ref instanceof Map ? [ref.get("idx"), ref.get("uri")] : [];
    const list = typeof uri === "string" ? held.get(uri.slice(uri.lastIndexOf("/") + 1)) : undefined;
    if (!list || typeof idx !== "number" || idx >= list.places) return "unknown";
    if ((((list.bits[idx >> 2] ?? 0) >> ((idx & 3) * 2)) & 3) !== 0) return "ended"; // believed of an old list too
    return list.until > 0 && now >= list.until ? "unknown" : "holds";
  };

  const gone = () => {
    turn(true);
    void again();
  };
  void again();
  window.addEventListener("online", () => void again());
  window.addEventListener("offline", gone);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && (!at || Date.now() - at.getTime() > every)) void again();
  });
  return { judge, fill, gone, lets: () => void (puts = false), now: () => Date.now() + ahead, ahead: () => ahead, away: () => away };
}

/** The phone's own copies of what is public; none where the browser has no cache. */
function copies(): Promise<Cache> | null {
  return "caches" in window ? caches.open(named) : null;
}
