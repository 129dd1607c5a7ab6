import fc from 'fast-check';
import type { FuzzedGateway } from './fuzzed-gateway.ts';
import { type FuzzedBody, randomBodies } from './random-requests.ts';

export interface FuzzOptions {
  readonly runs: number;
  readonly seed: number;
  /** Milliseconds after which a request hangs. */
  readonly hangMs: number;
  /** Receives the number of requests so far. Default: no report. */
  readonly progress?: (count: number) => void;
}

export interface FuzzResult {
  /** What was wrong, each with its request: at most 20. */
  readonly faults: readonly string[];
  /** Number of responses by status. */
  readonly statuses: Readonly<Record<number, number>>;
}

const MAX_FAULTS = 20;
const CHUNK = 500;
const AT_A_TIME = 8;

const shown = ({ kind, body }: FuzzedBody): string =>
  `${kind}: ${typeof body === 'string' ? JSON.stringify(body) : Buffer.from(body).toString('hex')}`;

const isResult = (parsed: unknown): boolean =>
  typeof parsed === 'object' && parsed !== null && ('data' in parsed || 'errors' in parsed);

const isResponse = (text: string): boolean => {
  try {
    const parsed: unknown = JSON.parse(text);
    return isResult(parsed) || (Array.isArray(parsed) && parsed.every(isResult));
  } catch {
    return false;
  }
};

/** Sends one body. Returns the status, and what is wrong with the response. */
const ask = async (origin: string, { body }: FuzzedBody, hangMs: number): Promise<readonly [number, string | null]> => {
  const headers = { 'content-type': 'application/json' };
  try {
    const signal = AbortSignal.timeout(hangMs);
    const response = await fetch(`${origin}/graphql`, { method: 'POST', headers, body: Buffer.from(body), signal });
    const text = await response.text();
    const { status } = response;
    if (status >= 500) return [status, `status ${status}: ${text}`];
    return [status, isResponse(text) ? null : `no response of GraphQL: ${text.slice(0, 200)}`];
  } catch (error) {
    return [0, `no response in ${hangMs} ms: ${error instanceof Error ? error.message : String(error)}`];
  }
};

/**
 * Sends random bodies to a gateway. Each must be answered in time with JSON of GraphQL and no 5xx, without an error in the log, and
 * without a change of Object.prototype.
 */
export const fuzz = async (
  gateway: FuzzedGateway,
  { runs, seed, hangMs, progress = () => {} }: FuzzOptions,
): Promise<FuzzResult> => {
  const faults: string[] = [];
  const statuses: Record<number, number> = {};
  for (let done = 0; done < runs && faults.length < MAX_FAULTS; done += CHUNK) {
    const numRuns = Math.min(CHUNK, runs - done);
    const bodies = fc.sample(randomBodies, { seed: seed + done, numRuns });
    const next = bodies.values();
    const worker = async () => {
      for (const body of next) {
        const [status, fault] = await ask(gateway.origin, body, hangMs);
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (fault !== null) faults.push(`${fault}\n  ${shown(body)}`);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, worker));
    progress(done + numRuns);
  }
  const added = Object.keys(Object.prototype);
  if (added.length > 0) faults.push(`Object.prototype has ${added.join(', ')}`);
  for (const error of gateway.errors.slice(0, MAX_FAULTS)) faults.push(`logged: ${JSON.stringify(error)}`);
  return { faults: faults.slice(0, MAX_FAULTS), statuses };
};
