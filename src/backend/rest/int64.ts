import { z } from 'zod';

/**
 * Validator of a 64-bit integer in JSON, such as an id: a number, or the text of its digits, as the gateway reads integers
 * beyond 2^53. The value is the text.
 */
export const int64 = z.union([z.int(), z.string().regex(/^-?\d{1,20}$/)]).transform(String);
