import { z } from 'zod';

/** An absolute URI of RFC 3986. Characters are checked first: the URL parser removes spaces and control characters. */
const uri = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9+.-]*:[\x21-\x7e]+$/)
  .pipe(z.url());

const SCHEMAS = {
  email: z.email(),
  uuid: z.uuid(),
  uri,
  date: z.iso.date(),
  'date-time': z.iso.datetime({ offset: true }),
  ipv4: z.ipv4(),
  ipv6: z.ipv6(),
  byte: z.base64(),
} as const;

/** Formats of a text, by the names of JSON Schema and OpenAPI. */
export const FORMATS: ReadonlyMap<string, (text: string) => boolean> = new Map(
  Object.entries(SCHEMAS).map(([name, schema]) => [name, (text: string) => schema.safeParse(text).success]),
);
