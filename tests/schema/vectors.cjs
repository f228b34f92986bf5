// Proves by the exported vectors alone, without any library, that plain JavaScript places and names events as Podium does.
"use strict";
const { createHash } = require("node:crypto");
const { readFileSync } = require("node:fs");

function murmur2(bytes) {
  const m = 0x5bd1e995;
  let h = 0x9747b28c ^ bytes.length;
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    let k = Math.imul(bytes.readInt32LE(at), m);
    k = Math.imul(k ^ (k >>> 24), m);
    h = Math.imul(h, m) ^ k;
  }
  const rest = bytes.length - at;
  if (rest > 2) h ^= bytes[at + 2] << 16;
  if (rest > 1) h ^= bytes[at + 1] << 8;
  if (rest > 0) h = Math.imul(h ^ bytes[at], m);
  h = Math.imul(h ^ (h >>> 13), m);
  return (h ^ (h >>> 15)) >>> 0;
}

function v5(namespace, name) {
  const hash = createHash("sha1").update(Buffer.from(namespace.replaceAll("-", ""), "hex")).update(name).digest();
  hash[6] = (hash[6] & 0x0f) | 0x50;
  hash[8] = (hash[8] & 0x3f) | 0x80;
  return hash.toString("hex", 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const place = (key, partitions) => (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;
const file = JSON.parse(readFileSync(process.argv[2], "utf8"));
const wrong = [];
const told = { partitions: 0, ids: 0, placed: 0, wrong };
const expect = (part, what, found, wanted) => {
  told[part] += 1;
  if (found !== wanted) wrong.push(`${what}: ${found} and not ${wanted}`);
};

for (const { key, murmur2: hash, partitions } of file.partitions) {
  expect("partitions", `hash of ${key}`, murmur2(Buffer.from(key)), hash);
  for (const [count, partition] of Object.entries(partitions)) {
    expect("partitions", `${key} of ${count}`, place(key, Number(count)), partition);
  }
}
for (const event of file.events) {
  expect("placed", event.type, place(event.record_key, event.partitions), event.partition);
  if (event.id) expect("ids", event.type, v5(file.namespace, event.natural_key), event.id);
  expect("placed", event.type, JSON.parse(event.record).type, event.type);
}
process.stdout.write(JSON.stringify(told));
