/** Preloaded into a server (`node --import`): its clock is ahead by the milliseconds that stand in `clock` in the working directory. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { clockFile, rereadEvery } from "./clock.ts";

const path = join(process.cwd(), clockFile);
const systemTime = Date.now;
let ahead = 0;

Date.now = () => systemTime() + ahead;
setInterval(() => {
  if (existsSync(path)) ahead = Number(readFileSync(path, "utf8"));
}, rereadEvery).unref();
