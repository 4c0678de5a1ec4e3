import { declareTests } from "./cases-as-tests.ts";
import { standsAlone } from "./configuration.ts";

declareTests({ cases: standsAlone, atOnce: true });
