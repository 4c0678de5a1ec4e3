/** Loaded before the server, in a soak only: writes down every second what the heap of its process holds, into the folder it runs in. */
import { renameSync, writeFileSync } from "node:fs";

setInterval(() => {
  const { heapUsed, external } = process.memoryUsage();
  writeFileSync("heap.json.new", JSON.stringify({ heapUsed, external }));
  renameSync("heap.json.new", "heap.json");
}, 1000).unref();
