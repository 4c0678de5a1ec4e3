/** Scenario code for the steps that are prose, by case id. */

import { admin } from "./scenarios/admin.ts";
import { authorizationRequests } from "./scenarios/authorization-requests.ts";
import { clientAuthentication } from "./scenarios/client-authentication.ts";
import { clientDocuments } from "./scenarios/client-documents.ts";
import { codes } from "./scenarios/codes.ts";
import { consent } from "./scenarios/consent.ts";
import { injection } from "./scenarios/injection.ts";
import { limits } from "./scenarios/limits.ts";
import { load } from "./scenarios/load.ts";
import { metadata } from "./scenarios/metadata.ts";
import { personalTokens } from "./scenarios/personal-tokens.ts";
import { rawHttp } from "./scenarios/raw-http.ts";
import { redirects } from "./scenarios/redirects.ts";
import { refreshing } from "./scenarios/refresh.ts";
import { registration } from "./scenarios/registration.ts";
import { revocation } from "./scenarios/revocation.ts";
import { scopesAndResources } from "./scenarios/scopes-and-resources.ts";
import { secretsAtRest } from "./scenarios/secrets-at-rest.ts";
import { signIn } from "./scenarios/sign-in.ts";
import { slowDocuments } from "./scenarios/slow-documents.ts";
import { time } from "./scenarios/time.ts";
import type { Exchanged, Scene } from "./scene.ts";

/** Plays a case; the result is what its expectation is about. */
export type Scenario = (scene: Scene) => Promise<readonly Exchanged[]>;

export const scenarios: Readonly<Record<string, Scenario>> = {
  ...redirects,
  ...authorizationRequests,
  ...codes,
  ...refreshing,
  ...clientAuthentication,
  ...clientDocuments,
  ...slowDocuments,
  ...scopesAndResources,
  ...registration,
  ...consent,
  ...signIn,
  ...revocation,
  ...personalTokens,
  ...metadata,
  ...limits,
  ...load,
  ...rawHttp,
  ...secretsAtRest,
  ...injection,
  ...time,
  ...admin,
};
