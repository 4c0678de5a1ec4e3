import { newDatabase } from "../../../vouchsafe/test/a-postgres/new-database.ts";
import { declareTests } from "./cases-as-tests.ts";
import { standsAlone } from "./configuration.ts";

declareTests({ cases: standsAlone, atOnce: true }, { name: "PostgreSQL", newDatabase });
