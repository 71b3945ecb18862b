// A gate that has no network for a while still knows whose code was withdrawn: this
// page keeps the district's keys and its signed lists of codes that do not hold, asks
// for both twice a minute, and answers by them when the server cannot be asked. What it
// says then is counted nowhere, and says so.
import { code, inflate, keysOf, opened, unheard, type Keys, type Value } from "./statement";

const every = 30_000;
const listType = "application/statuslist+cwt";

type List = { tag: string; bits: Uint8Array; places: number; until: number };

export function keeps(box: HTMLElement): void {
  if (!window.crypto?.subtle || typeof DecompressionStream === "undefined") return; // an old phone asks the server or nobody
  const said = box.querySelector<HTMLElement>("[data-kept-say]");
  const numbers = (box.dataset["lists"] ?? "").split(" ").filter(Boolean);
  let keys: Keys = new Map();
  let trusted = "";
  let held = new Map<string, List>();
  let at: Date | null = null;

  const ask = async (path: string, accept: string) => {
    const r = await fetch(path, { cache: "no-cache", credentials: "omit", headers: { Accept: accept } }); // the browser asks by the tag itself
    if (!r.ok) throw new Error(path + " " + r.status);
    return { tag: r.headers.get("ETag") ?? "", r };
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
    at = new Date();
    box.dataset["kept"] = [...held.values()].map((l) => l.tag).join(" ");
    if (said) said.textContent = fill(box.dataset["say"] ?? "");
  };

  let asking = false;
  const again = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    await fetchAll().catch(() => undefined); // what is held stays, with its time
    asking = false;
  };

  const two = (n: number) => String(n).padStart(2, "0");
  const fill = (text: string) => text.replace("{at}", at ? `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}` : "—");

  /** What this phone alone can say of a code: one of the answers that lie in the page. */
  const judge = async (text: string): Promise<string> => {
    if (!at) return "unknown";
    const now = Date.now() / 1000;
    let claims: Map<Value, Value>;
    try {
      claims = (await code(text, keys, now)).payload;
    } catch (e) {
      return e instanceof Error && e.message === unheard ? "unknown" : "forged";
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

  document.addEventListener("htmx:error", (e) => {
    const trip = (e as CustomEvent<{ ctx?: { sourceElement: Element; response?: unknown } }>).detail?.ctx;
    const form = trip?.sourceElement;
    if (trip?.response || !(form instanceof HTMLFormElement) || form.getAttribute("action") !== "/gate") return;
    const field = form.querySelector<HTMLInputElement>("[name=text]");
    if (!field?.value) return;
    if (!field.value.startsWith("BW1:")) return; // a short code is known to the server only: it stays, to be sent again with the same key
    void judge(field.value).then((what) => {
      const page = box.querySelector<HTMLTemplateElement>(`template[data-answer="${what}"]`);
      const live = document.getElementById("gate-live");
      if (!page || !live) return;
      live.querySelectorAll(".over").forEach((old) => old.remove());
      const answer = document.importNode(page.content, true);
      answer.querySelectorAll(".reason").forEach((p) => (p.textContent = fill(p.textContent ?? "").trim()));
      document.querySelectorAll("[data-said]").forEach((line) => line.remove()); // that nobody answered: this phone did
      live.prepend(answer);
      field.value = "";
      live.querySelector<HTMLElement>("[data-focus]")?.focus();
    });
  });

  void again();
  setInterval(() => void again(), every);
  window.addEventListener("online", () => void again());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && (!at || Date.now() - at.getTime() > every)) void again();
  });
}
