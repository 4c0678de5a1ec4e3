/** Loaded before the server, in a benchmark only: a store whose audit writes nothing. What it leaves out is what auditing costs. */
import { SqliteAudit } from "../packages/vouchsafe/dist/store/sqlite-audit.js";

SqliteAudit.prototype.note = () => {};
