import { hashSecret, mintSecret } from "../packages/vouchsafe/src/protocol/secret.ts";

/** A grant among many whose tokens we know, so that a request can be about any of them. */
export interface KnownGrant {
  /** Its number among the grants of the database, from 1 on. */
  readonly number: number;
  readonly clientId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** This many grants, evenly spread among so many. */
export function mintKnownGrants(count: number, grants: number, clientOf: (grant: number) => string): readonly KnownGrant[] {
  return Array.from({ length: Math.min(count, grants) }, (_, index, known = Math.min(count, grants)) => {
    const number = 1 + Math.floor((index * grants) / known);
    return { number, clientId: clientOf(number), accessToken: mintSecret("access"), refreshToken: mintSecret("refresh") };
  });
}

/** SHA-256 in hexadecimal digits: all that a database has of a token. */
export const hashOf = (token: string): string => Buffer.from(hashSecret(token)).toString("hex");
