import { expect } from 'vitest';
import type { Way } from '../backends/contract-backends.ts';
import type { Contract, Protocol } from './contract-gateway.ts';
import type { Answer } from './gateway.ts';

/** Texts of a backend, none of which may reach a client. */
export const SECRET = 'tablespace xyz on wotan.intranet is full';
const SECRETS = /tablespace|xyz|wotan|intranet|paper|shelf|contract\.v1|\/sheets|127\.0\.0\.1/i;

/** Asserts that neither these texts nor their origin are in the answer. */
export const expectNoSecrets = ({ text }: Answer): void => expect(text).not.toMatch(SECRETS);

/** Asserts this number of attempts, each at another endpoint. */
export const expectAttempts = (
  { attempts }: Contract,
  protocol: Protocol,
  counts: Partial<Record<Way, number>>,
): void => {
  for (const [way, count] of Object.entries(counts)) {
    const places: readonly string[] = Reflect.get(attempts[protocol], way);
    expect(places, way).toHaveLength(count);
    expect(new Set(places).size, way).toBe(count);
  }
};
