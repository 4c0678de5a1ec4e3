/** Runs before each test file of the project of flows on PostgreSQL: their servers keep what they know there. */
import { keepIn } from "../a-server.ts";
import { emptiedStores } from "./emptied-stores.ts";

keepIn(emptiedStores());
