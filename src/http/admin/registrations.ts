import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { GatewayError } from '../../core/errors.ts';
import type { Log } from '../../telemetry/log/log.ts';
import { LEASE_ID, Lease } from '../../upstream/endpoints/registrations/lease.ts';
import { MAX_LEASES } from '../../upstream/endpoints/registrations/lease-store.ts';
import type { Registrations } from '../../upstream/endpoints/registrations/registrations.ts';
import { requireJsonBody } from '../graphql/json-body.ts';
import { badRequest } from '../listener/rejection.ts';
import { registrationAudit } from './registration-audit.ts';
import { adminRejection, requireToken } from './write-token.ts';

/** Access of the admin listener to registrations. */
export interface RegistrationsPort extends Pick<Registrations, 'upstreams' | 'register' | 'leave' | 'list'> {
  /** Tokens of an upstream; none if it accepts no registrations. */
  tokensOf(upstream: string): readonly string[];
}

const Params = z.object({
  upstream: z.string(),
  id: z.string().regex(LEASE_ID, 'must have 1 to 64 letters, digits, "_", "." or "-"'),
});

const messageOf = ({ issues }: z.ZodError): string =>
  issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`).join('; ');

const read = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> => {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw badRequest(messageOf(parsed.error));
  return parsed.data;
};

const taken = (id: string): GatewayError =>
  new GatewayError(
    'CONFLICT',
    `The id "${id}" is registered with another key or address: use another id, or wait for its end.`,
  );

/** Header with the key of a registration, which its backend chooses. */
const KEY_HEADER = 'registration-key';
const KEY = /^[\x21-\x7e]{16,128}$/;

/** Returns the key of a registration; null without one. */
const keyOf = ({ headers }: FastifyRequest): string | null => {
  const key = headers[KEY_HEADER];
  if (key === undefined) return null;
  if (typeof key !== 'string' || !KEY.test(key))
    throw badRequest(`The header ${KEY_HEADER} must have 16 to 128 visible characters.`);
  return key;
};

/** Runs a call of the store. @throws RejectedError SERVICE_UNAVAILABLE if it does not answer */
const stored = async <T>(call: Promise<T>): Promise<T> => {
  try {
    return await call;
  } catch {
    throw adminRejection('SERVICE_UNAVAILABLE', 'Redis does not answer; known registrations stay in use.');
  }
};

/**
 * Adds `PUT /registrations/<module>.<upstream>/<id>`, which registers an endpoint or renews its lease, `DELETE` of the
 * same path with `?address=`, which ends it, and `GET /registrations`.
 */
export const addRegistrations = (app: FastifyInstance, port: RegistrationsPort, log: Log): void => {
  const audit = registrationAudit();
  const mayRegister = async (request: FastifyRequest): Promise<void> => {
    const { upstream } = read(z.object({ upstream: z.string() }), request.params);
    const tokens = port.tokensOf(upstream);
    requireToken(request, tokens, `<a token of ${upstream} in REGISTRATION_TOKENS>`);
    if (!port.upstreams().includes(upstream))
      throw new GatewayError('NOT_FOUND', `No upstream ${upstream} with registered: in its endpoints variable.`);
  };

  app.get('/registrations', async (_request, reply) => {
    const all = await stored(
      Promise.all(
        port.upstreams().map(async (upstream) => {
          const leases = await port.list(upstream);
          return leases.flatMap(({ id, lease, remainingMs }) =>
            lease === null ? [] : [{ upstream, id, ...lease, expiresInMs: Math.ceil(remainingMs) }],
          );
        }),
      ),
    );
    return reply.header('cache-control', 'no-store').send({ registrations: all.flat() });
  });

  app.put(
    '/registrations/:upstream/:id',
    { onRequest: [mayRegister, async ({ headers }) => requireJsonBody(headers)] },
    async (request, reply) => {
      const { upstream, id } = read(Params, request.params);
      const lease = read(Lease, request.body);
      const result = await stored(port.register(upstream, id, lease, keyOf(request)));
      switch (result.is) {
        case 'stored':
          audit.registered(request, upstream, id, lease.address);
          return reply.header('cache-control', 'no-store').send({ upstream, id, ...lease });
        case 'invalid':
          throw badRequest(`address: ${result.reason}`);
        case 'forbidden':
          log.warn('A registration was rejected: its address is outside REGISTRATION_NETWORKS.', { upstream, id });
          throw adminRejection('FORBIDDEN', 'The address is outside REGISTRATION_NETWORKS.');
        case 'taken':
          throw taken(id);
        case 'full':
          throw new GatewayError('CONFLICT', `${upstream} has ${MAX_LEASES} registrations, which is the maximum.`);
        default:
          return result satisfies never;
      }
    },
  );

  app.delete('/registrations/:upstream/:id', { onRequest: mayRegister }, async (request, reply) => {
    const { upstream, id } = read(Params, request.params);
    const address = new URLSearchParams(request.url.split('?')[1]).get('address');
    const key = keyOf(request);
    if (key === null && address === null)
      throw badRequest(`The parameter address is missing: send the registered address, or the key in ${KEY_HEADER}.`);
    const left = await stored(port.leave(upstream, id, key === null ? { address: address ?? '' } : { key }));
    if (left === 'taken') throw taken(id);
    if (left === 'left') audit.ended(request, upstream, id);
    return reply.code(204).send();
  });
};
