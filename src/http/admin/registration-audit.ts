import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';

/** More than the registrations of usual gateways. A registration beyond them has one more line. */
const MAX_KNOWN = 10_000;

/** Events of registrations for the audit log. */
export interface RegistrationAudit {
  registered(request: FastifyRequest, upstream: string, id: string, address: string): void;
  ended(request: FastifyRequest, upstream: string, id: string): void;
}

/** Creates the audit of registrations. The renewal of a lease with the same address has no event. */
export const registrationAudit = (): RegistrationAudit => {
  const addresses = new LRUCache<string, string>({ max: MAX_KNOWN });
  const record = (
    { exchange }: FastifyRequest,
    event: 'registration.set' | 'registration.ended',
    target: { readonly upstream: string; readonly id: string; readonly address?: string },
  ): void => {
    const { upstream } = target;
    exchange.audit({ event, actor: { kind: 'backend', upstream }, outcome: 'success', target: { ...target } });
  };
  return {
    registered: (request, upstream, id, address) => {
      const key = `${upstream} ${id}`;
      if (addresses.get(key) === address) return;
      addresses.set(key, address);
      record(request, 'registration.set', { upstream, id, address });
    },
    ended: (request, upstream, id) => {
      addresses.delete(`${upstream} ${id}`);
      record(request, 'registration.ended', { upstream, id });
    },
  };
};
