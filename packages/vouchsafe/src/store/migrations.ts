import { postgresMigrations } from "./postgres/migrations.ts";
import type { MigrationSteps } from "./sql/database.ts";
import { sqliteMigrations } from "./sqlite/migrations.ts";

/** The library's own tables. */
export const migrations: MigrationSteps = { sqlite: sqliteMigrations, postgres: postgresMigrations };
