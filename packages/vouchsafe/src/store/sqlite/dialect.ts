import type { Dialect } from "../sql/database.ts";

export const sqliteDialect: Dialect = {
  name: "sqlite",
  placeholder: () => "?",
  listed: (placeholder) => `(SELECT value FROM json_each(${placeholder}))`,
  clock: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
};
