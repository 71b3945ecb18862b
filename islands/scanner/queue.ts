// What a phone at a gate keeps until the server has it: checks made without a network,
// each under the key it is counted by, and what the phone remembers of where it stands.
// Nothing here decides anything; a promise holds once it lies in the phone's storage.

/** A check on its way. note is what the guard must still be told of it; it is not sent again. */
export type Waiting = {
  key: string;
  account: string;
  gate: string;
  text: string;
  direction: string;
  made: string; // by the server's clock as the phone knows it
  said: string;
  sure: boolean; // that the server has not seen it
  note?: { what: string; reference: string; why: string };
};

/** Where this phone stands, for a page that opens without a network; gates are those its guard stood at. */
export type Desk = { id: "desk"; account: string; gate: string; name: string; direction: string; ahead: number; gates?: { gate: string; name: string }[] };

export const named = "breakwater-gate"; // the database and the cache alike

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((done, fail) => {
    const asked = indexedDB.open(named, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("waiting", { keyPath: "key" });
      asked.result.createObjectStore("desk", { keyPath: "id" });
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close(); // another page clears all
      done(asked.result);
    };
    asked.onerror = asked.onblocked = () => fail(asked.error);
  });
  return opened;
}

async function act<T>(where: "waiting" | "desk", mode: IDBTransactionMode, what: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await open();
  return new Promise((done, fail) => {
    const tx = db.transaction(where, mode);
    const asked = what(tx.objectStore(where));
    tx.oncomplete = () => done(asked.result);
    tx.onerror = tx.onabort = () => fail(tx.error);
  });
}

/** All checks on this phone, in the order they were made. */
export async function waiting(): Promise<Waiting[]> {
  const all = await act("waiting", "readonly", (s) => s.getAll() as IDBRequest<Waiting[]>).catch(() => []);
  return all.sort((a, b) => (a.made < b.made ? -1 : 1));
}

/** Keeps a check; false where the phone cannot, and then it says so. */
export function keep(w: Waiting): Promise<boolean> {
  return act("waiting", "readwrite", (s) => s.put(w)).then(() => true, () => false);
}

export async function drop(key: string): Promise<void> {
  await act("waiting", "readwrite", (s) => s.delete(key)).catch(() => undefined); // sent again, it counts no second time
}

export async function stood(): Promise<Desk | undefined> {
  return act("desk", "readonly", (s) => s.get("desk") as IDBRequest<Desk | undefined>).catch(() => undefined);
}

export async function stand(d: Desk): Promise<void> {
  await act("desk", "readwrite", (s) => s.put(d)).catch(() => undefined);
}

/** Leaves only checks that the server has not got yet: they wait for their guard to sign in again. */
export async function forget(): Promise<void> {
  if ("caches" in window) await caches.delete(named).catch(() => false);
  const worker = await navigator.serviceWorker?.getRegistration("/gate").catch(() => undefined);
  await worker?.unregister().catch(() => false);
  await act("desk", "readwrite", (s) => s.clear()).catch(() => undefined);
}

/** Leaves nothing of the gate on this phone. */
export async function clear(): Promise<void> {
  await forget();
  await open().then((db) => db.close()).catch(() => undefined);
  opened = null;
  await new Promise((done) => {
    const asked = indexedDB.deleteDatabase(named);
    asked.onsuccess = asked.onerror = asked.onblocked = done;
  });
}
