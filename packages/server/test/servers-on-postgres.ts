/** Runs before each test file of the project of servers on PostgreSQL: each new server has a database of its own there. */
import { newDatabase } from "../../vouchsafe/test/a-postgres/new-database.ts";
import { keepIn } from "./running-server.ts";

keepIn(newDatabase);
