// Signed statements as the district's program makes them, checked by this phone alone:
// base45, zlib, CBOR and COSE_Sign1 under ES256. What comes in is never trusted: every
// length is bounded, and anything odd is no statement.
const most = 1 << 20; // bytes, of anything unpacked

export type Value = number | string | boolean | null | Uint8Array | Value[] | Map<Value, Value>;
export type Keys = Map<string, { key: CryptoKey; until: number }>; // by kid in hexadecimal; until in seconds, 0 for open
export type Signed = { kid: string; payload: Map<Value, Value> };

/** The message of a statement by an algorithm that no browser speaks, such as SM2. */
export const unheard = "algorithm";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

function base45(text: string): Uint8Array | null {
  const out: number[] = [];
  for (let i = 0; i < text.length; i += 3) {
    const part = text.slice(i, i + 3).split("").map((c) => alphabet.indexOf(c));
    if (part.length < 2 || part.includes(-1)) return null;
    const n = (part[0] ?? 0) + 45 * (part[1] ?? 0) + 2025 * (part[2] ?? 0);
    if (n > (part.length === 3 ? 0xffff : 0xff)) return null;
    if (part.length === 3) out.push(n >> 8);
    out.push(n & 0xff);
  }
  return new Uint8Array(out);
}

/** Unpacks zlib, no further than is allowed. */
export async function inflate(data: Uint8Array): Promise<Uint8Array> {
  const from = new Blob([data as BlobPart]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await from.read();
    if (done) break;
    size += value.length;
    if (size > most) throw new Error("too large");
    parts.push(value);
  }
  const out = new Uint8Array(size);
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

/** One CBOR value, of definite lengths only, and where it ends. */
function decode(data: Uint8Array, at: number, deep: number): [Value, number] {
  const head = data[at++];
  if (head === undefined || deep > 12) throw new Error("not cbor");
  const major = head >> 5;
  let n = head & 31;
  if (n > 27) throw new Error("not cbor");
  if (n > 23) {
    const width = 1 << (n - 24);
    if (at + width > data.length) throw new Error("not cbor");
    n = 0;
    for (let i = 0; i < width; i++) n = n * 256 + (data[at++] ?? 0);
    if (!Number.isSafeInteger(n)) throw new Error("not cbor");
  }
  switch (major) {
    case 0:
      return [n, at];
    case 1:
      return [-1 - n, at];
    case 2:
    case 3: {
      if (at + n > data.length) throw new Error("not cbor");
      const bytes = data.slice(at, at + n);
      return [major === 2 ? bytes : new TextDecoder("utf-8", { fatal: true }).decode(bytes), at + n];
    }
    case 4:
    case 5: {
      if (n > 1024) throw new Error("not cbor");
      const list: Value[] = [];
      const map = new Map<Value, Value>();
      for (let i = 0; i < n; i++) {
        let k: Value, v: Value;
        [k, at] = decode(data, at, deep + 1);
        if (major === 4) {
          list.push(k);
          continue;
        }
        [v, at] = decode(data, at, deep + 1);
        if (map.has(k)) throw new Error("said twice"); // two readers would see two statements
        map.set(k, v);
      }
      return [major === 4 ? list : map, at];
    }
    case 7:
      if (n >= 20 && n <= 22) return [n === 22 ? null : n === 21, at];
  }
  throw new Error("not cbor");
}

function whole(data: Uint8Array): Map<Value, Value> {
  const [v, end] = decode(data, 0, 0);
  if (!(v instanceof Map) || end !== data.length) throw new Error("not a map");
  return v;
}

const hex = (b: Uint8Array) => Array.from(b, (n) => n.toString(16).padStart(2, "0")).join("");

/** The head of a byte string as CBOR writes it. */
function bytes(b: Uint8Array): number[] {
  const n = b.length;
  return n < 24 ? [0x40 | n] : n < 256 ? [0x58, n] : n < 65536 ? [0x59, n >> 8, n & 255] : [0x5a, n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255];
}

/** Opens a COSE_Sign1 of this type ("" for a code) if one of the keys signed it; throws if not. */
export async function opened(data: Uint8Array, typ: string, keys: Keys, now: number): Promise<Signed> {
  if (data[0] !== 0xd2) throw new Error("not signed");
  const [parts, end] = decode(data, 1, 0);
  if (!Array.isArray(parts) || parts.length !== 4 || end !== data.length) throw new Error("not signed");
  const [closed, , payload, signature] = parts;
  if (!(closed instanceof Uint8Array) || !(payload instanceof Uint8Array) || !(signature instanceof Uint8Array)) throw new Error("not signed");
  const head = whole(closed);
  const kid = head.get(4);
  if (head.get(1) !== -7) throw new Error(unheard);
  if (head.has(2) || !(kid instanceof Uint8Array) || (head.get(16) ?? "") !== typ) throw new Error("not ours");
  const by = keys.get(hex(kid));
  if (!by || (by.until > 0 && now >= by.until)) throw new Error("no key");
  const signed = [0x84, 0x6a, ...new TextEncoder().encode("Signature1"), ...bytes(closed), ...closed, 0x40, ...bytes(payload)];
  const text = new Uint8Array(signed.length + payload.length);
  text.set(signed);
  text.set(payload, signed.length);
  if (!(await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, by.key, signature as BufferSource, text))) throw new Error("forged");
  return { kid: hex(kid), payload: whole(payload) };
}

/** What is signed in the text of a code; throws where it is none of ours. */
export async function code(text: string, keys: Keys, now: number): Promise<Signed> {
  const packed = text.startsWith("BW1:") && text.length <= 8192 ? base45(text.replace(/[\r\n]+$/, "").slice(4)) : null;
  if (!packed) throw new Error("no code");
  return opened(packed[0] === 0x78 ? await inflate(packed) : packed, "", keys, now);
}

/** The keys of a trust list that a browser can use, without those that were lost. */
export async function keysOf(list: { keys?: Record<string, unknown>[] }): Promise<Keys> {
  const out: Keys = new Map();
  for (const k of list.keys ?? []) {
    if (k["crv"] !== "P-256" || k["state"] === "revoked") continue;
    const jwk = { kty: "EC", crv: "P-256", x: String(k["x"]), y: String(k["y"]) };
    const key = await crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
    out.set(String(k["kid"]), { key, until: Number(k["exp"] ?? 0) });
  }
  return out;
}
