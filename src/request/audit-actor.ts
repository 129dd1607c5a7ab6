import type { AuditActor } from '../telemetry/audit/audit-event.ts';
import type { Principal } from './principal.ts';

/** Returns a principal as actor of the audit log: its identity, without rights and claims. */
export const auditActor = (principal: Principal): AuditActor => {
  switch (principal.kind) {
    case 'anonymous':
      return { kind: 'anonymous' };
    case 'api-key':
      return { kind: 'api-key', subject: principal.subject, owner: principal.owner };
    case 'user':
    case 'certificate':
      return { kind: principal.kind, issuer: principal.issuer, subject: principal.subject };
  }
};
