export const clientColumns = `clients.id, clients.name, clients.origin, clients.first_party, clients.auth_method, clients.redirect_uris, clients.grant_types,
  clients.scope, clients.resources, clients.resource_server_of, clients.secret_hash, clients.secret_expires_at, clients.previous_secret_hash,
  clients.previous_secret_expires_at, clients.registration_token, clients.metadata, clients.created_at, clients.granted_at, clients.disabled_at,
  clients.fresh_until, clients.revision`;

export const grantColumns =
  "grants.id, grants.client_id, grants.subject, grants.scope, grants.resources, grants.created_at, grants.redeemed_at, grants.ends_at, grants.revoked_at";

/** Nobody is the subject without a name: its row stands for everybody. */
export const everybody = "";

/** The conditions are read in the redemption's own transaction: strictly later than the code, to the millisecond. */
export const insertGrant = `
  INSERT INTO grants (id, client_id, subject, scope, resources, identity, redirect_uri, browser, created_at, redeemed_at, ends_at)
  SELECT :id, :clientId, :subject, :scope, :resources, :identity, :redirectUri, :browser, :createdAt, :redeemedAt, :endsAt
  WHERE EXISTS (
      SELECT 1 FROM clients
      WHERE id = :clientId AND disabled_at IS NULL AND created_at <= :createdAt AND coalesce(revoked_before, 0) <= :createdAt
    )
    AND NOT EXISTS (SELECT 1 FROM disconnections WHERE subject = :subject AND client_id = :clientId AND at > :createdAt)
    AND NOT EXISTS (SELECT 1 FROM subjects WHERE id IN (:subject, '${everybody}') AND (disabled_at IS NOT NULL OR codes_void_before > :createdAt))
  ON CONFLICT DO NOTHING`;

export const spendToken = `
  UPDATE tokens SET spent_at = :at, answer = :answer
  WHERE hash = :hash AND spent_at IS NULL AND revoked_at IS NULL
    AND EXISTS (SELECT 1 FROM grants WHERE grants.id = tokens.grant_id AND grants.revoked_at IS NULL)`;

/**
 * Every statement of the store, in SQL that SQLite and PostgreSQL both understand. `:name` is a parameter; an engine
 * turns it into its own form (`compileStatement`), as it does a list, `:names[]`. Columns are named one by one, in the order
 * in which `rows.ts` reads them.
 */
export const statements = {
  client: `SELECT ${clientColumns} FROM clients WHERE id = :id`,

  // Eight grants are more than anybody connects one app; the bound keeps the page fast for whoever did. None of the packed
  // values has a line break or a tab in it.
  clientFor: `
    SELECT ${clientColumns}, (
      SELECT string_agg(packed, '\n') FROM (
        SELECT scope || '\t' || coalesce(CAST(ends_at AS TEXT), '') || '\t' || identity || '\t' || redirect_uri AS packed FROM grants
        WHERE subject = :subject AND client_id = :id AND resources = :resources AND revoked_at IS NULL AND (ends_at IS NULL OR ends_at > :now)
        ORDER BY created_at DESC LIMIT 8
      ) AS newest
    ), (SELECT identity FROM grants WHERE subject = :subject AND client_id = :id ORDER BY created_at DESC LIMIT 1)
    FROM clients WHERE id = :id`,

  addClient: `
    INSERT INTO clients (id, name, origin, first_party, auth_method, redirect_uris, grant_types, scope, resources, resource_server_of,
      secret_hash, secret_expires_at, previous_secret_hash, previous_secret_expires_at, registration_token, metadata, created_at, granted_at,
      disabled_at, fresh_until, revision)
    VALUES (:id, :name, :origin, :firstParty, :authMethod, :redirectUris, :grantTypes, :scope, :resources, :resourceServerOf,
      :secretHash, :secretExpiresAt, :previousSecretHash, :previousSecretExpiresAt, :registrationToken, :metadata, :createdAt, :grantedAt,
      :disabledAt, :freshUntil, :revision)
    ON CONFLICT DO NOTHING`,

  updateClient: `
    UPDATE clients SET name = :name, auth_method = :authMethod, redirect_uris = :redirectUris, grant_types = :grantTypes, scope = :scope,
      resources = :resources, resource_server_of = :resourceServerOf, secret_hash = :secretHash, secret_expires_at = :secretExpiresAt,
      previous_secret_hash = :previousSecretHash, previous_secret_expires_at = :previousSecretExpiresAt,
      registration_token = :registrationToken, metadata = :metadata, fresh_until = :freshUntil, revision = :revision + 1
    WHERE id = :id AND revision = :revision`,

  // Whoever changes their document all day leaves nothing behind but what somebody agreed to.
  addFormerIdentity: `
    INSERT INTO former_identities (client_id, identity, name, redirect_uris)
    SELECT :clientId, :identity, :name, :redirectUris
    WHERE EXISTS (SELECT 1 FROM grants WHERE client_id = :clientId AND identity = :identity)
    ON CONFLICT DO NOTHING`,
  formerIdentity: "SELECT name, redirect_uris FROM former_identities WHERE client_id = :clientId AND identity = :identity",

  deleteClient: "DELETE FROM clients WHERE id = :id",
  deleteFormerIdentities: "DELETE FROM former_identities WHERE client_id = :id",
  // No clock that was set back revives what was ended.
  revokeClient: "UPDATE clients SET revoked_before = CASE WHEN revoked_before > :at THEN revoked_before ELSE :at END WHERE id = :id",
  revokeGrantsOfSubject:
    "UPDATE grants SET revoked_at = :at WHERE subject = :subject AND revoked_at IS NULL AND (ends_at IS NULL OR ends_at > :at)",
  revokeListedToken: "UPDATE tokens SET revoked_at = :at WHERE id = :id AND revoked_at IS NULL",
  revokeGrantsOfClient: "UPDATE grants SET revoked_at = :at WHERE client_id = :id AND revoked_at IS NULL",
  disableClient: "UPDATE clients SET disabled_at = :disabledAt WHERE id = :id",

  markGranted: "UPDATE clients SET granted_at = :at WHERE id = :id AND granted_at IS NULL",

  decide: `
    INSERT INTO decisions (request_id, answer, expires_at) VALUES (:requestId, :answer, :expiresAt)
    ON CONFLICT DO NOTHING`,

  decision: "SELECT answer FROM decisions WHERE request_id = :requestId",

  grant: `SELECT ${grantColumns} FROM grants WHERE id = :id`,

  openGrant: insertGrant,

  revokeGrant: "UPDATE grants SET revoked_at = :at WHERE id = :id AND revoked_at IS NULL",

  narrowGrant: `
    UPDATE grants SET scope = :scope, ends_at = :endsAt
    WHERE id = :id AND revoked_at IS NULL AND (ends_at IS NULL OR ends_at > :at)
      AND scope = :wasScope AND ends_at IS NOT DISTINCT FROM :wasEndsAt`,

  disconnectAll: `
    UPDATE grants SET revoked_at = :at
    WHERE subject = :subject AND client_id IS NOT NULL AND revoked_at IS NULL AND (ends_at IS NULL OR ends_at > :at)`,

  disconnect: `
    UPDATE grants SET revoked_at = :at
    WHERE subject = :subject AND client_id = :clientId AND revoked_at IS NULL AND (ends_at IS NULL OR ends_at > :at)`,

  markDisconnected: `
    INSERT INTO disconnections (subject, client_id, at) VALUES (:subject, :clientId, :at)
    ON CONFLICT (subject, client_id) DO UPDATE SET at = excluded.at`,

  connections: `
    SELECT ${grantColumns}, clients.name, clients.origin, clients.first_party, grants.used_at, grants.browser
    FROM grants JOIN clients ON clients.id = grants.client_id
    WHERE grants.subject = :subject AND grants.revoked_at IS NULL AND (grants.ends_at IS NULL OR grants.ends_at > :now)
    ORDER BY grants.created_at DESC`,

  endedConnections: `
    SELECT ${grantColumns}, clients.name, clients.origin, clients.first_party, grants.used_at, grants.browser
    FROM grants JOIN clients ON clients.id = grants.client_id
    WHERE grants.subject = :subject AND (grants.revoked_at > :after OR (grants.revoked_at IS NULL AND grants.ends_at > :after AND grants.ends_at <= :now))
    ORDER BY coalesce(grants.revoked_at, grants.ends_at) DESC LIMIT 1000`,

  // Everything a token's activity depends on, in one read.
  token: `
    SELECT tokens.kind, tokens.grant_id, tokens.client_id, tokens.scope, tokens.audience, tokens.issued_at, tokens.expires_at,
      tokens.revoked_at, tokens.spent_at, tokens.answer, clients.id, clients.name, clients.disabled_at, clients.revoked_before,
      subjects.disabled_at,
      ${grantColumns}
    FROM tokens
    LEFT JOIN grants ON grants.id = tokens.grant_id
    LEFT JOIN clients ON clients.id = coalesce(grants.client_id, tokens.client_id)
    LEFT JOIN subjects ON subjects.id = grants.subject
    WHERE tokens.hash = :hash`,

  addToken: `
    INSERT INTO tokens (hash, kind, grant_id, client_id, scope, audience, issued_at, expires_at)
    VALUES (:hash, :kind, :grantId, :clientId, :scope, :audience, :issuedAt, :expiresAt)`,

  addTokenPair: `
    INSERT INTO tokens (hash, kind, grant_id, client_id, scope, audience, issued_at, expires_at)
    VALUES (:hash1, :kind1, :grantId1, :clientId1, :scope1, :audience1, :issuedAt1, :expiresAt1),
      (:hash2, :kind2, :grantId2, :clientId2, :scope2, :audience2, :issuedAt2, :expiresAt2)`,

  spend: spendToken,

  revokeToken: "UPDATE tokens SET revoked_at = :at WHERE hash = :hash AND revoked_at IS NULL",

  disableSubject: `
    INSERT INTO subjects (id, disabled_at) VALUES (:subject, :disabledAt)
    ON CONFLICT (id) DO UPDATE SET disabled_at = excluded.disabled_at`,

  voidCodes: `
    INSERT INTO subjects (id, codes_void_before) VALUES (:subject, :before)
    ON CONFLICT (id) DO UPDATE SET codes_void_before =
      CASE WHEN subjects.codes_void_before > excluded.codes_void_before THEN subjects.codes_void_before ELSE excluded.codes_void_before END`,

  noteUses: "UPDATE grants SET used_at = :at WHERE id IN :ids[] AND (used_at IS NULL OR used_at < :at)",
  noteUsesOfClients: `
    UPDATE clients SET used_at = :at
    WHERE id IN (SELECT client_id FROM grants WHERE id IN :ids[]) AND (used_at IS NULL OR used_at < :at)`,

  keepFlow: `
    INSERT INTO flows (id, client_id, client_name, subject, grant_id, began_at, last_at, outcome)
    VALUES (:id, :clientId, :clientName, :subject, :grantId, :beganAt, :lastAt, :outcome)
    ON CONFLICT (id) DO UPDATE SET subject = excluded.subject, grant_id = excluded.grant_id, began_at = excluded.began_at,
      last_at = excluded.last_at, outcome = excluded.outcome`,
  addFlowStep: "INSERT INTO flow_steps (flow_id, at, step) VALUES (:id, :at, :step)",
  flow: "SELECT id, client_id, client_name, subject, grant_id, began_at, last_at, outcome FROM flows WHERE id = :id",
  flowOfGrant: `
    SELECT id, client_id, client_name, subject, grant_id, began_at, last_at, outcome FROM flows WHERE grant_id = :grantId`,
  countFlowSteps: "SELECT count(*) FROM flow_steps WHERE flow_id = :id",
  flowSteps: "SELECT step FROM flow_steps WHERE flow_id = :id ORDER BY at, id",
  sweepFlowSteps: `
    DELETE FROM flow_steps WHERE flow_id IN (SELECT id FROM flows WHERE began_at < :before ORDER BY began_at, id LIMIT :most)`,
  sweepFlows: "DELETE FROM flows WHERE id IN (SELECT id FROM flows WHERE began_at < :before ORDER BY began_at, id LIMIT :most)",

  addDelivery: "INSERT INTO deliveries (event_id, subscription, due_at) VALUES (:eventId, :subscription, :dueAt)",
  dueDeliveries: `
    SELECT deliveries.event_id, audit_events.event, deliveries.attempts FROM deliveries
    JOIN audit_events ON audit_events.id = deliveries.event_id
    WHERE deliveries.subscription = :subscription AND deliveries.due_at <= :now ORDER BY deliveries.due_at, deliveries.event_id LIMIT :most`,
  takeDelivery: `
    UPDATE deliveries SET due_at = :again, attempts = attempts + 1
    WHERE event_id = :eventId AND subscription = :subscription`,
  postponeDelivery: "UPDATE deliveries SET due_at = :dueAt WHERE event_id = :eventId AND subscription = :subscription",
  removeDelivery: "DELETE FROM deliveries WHERE event_id = :eventId AND subscription = :subscription",
  countDeliveries: "SELECT count(*) FROM deliveries",

  addPersonalToken: `
    INSERT INTO grants (id, subject, scope, resources, name, created_at, redeemed_at, ends_at)
    VALUES (:id, :subject, :scope, :resources, :name, :createdAt, :redeemedAt, :endsAt)
    ON CONFLICT DO NOTHING`,
  countPersonalTokens: `
    SELECT count(*) FROM grants
    WHERE subject = :subject AND client_id IS NULL AND revoked_at IS NULL AND (ends_at IS NULL OR ends_at > :now)`,
  personalTokens: `
    SELECT ${grantColumns}, grants.name, grants.used_at FROM grants
    WHERE subject = :subject AND client_id IS NULL AND revoked_at IS NULL AND (ends_at IS NULL OR ends_at > :now)
    ORDER BY created_at DESC`,

  addPushedRequest: "INSERT INTO pushed_requests (id, client_id, query, expires_at) VALUES (:id, :clientId, :query, :expiresAt)",
  pushedRequest: `
    SELECT id, client_id, query, expires_at, (SELECT count(*) FROM decisions WHERE request_id = :id) FROM pushed_requests
    WHERE id = :id`,

  spendAssertion: "INSERT INTO spent_assertions (hash, expires_at) VALUES (:hash, :expiresAt) ON CONFLICT DO NOTHING",

  signingKeys: "SELECT id, algorithm, public_key, sealed, created_at, signs_from, retired_at FROM signing_keys ORDER BY created_at, id",
  removeSigningKeys: "DELETE FROM signing_keys",
  addSigningKey: `
    INSERT INTO signing_keys (id, algorithm, public_key, sealed, created_at, signs_from, retired_at)
    VALUES (:id, :algorithm, :publicKey, :sealed, :createdAt, :signsFrom, :retiredAt)`,

  addRegistrationToken: "INSERT INTO registration_tokens (id, hash, uses_left, created_at) VALUES (:id, :hash, :usesLeft, :createdAt)",
  registrationTokens: "SELECT id, uses_left, created_at FROM registration_tokens ORDER BY created_at",
  usableRegistrationToken: "SELECT id FROM registration_tokens WHERE hash = :hash AND uses_left > 0",
  spendRegistrationToken: "UPDATE registration_tokens SET uses_left = uses_left - 1 WHERE hash = :hash AND uses_left > 0",
  removeRegistrationToken: "DELETE FROM registration_tokens WHERE id = :id",

  record: `
    INSERT INTO audit_events (at, type, detail, count, client_id, subject, grant_id, flow_id, event, chain, position, mark)
    VALUES (:at, :type, :detail, :count, :clientId, :subject, :grantId, :flowId, :event, :chain, :position, :mark)`,
  recordReturning: `
    INSERT INTO audit_events (at, type, detail, count, client_id, subject, grant_id, flow_id, event, chain, position, mark)
    VALUES (:at, :type, :detail, :count, :clientId, :subject, :grantId, :flowId, :event, :chain, :position, :mark)
    RETURNING id`,
  event: "SELECT id, event, chain, position, mark FROM audit_events WHERE id = :id",
  readEvents: `
    SELECT id, event, chain, position, mark, at, type, detail, count, client_id, subject, grant_id, flow_id FROM audit_events
    WHERE id > :after ORDER BY id LIMIT :most`,
  // Bounded by time too: a chain may have few events among millions of another.
  oldestEvents: `
    SELECT id, event, position, mark FROM audit_events
    WHERE chain = :chain AND id >= :first
      AND id < coalesce((SELECT id FROM audit_events WHERE at >= :before ORDER BY at, id LIMIT 1), 9007199254740991)
    ORDER BY id LIMIT :most`,
  countOlderEvents: "SELECT count(*) FROM audit_events WHERE at < :before AND chain = :chain",
  removeEvents: "DELETE FROM audit_events WHERE chain = :chain AND id >= :first AND id <= :last",
  removeUnchainedEvents: `
    DELETE FROM audit_events
    WHERE id IN (SELECT id FROM audit_events WHERE at < :before AND chain IS NULL ORDER BY at LIMIT :most)`,
  removeDeliveriesOfEvents: `
    DELETE FROM deliveries WHERE event_id >= :first AND event_id <= :last
      AND NOT EXISTS (SELECT 1 FROM audit_events WHERE audit_events.id = deliveries.event_id)`,
  forgetCountedEvents: `
    UPDATE settings SET value = (SELECT CAST(coalesce(max(id), 0) AS TEXT) FROM audit_events)
    WHERE name = 'events_counted' AND CAST(CAST(value AS NUMERIC) AS BIGINT) > (SELECT coalesce(max(id), 0) FROM audit_events)`,
  auditHeads: "SELECT chain, length, mark, cut, cut_mark, signature FROM audit_chains ORDER BY chain",
  auditHead: "SELECT chain, length, mark, cut, cut_mark, signature FROM audit_chains WHERE chain = :chain",
  pairHeads: "SELECT chain, length, mark, cut, cut_mark, signature FROM audit_chains WHERE chain = :main OR chain = :security",
  addAuditHead: `
    INSERT INTO audit_chains (chain, length, mark, cut, cut_mark, signature)
    VALUES (:chain, :length, :mark, :cut, :cutMark, :signature)
    ON CONFLICT DO NOTHING`,
  writeAuditHead: `
    INSERT INTO audit_chains (chain, length, mark, cut, cut_mark, signature)
    VALUES (:chain, :length, :mark, :cut, :cutMark, :signature)
    ON CONFLICT (chain) DO UPDATE SET length = excluded.length, mark = excluded.mark, cut = excluded.cut, cut_mark = excluded.cut_mark,
      signature = excluded.signature`,

  addSetting: "INSERT INTO settings (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING",
  setting: "SELECT value FROM settings WHERE name = :name",
  changeSetting: `
    INSERT INTO settings (name, value) VALUES (:name, :value)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value`,

  lease: "SELECT holder, ends_at - clock() FROM leases WHERE name = :name",
  takeLease: `
    INSERT INTO leases (name, holder, ends_at) VALUES (:name, :holder, clock() + :duration)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
    WHERE leases.holder = excluded.holder OR leases.ends_at <= clock()`,

  check: "SELECT count(*) FROM (SELECT 1 FROM clients LIMIT 1) AS any_client",
} as const satisfies Record<string, string>;
