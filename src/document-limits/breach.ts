import { GatewayError } from '../errors.ts';
import type { Reading } from './reading.ts';

/** Returns the error of a document that exceeds a limit; null for others. */
export type Limit = (document: Reading, most: number) => GatewayError | null;

type LimitCode = 'DEPTH_LIMIT' | 'ALIAS_LIMIT' | 'ROOT_FIELD_LIMIT' | 'DIRECTIVE_LIMIT' | 'COST_LIMIT';

/** Messages contain the limit, not the count: with expanded fragments it can have many digits. */
export const breach = (code: LimitCode, message: string): GatewayError => new GatewayError(code, message);
