import { GatewayError } from '../core/errors.ts';
import type { RequestMemory } from './request-context.ts';

/** Estimated bytes of heap per byte of JSON or of a message: objects and strings are larger than their text. */
const HEAP_PER_BYTE = 8;

/**
 * Adds the parsed values of a text or message of `size` bytes to the request's account.
 *
 * @throws GatewayError OVERLOADED if the request must end
 */
export const countParsed = (memory: RequestMemory, size: number): void => countHeld(memory, HEAP_PER_BYTE * size);

/**
 * Adds bytes that are held as they are to the request's account.
 *
 * @throws GatewayError OVERLOADED if the request must end
 */
export const countHeld = (memory: RequestMemory, bytes: number): void => {
  if (!memory.grow(bytes))
    throw new GatewayError('OVERLOADED', 'The gateway is short of memory and ended this request.');
};
