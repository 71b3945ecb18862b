// Sends one check of this phone to the server, under its own key: what was counted
// before is answered again and counts no second time.
import type { Waiting } from "./queue";

export type Check = { admit: boolean; code: string; reason: string; reference: string; said?: string; now?: string };
export type Sent = { what: "taken"; check: Check } | { what: "refused"; why: string } | { what: "out" | "later" | "lost" };

const patience = 6000; // milliseconds for one answer

/** Sends it as it was made: live as if just now, else as what the phone answered and when. */
export async function send(w: Waiting, live: boolean): Promise<Sent> {
  const body = new URLSearchParams({ key: w.key, gate: w.gate, text: w.text, direction: w.direction });
  if (!live) {
    body.set("made_at", w.made);
    body.set("said", w.said);
  }
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    const r = await fetch("/gate", { method: "POST", headers: { Accept: "application/json" }, body, credentials: "same-origin", redirect: "manual", signal: stop.signal });
    if (r.type === "opaqueredirect" || r.status === 401 || r.status === 403) return { what: "out" };
    if (r.status === 408 || r.status === 429 || r.status >= 500) return { what: "later" };
    const told = (await r.json()) as Check & { detail?: string; title?: string; errors?: { message?: string }[] };
    if (r.ok) return { what: "taken", check: told };
    return { what: "refused", why: told.errors?.[0]?.message ?? told.detail ?? told.title ?? String(r.status) };
  } catch {
    return { what: "lost" };
  } finally {
    clearTimeout(timer);
  }
}

/** A key of our own, for a check whose form the server has not drawn. */
export function freshKey(): string {
  return "key_" + Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("");
}

/** What the guard must still be told of a check that the server now has; "" for nothing. */
export function mismatch(w: Waiting, c: Check): string {
  const passed = w.said === "holds" || w.said === "unknown";
  if (!c.said) return c.admit === passed ? "" : passed ? "stopped" : "counted"; // decided before the network went
  if (!passed) return "";
  if (c.code !== "ok" && c.code !== "repeat") return "uncounted";
  return w.direction === "in" && c.now && c.now !== "ok" && c.now !== "repeat" ? "stopped" : "";
}
