// Bundles the islands and the sheet into internal/web/static, which the program
// embeds: every name carries a hash of its content, a gzip stands beside what
// is worth compressing, and manifest.json leads from the plain name to the real.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, "../internal/web/static");
const require = createRequire(import.meta.url);

// Phones of 2019 and the WeChat browser of that time.
const target = ["chrome76", "safari12"];

const result = await build({
  absWorkingDir: here,
  entryPoints: {
    "app.css": "style/breakwater.css",
    app: "page/main.ts",
    htmx: "htmx/main.ts",
    scanner: "scanner/main.ts",
    worker: "worker/main.ts",
  },
  bundle: true,
  minify: true,
  format: "iife",
  charset: "utf8",
  legalComments: "none",
  target,
  // Safari 12 does destructure; what it gets wrong is a corner nobody here uses.
  supported: { destructuring: true },
  outdir: "out",
  write: false,
  logLevel: "warning",
  // zxing-wasm also knows how to run under Node; no browser takes that way.
  external: ["module", "fs", "path"],
});

const files = new Map();
for (const f of result.outputFiles) files.set(path.basename(f.path).replace(".css.css", ".css"), Buffer.from(f.contents));
files.set("mark.svg", await readFile(path.join(here, "mark.svg")));
files.set("reader.wasm", await readFile(require.resolve("zxing-wasm/reader/zxing_reader.wasm")));

await mkdir(out, { recursive: true });
const manifest = {};
const kept = new Set([".keep", "manifest.json"]);
for (const [name, data] of [...files].sort()) {
  const { name: stem, ext } = path.parse(name);
  const hash = createHash("sha256").update(data).digest("hex").slice(0, 10);
  const hashed = `${stem}-${hash}${ext}`;
  manifest[name] = hashed;
  kept.add(hashed);
  await writeFile(path.join(out, hashed), data);
  const zipped = gzipSync(data, { level: 9 });
  if (zipped.length < data.length * 0.9) {
    kept.add(hashed + ".gz");
    await writeFile(path.join(out, hashed + ".gz"), zipped);
  }
  console.log(`${hashed.padEnd(32)} ${String(data.length).padStart(8)} ${String(zipped.length).padStart(8)} gzip`);
}
// The manifest last and the stale files after it: whoever reads meanwhile finds
// a whole bundle, the old one or the new.
await writeFile(path.join(out, "manifest.json"), JSON.stringify(manifest, null, 1) + "\n");
for (const name of await readdir(out)) if (!kept.has(name)) await rm(path.join(out, name), { recursive: true });
