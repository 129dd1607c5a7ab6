import type { Coding } from '../harness/calibrator.ts';
import { TOKENS } from '../harness/issuer.ts';

/** A kind of client, by the headers of its requests. */
export interface Client {
  /** Header lines of the nth request, each with its line end. */
  readonly headers: (at: number) => string;
  /** Coding in which the contenders answer; null for none. */
  readonly coding: Coding | null;
}

export const ORIGIN = 'https://shop.example';

const lines = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');

/** Headers of Chrome's `fetch` across origins, except for Accept-Encoding. */
const CHROME = {
  connection: 'keep-alive',
  'sec-ch-ua-platform': '"Windows"',
  'user-agent':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  accept: 'application/graphql-response+json,application/json;q=0.9',
  'sec-ch-ua': '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
  'sec-ch-ua-mobile': '?0',
  origin: ORIGIN,
  'sec-fetch-site': 'same-site',
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
  referer: `${ORIGIN}/`,
  'accept-language': 'de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7',
  priority: 'u=1, i',
};

/** The fewest headers with which every contender answers. */
export const bare: Client = { headers: () => lines({ accept: 'application/json' }), coding: null };

/** Preferences of the contenders: zstd before gzip. `gzip` is what mobile clients send. */
const ACCEPTED = { gzip: 'gzip', zstd: 'gzip, deflate, br, zstd' } as const;

/** A browser that is answered in this coding; `signedIn` adds the bearer token of one of a hundred users. */
export const browser = (coding: Coding | null, { signedIn = false } = {}): Client => {
  const fixed = lines({ ...CHROME, 'accept-encoding': coding === null ? 'identity' : ACCEPTED[coding] });
  return {
    coding,
    headers: (at) => (signedIn ? `${fixed}authorization: Bearer ${TOKENS[at % TOKENS.length]}\r\n` : fixed),
  };
};
