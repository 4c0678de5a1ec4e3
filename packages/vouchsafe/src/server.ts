import { type Authenticate, createAuthenticate } from "./access.ts";
import { type Admin, createAdmin } from "./admin.ts";
import { Anomalies } from "./anomalies.ts";
import { beginBackground } from "./background.ts";
import { createBrandCheck } from "./brand-check.ts";
import { checkConfiguration } from "./check-configuration.ts";
import { ClientDocuments } from "./client-id-metadata/client-documents.ts";
import { ClientKeys } from "./client-id-metadata/client-keys.ts";
import { type AuthorizationServerOptions, type Configuration, ConfigurationError, type Person, type RateLimitName } from "./config.ts";
import type { RequestInfo, Services } from "./context.ts";
import { Deliverer } from "./delivery.ts";
import { type DescribedRequest, describeRequest, flowIdOfReturn } from "./endpoints/describe-request.ts";
import { FlowLog } from "./flow-log.ts";
import { formToken, isOwnForm, recogniseBrowser } from "./http/browser.ts";
import { createKeyring } from "./keys/sealing.ts";
import { NewConnections } from "./new-connections.ts";
import { createLook, type Look } from "./pages/look.ts";
import type { ChainSigner } from "./protocol/audit-chain.ts";
import { noRateLimit, type RateLimit, rateLimitsInMemory } from "./rate-limit.ts";
import { Redemptions } from "./redemptions.ts";
import { RefusalLog, type SingleRefusal } from "./refusals.ts";
import { createRouter } from "./router.ts";
import { SigningKeys } from "./signing-keys.ts";
import { UseLog } from "./uses.ts";
import { WriteTrial } from "./write-trial.ts";

export interface AuthorizationServer<ScopeName extends string = string> {
  /** Answers a request to any path of ours; 404 to others. */
  readonly fetch: (request: Request, info?: RequestInfo) => Response | Promise<Response>;
  /** Whether a path is one of ours, for a host app that routes by itself. */
  readonly handles: (pathname: string) => boolean;
  readonly authenticate: Authenticate<ScopeName>;
  readonly admin: Admin;
  /** For forms of the host app's own pages, such as sign-in: tokens bound to browser and session. */
  readonly forms: Forms;
  /** Who asks, for a sign-in page that an authorization request led to; undefined where `returnTo` is no such request. */
  readonly describeRequest: (returnTo: string) => Promise<DescribedRequest | undefined>;
  /**
   * The attempt to connect that a sign-in page will return to, by the id that its lines and events have elsewhere; undefined
   * where `returnTo` is no authorization request that can be read.
   */
  readonly flowIdOf: (returnTo: string) => Promise<string | undefined>;
  /** For pages of the host app's own, such as sign-in, in the frame of ours: see `vouchsafe/pages`. */
  readonly look: Look;
  /** A limit of the configuration, for the host app's own sign-in. */
  readonly limits: Readonly<Record<RateLimitName, RateLimit>>;
  /** Brings a refusal of the host app's own into the audit, such as a failed sign-in; see `RefusalLog`. */
  readonly noteRefusal: (kind: string, refusal: SingleRefusal) => void;
  /**
   * Checks that the database answers, has our schema and was made with this secret. From the second time on, also that it
   * can be written: a process that asks once, such as a command, may be the one that makes room.
   * @throws StorageError, ConfigurationError
   */
  readonly ready: () => Promise<void>;
  /** Finishes what is under way and closes the store. */
  readonly close: () => Promise<void>;
}

export interface Forms {
  /** The token for a form's `csrf` field, and the headers its page must be sent with. */
  token(request: Request, form: string, person?: Person): { token: string; headers: Readonly<Record<string, string>> };
  /** Whether a form that came back is one that we gave to this browser and session. */
  check(request: Request, form: string, token: string | undefined, person?: Person): boolean;
}

/**
 * Makes an authorization server of its options.
 * @throws ConfigurationError with every problem of the options
 */
export function createAuthorizationServer<const ScopeName extends string>(
  options: AuthorizationServerOptions<ScopeName>,
): AuthorizationServer<ScopeName> {
  const config = checkConfiguration(options);
  const services = createServices(config);
  const { store, refusals, keys, limits, newConnections } = services;
  const router = createRouter(services);
  const onError = inBackground(config);
  store.subscribe((event) => {
    try {
      config.onEvent?.(event);
    } catch (error) {
      onError(error);
    }
  });
  const anomalies = new Anomalies({ rules: config.anomalies, store, onError });
  store.subscribe((event) => anomalies.note(event));
  const deliverer = new Deliverer({ config, store, onError });
  deliverer.start();
  const background = beginBackground(services);
  const writeTrial = new WriteTrial(store);
  let isSecretChecked = false;

  return {
    fetch: (request, info = {}) => router.fetch(request, info),
    handles: router.handles,
    authenticate: createAuthenticate<ScopeName>(services),
    admin: createAdmin(services),
    forms: {
      token: (request, name, person) => {
        const browser = recogniseBrowser(request, config.isSecure);
        return { token: formToken(keys, { name, browser, subject: person?.id, sessionId: person?.sessionId }), headers: browser.headers };
      },
      check: (request, name, sent, person) =>
        isOwnForm(
          request,
          keys,
          config.origin,
          { name, browser: recogniseBrowser(request, config.isSecure), subject: person?.id, sessionId: person?.sessionId },
          sent,
        ),
    },
    describeRequest: (returnTo) => describeRequest(returnTo, services),
    flowIdOf: (returnTo) => flowIdOfReturn(returnTo, services),
    look: services.look,
    limits,
    noteRefusal: (kind, refusal) => refusals.note(kind, refusal),
    ready: async () => {
      await store.check();
      if (isSecretChecked && !(await services.signingKeys.canSign(config.now())))
        throw new ConfigurationError(["secret: another process has sealed the signing key under another secret"]);
      if (isSecretChecked) await writeTrial.run();
      else await checkSecret(services);
      isSecretChecked = true;
    },
    close: async () => {
      await background.stop();
      await newConnections.settled();
      await anomalies.settled();
      await deliverer.close();
      await store.close();
    },
  };
}

/** Reports what broke where no request was waiting. */
const inBackground =
  ({ onError }: Configuration) =>
  (error: unknown): void =>
    onError(error, { requestId: "background" });

function createServices(config: Configuration): Services {
  const { store, rateLimits } = config;
  const onError = inBackground(config);
  const countLimit = store.rateLimits ?? rateLimitsInMemory;
  const limit = (name: RateLimitName): RateLimit => (rateLimits === undefined ? noRateLimit : countLimit(name, rateLimits[name], onError));
  const keys = createKeyring(config.secrets);
  const auditSigner: ChainSigner = {
    sign: (text) => keys.sign("audit", text),
    verify: (text, mark) => keys.verify("audit", text, mark),
  };
  store.audit.signWith(auditSigner);
  const clientDocument = limit("clientDocument");
  const newConnection = limit("newConnection");
  return {
    config,
    store,
    keys,
    auditSigner,
    limits: {
      register: limit("register"),
      client: limit("client"),
      authorize: limit("authorize"),
      clientDocument,
      personalToken: limit("personalToken"),
      newConnection,
      signIn: limit("signIn"),
      signInAddress: limit("signInAddress"),
      signInAccount: limit("signInAccount"),
    },
    refusals: new RefusalLog(store, onError),
    uses: new UseLog(store, onError),
    flowLog: new FlowLog(store, onError),
    signingKeys: new SigningKeys(store, keys),
    documents: new ClientDocuments({ config, store, limit: clientDocument }),
    clientKeys: new ClientKeys(config),
    pretendedBrand: createBrandCheck(config),
    look: createLook(config),
    redemptions: new Redemptions(),
    newConnections: new NewConnections({ config, keys, limit: newConnection }),
  };
}

/** The first node writes down which secret the database belongs to; a node with another one must not start. */
async function checkSecret({ config, store, keys, signingKeys }: Services): Promise<void> {
  const [newest = ""] = keys.fingerprints;
  const kept = await store.setting("secret_fingerprint", newest);
  if (!keys.fingerprints.includes(kept)) throw new ConfigurationError(["secret: this database was made with another secret"]);
  await signingKeys.reseal(config.now());
  if (kept !== newest) await store.changeSetting("secret_fingerprint", newest);
}
