import type { ExecutionResult } from 'graphql';
import type { RequestRecord } from '../../../telemetry/request-trace.ts';

/** What an execution costs in addition to its fields and objects. */
export interface UsageWeights {
  /** Cost of an attempt of a call to a backend. */
  readonly perCall: number;
  /** Cost of 1,024 bytes of the JSON text of `data`. */
  readonly perKib: number;
}

export const NO_USAGE: UsageWeights = { perCall: 0, perKib: 0 };

const BYTES_PER_KIB = 1_024;

/** Bytes of the JSON text of a value; 0 for a value without one, of which no response can be made. */
const jsonBytes = (value: unknown): number => {
  try {
    return Buffer.byteLength(JSON.stringify(value) ?? '');
  } catch {
    return 0;
  }
};

/** The calls and bytes of an operation that have a weight, and their cost. */
export interface Usage {
  readonly cost: number;
  readonly counted: { readonly calls?: number; readonly bytes?: number };
}

/** Returns the calls and bytes of an operation that has been executed, each only with a weight: the text is made for it. */
export const usageOf = (
  { perCall, perKib }: UsageWeights,
  record: Pick<RequestRecord, 'takeAttempts'>,
  { data }: ExecutionResult,
): Usage => {
  const calls = perCall === 0 ? 0 : record.takeAttempts();
  const bytes = perKib === 0 ? 0 : jsonBytes(data);
  return {
    cost: calls * perCall + (bytes / BYTES_PER_KIB) * perKib,
    counted: { ...(perCall > 0 && { calls }), ...(perKib > 0 && { bytes }) },
  };
};
