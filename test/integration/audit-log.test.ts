import fc from 'fast-check';
import { signedIn } from 'tributary/testing';
import { expect, test } from 'vitest';
import type { Authenticator } from '../../src/auth/authenticator.ts';
import { firstCredential } from '../../src/auth/first-credential.ts';
import { auditLog } from '../../src/telemetry/audit/audit-log.ts';
import { manualClock } from '../support/clock/manual-clock.ts';
import { servedGateway } from '../support/gateway/served-gateway.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';

const vault = define({
  name: 'vault',
  typeDefs: typeDefs(
    'type Query { open(word: String): Int  gold(word: String): Int @requiresScopes(scopes: [["vault:gold"]]) }',
  ),
  resolvers: { Query: { open: () => 1, gold: () => 2 } },
});

/** Admits tokens that begin with `valid`. */
const tokens: Authenticator = {
  credentialOf: ({ valuesOf }) => {
    const [value = ''] = valuesOf('authorization') ?? [];
    const valid = { is: 'authenticated', principal: signedIn({ subject: 'c1' }) } as const;
    const invalid = { is: 'invalid', message: 'Invalid token: expired.', challenge: 'Bearer' } as const;
    if (value === '') return null;
    return { source: 'authorization', verify: async () => (value.startsWith('Bearer valid') ? valid : invalid) };
  },
  close: () => {},
};

const rig = async (directEdge: boolean) => {
  const lines: string[] = [];
  const clock = manualClock();
  const audit = auditLog({ clock, to: { write: (line) => void lines.push(line) }, networkOf: (address) => address });
  const edge = { audit, directEdge, authenticator: firstCredential([tokens]) };
  const gateway = await servedGateway({ modules: [vault], edge });
  return { gateway, clock, lines, entries: () => lines.map((line) => JSON.parse(line)) };
};

const EDGES = [
  ['the direct edge', true],
  ['Fastify', false],
] as const;

test.each(EDGES)(
  'through %s, refusals are in the audit log with actor, target, reason and request id',
  async (_edge, direct) => {
    const { gateway, entries } = await rig(direct);
    const expired = await gateway.runQuery('{ open }', { headers: { authorization: 'Bearer expired' } });
    const denied = await gateway.runQuery('query Treasure { gold }', { headers: { authorization: 'Bearer valid' } });
    await gateway.runQuery('{ open }', { headers: { authorization: 'Bearer valid' } });
    await gateway.runQuery('{ gold }');
    const common = { log: 'audit', outcome: 'refused', client: { address: '127.0.0.1' } };
    expect(entries()).toMatchObject([
      {
        ...common,
        event: 'credential.refused',
        actor: { kind: 'anonymous' },
        target: { credential: 'authorization' },
        reason: 'Invalid token: expired.',
        requestId: expired.headers.get('x-request-id'),
      },
      {
        ...common,
        event: 'access.refused',
        actor: { kind: 'user', issuer: 'https://issuer.invalid', subject: 'c1' },
        target: { method: 'POST', path: '/graphql', operation: 'Treasure' },
        requestId: denied.headers.get('x-request-id'),
      },
    ]);
  },
);

const secret = fc.string({ unit: fc.constantFrom(...'abcdefXYZ0123456789-_'), minLength: 12, maxLength: 60 });

test.each(EDGES)(
  'through %s, no line has a credential, a cookie, a variable or a query string',
  async (_edge, direct) => {
    const { gateway, clock, lines } = await rig(direct);
    const requests = fc.record({ secret, isValid: fc.boolean(), get: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(requests, async ({ secret: canary, isValid, get }) => {
        clock.advance(60_000);
        const before = lines.length;
        const { status } = await gateway.runQuery('query Q($word: String) { gold(word: $word) }', {
          variables: { word: canary },
          get,
          headers: {
            authorization: `Bearer ${isValid ? 'valid' : 'none'}${canary}`,
            cookie: `session=${canary}`,
            'x-api-key': canary,
            'proxy-authorization': canary,
          },
        });
        expect(status).toBe(isValid ? 200 : 401);
        const written = lines.slice(before).join('');
        expect(written).toMatch(isValid ? /access\.refused/ : /credential\.refused/);
        expect(written).not.toContain(canary);
      }),
      { numRuns: 60 },
    );
  },
);
