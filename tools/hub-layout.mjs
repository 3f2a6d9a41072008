// What npm @huggingface/hub makes of a small model: the oracle of the cache layout.
//
//     npm install @huggingface/hub@2.17.5 && node hub-layout.mjs > layout.txt
//
// Starts a fake hub on loopback with the files of FILES, lets snapshotDownload fetch them, and prints
// the cache, a line for each entry: path, and the target of a link or SHA-256 of the bytes.
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { snapshotDownload } from "@huggingface/hub";

console.debug = console.info = console.log = console.error; // its reports are no result
const COMMIT = "0123456789abcdef0123456789abcdef01234567";
// path, content, whether Git LFS has it; HubPullTest.java has the same list.
const FILES = [
  ["config.json", '{"model_type":"llama"}\n', false],
  ["model.safetensors", "weights ".repeat(1000), true],
  ["tokenizer.json", "{}", false],
  ["1_Pooling/config.json", '{"pooling_mode_mean_tokens":true}', false],
];
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const sha1 = (bytes) => createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
const entries = FILES.map(([path, text, large]) => {
  const bytes = Buffer.from(text);
  const entry = { type: "file", path, size: bytes.length, oid: sha1(bytes) };
  if (large) entry.lfs = { oid: sha256(bytes), size: bytes.length, pointerSize: 130 };
  return { entry, bytes, etag: large ? sha256(bytes) : sha1(bytes), large };
});

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://hub");
  const json = (value) => response.setHeader("Content-Type", "application/json").end(JSON.stringify(value));
  if (pathname.startsWith("/api/models/o/m/revision/")) return json({ sha: COMMIT, id: "o/m" });
  if (pathname.startsWith("/api/models/o/m/tree/")) return json(entries.map((e) => e.entry));
  if (pathname.startsWith("/api/models/o/m/paths-info/")) {
    let body = "";
    for await (const part of request) body += part;
    const wanted = JSON.parse(body).paths;
    return json(entries.filter((e) => wanted.includes(e.entry.path)).map((e) => e.entry));
  }
  const found = entries.find((e) => pathname === `/o/m/resolve/${COMMIT}/${e.entry.path}`);
  if (!found) return response.writeHead(404).end();
  response.setHeader("ETag", `"${found.etag}"`).setHeader("X-Repo-Commit", COMMIT);
  if (found.large) response.setHeader("X-Linked-Etag", `"${found.etag}"`).setHeader("X-Linked-Size", found.bytes.length);
  if (request.headers.range === "bytes=0-0") {
    response.setHeader("Content-Range", `bytes 0-0/${found.bytes.length}`);
    return response.writeHead(206).end(found.bytes.subarray(0, 1));
  }
  return response.end(found.bytes);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const cacheDir = mkdtempSync(join(tmpdir(), "hub-"));
await snapshotDownload({ repo: "o/m", revision: "main", hubUrl: `http://127.0.0.1:${server.address().port}`, cacheDir });
server.close();
const lines = [];
for (const entry of readdirSync(cacheDir, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  const name = path.slice(cacheDir.length + 1);
  if (entry.isSymbolicLink()) lines.push(`${name} -> ${readlinkSync(path)}`);
  else if (entry.isFile()) lines.push(`${name} ${sha256(readFileSync(path))}`);
}
process.stdout.write(lines.sort().join("\n") + "\n");
