import type { Connection } from "./connection.ts";
import type { Cookies } from "./cookies.ts";

/** A server that can be measured: how it starts, who uses it, and where its endpoints are. */
export interface Target {
  readonly name: string;
  /** What Node runs: a file, and its arguments. */
  readonly command: readonly string[];
  /** Everything that its process gets from the environment, beside `PATH` and `NODE_ENV`. */
  readonly environment: (place: Place) => Readonly<Record<string, string>>;
  /** Makes the people and the clients, once the server is up. */
  readonly populate: (place: Place) => Promise<Clients>;
  /** The cookies of the person with this number, signed in. */
  readonly signIn: (connection: Connection, place: Place, person: number) => Promise<Cookies>;
  /** Name and value of the button that allows, where it has them. */
  readonly allowButton: Readonly<Record<string, string>>;
  readonly paths: Paths;
  readonly scope: string;
  /** RFC 8707, where the target distinguishes resources. */
  readonly resource: ((place: Place) => string) | undefined;
  /** What processes beside the server's own have done for it so far: those of its database. */
  readonly beside?: () => Promise<Work>;
}

export interface Work {
  /** CPU time, in microseconds. */
  readonly cpu: number;
  /** Bytes that were logged to be written. */
  readonly logged: number;
}

/** Where one run of a target lives: a port of loopback, and a folder that ends with the run. */
export interface Place {
  readonly port: number;
  readonly origin: string;
  readonly directory: string;
  /** How many people use it: one per connection, and the collector of a stage. */
  readonly people: number;
}

export interface Clients {
  /** `client_id` of a public client with code and refresh grants. */
  readonly app: string;
  /** Another like it, which nobody ever connects. */
  readonly newApp: string;
  /** A confidential client, which uses client credentials and introspects. */
  readonly service: { readonly id: string; readonly secret: string };
}

export interface Paths {
  readonly metadata: string;
  readonly authorize: string;
  readonly token: string;
  readonly introspect: string;
  readonly revoke: string;
  readonly register: string;
  /** An API that answers whoever bears a token. */
  readonly api: string;
  /** The page of the apps that a person has connected, where there is one. */
  readonly connectedApps: string | undefined;
}

/** The app's redirect URI. Nothing listens there: the code is read from the address. */
export const redirectUri = "http://127.0.0.1:9/cb";
