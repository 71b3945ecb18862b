// The gate opens again after a reload without a network: its page of nobody, and what
// that page loads, lie in this phone's cache, and a small worker gives them out. Nothing
// that needed a session is ever kept.
import { named } from "./queue";

export async function keepShell(shell: string, worker: string): Promise<void> {
  if (!("serviceWorker" in navigator) || !("caches" in window)) return;
  const page = await fetch(shell, { credentials: "omit", cache: "no-cache", headers: { "Accept-Language": document.documentElement.lang, Accept: "text/html" } });
  if (!page.ok) return;
  const text = await page.clone().text();
  const needs = new Set(Array.from(text.matchAll(/"(\/static\/[\w.-]+)"/g), (m) => m[1] ?? ""));
  const cache = await caches.open(named);
  for (const path of needs) {
    if (!(await cache.match(path, { ignoreVary: true }))) await cache.add(new Request(path, { credentials: "omit" }));
  }
  await cache.put(shell, page); // after what it needs
  for (const old of await cache.keys()) {
    const path = new URL(old.url).pathname;
    if (path.startsWith("/static/") && !needs.has(path)) await cache.delete(old);
  }
  await navigator.serviceWorker.register(worker, { scope: "/gate" });
}
