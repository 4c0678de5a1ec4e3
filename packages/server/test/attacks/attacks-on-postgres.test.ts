import { newDatabase } from "../../../vouchsafe/test/a-postgres/new-database.ts";
import { declareTests } from "./cases-as-tests.ts";
import { isAboutStore, standsAlone } from "./configuration.ts";

declareTests(
  { cases: (attackCase) => !standsAlone(attackCase) && isAboutStore(attackCase), atOnce: false },
  { name: "PostgreSQL", newDatabase },
);
