import { GatewayError } from '../errors.ts';
import type { Reading } from './reading.ts';

/** Why a document is refused, or null where it may pass. */
export type Limit = (document: Reading, most: number) => GatewayError | null;

type LimitCode = 'DEPTH_LIMIT' | 'ALIAS_LIMIT' | 'ROOT_FIELD_LIMIT' | 'DIRECTIVE_LIMIT' | 'COST_LIMIT';

/** Says how much there may be, never how much there was: written out that can be a number of many digits. */
export const breach = (code: LimitCode, message: string): GatewayError => new GatewayError(code, message);
