import type { Quota } from '../limiter.ts';
import { type LimitRule, namedRate } from './rule.ts';

/** Name of the rule of `CLIENT_RATE_LIMIT`, and of its policy in headers. */
export const CLIENT_POLICY = 'client';

/** The rule of `CLIENT_RATE_LIMIT`: requests of one caller in fixed windows, whatever they contain. */
export const clientRule = ({ limit, seconds }: Quota): LimitRule => ({
  name: CLIENT_POLICY,
  when: {},
  unless: null,
  key: [{ by: 'caller' }],
  count: 'requests',
  rates: [namedRate(CLIENT_POLICY, { algorithm: 'fixed-window', limit, seconds, burst: limit })],
  concurrent: null,
  onStoreFailure: 'local',
  mode: 'enforce',
  message: null,
  headers: true,
});
