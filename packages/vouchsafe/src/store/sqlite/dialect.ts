import type { Dialect } from "../sql/database.ts";

export const sqliteDialect: Dialect = {
  name: "sqlite",
  placeholder: () => "?",
  listed: (placeholder) => `(SELECT value FROM json_each(${placeholder}))`,
};
