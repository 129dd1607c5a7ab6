import type { Principal } from '../../../src/request/principal.ts';
import { Random } from '../random.ts';

/** A user with some of the scopes and roles of the modules, or an anonymous caller. */
export const randomPrincipal = (seed: string): Principal => {
  const random = new Random(`principal ${seed}`);
  if (random.chance(0.4)) return { kind: 'anonymous' };
  return {
    kind: 'user',
    subject: 'u1',
    issuer: 'https://issuer.invalid',
    scopes: random.some(['s1', 's2', 's3'], 0.5),
    roles: random.some(['admin'], 0.5),
  };
};
