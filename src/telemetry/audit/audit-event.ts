/** Events of the audit log, and the part of the product that records each. */
export const AUDIT_EVENTS = [
  // Sessions of browsers.
  ...(['session.signed-in', 'session.refreshed', 'session.signed-out', 'session.ended', 'session.refused'] as const),
  // Requests to both listeners: an invalid credential (401), and a caller without the required rights (403).
  ...(['credential.refused', 'access.refused'] as const),
  // The commands `keys create` and `keys revoke`.
  ...(['key.created', 'key.revoked'] as const),
  // The listener for operators.
  ...(['override.set', 'override.removed', 'override.expired', 'registration.set', 'registration.ended'] as const),
] as const;

export type AuditEventName = (typeof AUDIT_EVENTS)[number];

/** Result of an action. `refused` events are bounded in number, because any client can cause them. */
export type AuditOutcome = 'success' | 'refused' | 'failed';

/** The party that acted. None of its fields is taken from a credential that was not verified. */
export type AuditActor =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user' | 'certificate'; readonly issuer: string; readonly subject: string }
  | { readonly kind: 'api-key'; readonly subject: string; readonly owner: string }
  /** A holder of `ADMIN_TOKEN`, or the user of the system who ran a command. */
  | { readonly kind: 'operator'; readonly name?: string }
  /** A backend that registers its endpoints with a token of its upstream. */
  | { readonly kind: 'backend'; readonly upstream: string }
  /** The gateway itself, as at the expiry of an override. */
  | { readonly kind: 'gateway' };

/** One entry of the audit log. It never contains a credential, a cookie, a body or a variable of an operation. */
export interface AuditEvent {
  readonly event: AuditEventName;
  readonly actor: AuditActor;
  readonly outcome: AuditOutcome;
  /** The object of the action: names, ids and new values. Default: none. */
  readonly target?: Readonly<Record<string, unknown>>;
  /** Reason of a refusal or failure, from a closed set of texts. Default: none. */
  readonly reason?: string;
  /** Address of the client. Absent for commands and the gateway itself. */
  readonly clientAddress?: string;
  readonly requestId?: string;
}

/** The audit log, for code that records events. `record` neither waits nor throws. */
export interface Audit {
  record(event: AuditEvent): void;
}

export const noAudit: Audit = { record: () => {} };
