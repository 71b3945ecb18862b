// Gives out the gate's page of nobody when the server cannot be reached, and the files it
// loads. It asks the network first for the page, keeps nothing itself, and answers
// nothing else: a command is never held back here.
type Fetched = Event & { request: Request; respondWith(r: Promise<Response>): void };
type Done = Event & { waitUntil(p: Promise<unknown>): void };
const me = self as unknown as { skipWaiting(): Promise<void>; clients: { claim(): Promise<void> } };

const named = "breakwater-gate";
const shell = "/gate/away";
const patience = 8000; // milliseconds; a line that hangs is no line

const kept = (path: string) => caches.open(named).then((c) => c.match(path, { ignoreVary: true }));

async function page(r: Request): Promise<Response> {
  const asked = fetch(r);
  const late = new Promise<undefined>((done) => setTimeout(done, patience));
  const first = await Promise.race([asked, late]).catch(() => undefined);
  // Signed out elsewhere: nothing of the gate stays, but for checks that still wait.
  if (first && (first.type === "opaqueredirect" || first.status === 401 || first.status === 403)) await forget();
  return first ?? (await kept(shell)) ?? asked;
}

async function forget(): Promise<void> {
  await caches.delete(named).catch(() => false);
  await new Promise<void>((done) => {
    const asked = indexedDB.open(named, 1);
    asked.onupgradeneeded = () => asked.transaction?.abort(); // there is none
    asked.onerror = asked.onblocked = () => done();
    asked.onsuccess = () => {
      const tx = asked.result.transaction("desk", "readwrite");
      tx.objectStore("desk").clear();
      tx.oncomplete = tx.onabort = () => {
        asked.result.close();
        done();
      };
    };
  });
}

self.addEventListener("install", () => void me.skipWaiting());
self.addEventListener("activate", (e) => (e as Done).waitUntil(me.clients.claim()));
self.addEventListener("fetch", (e) => {
  const { request } = e as Fetched;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && pathname === "/gate") (e as Fetched).respondWith(page(request));
  else if (pathname.startsWith("/static/")) (e as Fetched).respondWith(kept(pathname).then((r) => r ?? fetch(request)));
});
