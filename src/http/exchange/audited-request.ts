import type { IncomingMessage } from 'node:http';
import { auditActor } from '../../request/audit-actor.ts';
import type { Principal } from '../../request/principal.ts';
import type { AuditActor, AuditEvent } from '../../telemetry/audit/audit-event.ts';
import type { RequestRecord } from '../../telemetry/request-trace.ts';
import type { Client } from '../client/client.ts';
import { pathOf } from './access-log.ts';

/** An event of the audit log about a request. Default of `actor`: the principal of the request. */
export interface RequestAuditEvent extends Omit<AuditEvent, 'actor' | 'clientAddress' | 'requestId'> {
  readonly actor?: AuditActor;
}

/** The parts of a request that the audit log shows. */
export interface AuditedRequest {
  readonly id: string;
  readonly client: Client;
  readonly principal: Principal;
}

/** Adds actor, address and id of the request to an event. */
export const requestAuditEvent = ({ id, client, principal }: AuditedRequest, event: RequestAuditEvent): AuditEvent => ({
  actor: auditActor(principal),
  ...event,
  clientAddress: client.address,
  requestId: id,
});

/** The event of an operation, or of a field in it, that was FORBIDDEN; null for another one. */
export const refusedAccess = (
  request: IncomingMessage,
  { errorCodes, operation }: RequestRecord,
): RequestAuditEvent | null => {
  if (!errorCodes.includes('FORBIDDEN')) return null;
  const target = { method: request.method, path: pathOf(request), operation: operation?.name ?? undefined };
  return { event: 'access.refused', outcome: 'refused', target };
};
