import { type Attack, failed, harmless } from './attack.ts';
import { asked, json } from './http.ts';
import type { ReceivedCall } from './rig.ts';

const BY_ID = 'query ($id: ID!) { byId(id: $id) }';
const FOUND = 'query ($text: String!) { found(text: $text) }';

const isSegment =
  (id: string) =>
  ([call, ...others]: readonly ReceivedCall[]): void => {
    const [, base, things, segment = '', parts, ...more] = call?.url.split('/') ?? [];
    const seen = { method: call?.method, base, things, parts, more, others, id: decodeURIComponent(segment) };
    const wanted = { method: 'GET', base: 'base', things: 'things', parts: 'parts', more: [], others: [], id };
    if (JSON.stringify(seen) !== JSON.stringify(wanted) || !/^[\w!'()*.~%-]+$/.test(segment))
      throw new Error(`not one segment of one call: ${JSON.stringify(call)}`);
  };

const isValue =
  (text: string) =>
  ([call]: readonly ReceivedCall[]): void => {
    const url = new URL(call?.url ?? '', 'http://backend.test');
    if (JSON.stringify([url.pathname, [...url.searchParams]]) !== JSON.stringify(['/base/things', [['text', text]]]))
      throw new Error(`not one value of the query: ${call?.url}`);
  };

const segment = (number: Attack['number'], id: string): Attack =>
  harmless(
    number,
    `the id ${JSON.stringify(id.slice(0, 40))} is one path segment`,
    BY_ID,
    { byId: 'ok' },
    { variables: { id } },
    isSegment(id),
  );

const refusedId = (number: Attack['number'], id: string): Attack =>
  failed(number, `the id ${JSON.stringify(id.slice(0, 40))} is rejected`, json({ query: BY_ID, variables: { id } }), [
    'byId BAD_USER_INPUT',
  ]);

const value = (number: Attack['number'], text: string): Attack =>
  harmless(
    number,
    `${JSON.stringify(text)} is one query parameter value`,
    FOUND,
    { found: 'ok' },
    { variables: { text } },
    isValue(text),
  );

const PATHS = ['%2e%2e', '..;', '...', 'a/../b', '../../etc/passwd', 'a?x=1', 'a#f', ';x=1', '．．', '\u2024\u2024'];
const ORIGINS = [
  '//evil.invalid',
  'http://evil.invalid/',
  '\\\\evil.invalid',
  '/\\evil.invalid',
  '@evil.invalid',
  ':80@evil.invalid',
  '[::1]',
];
const ODD = ['%', '%00', '{id}', '$&', '💥', 'constructor', '__proto__', 'a'.repeat(2_000)];
const NEXT = [
  '..%2f',
  '%252e%252e',
  '..\\..',
  '%5c',
  '.\t.',
  '..\u200b',
  '\u202e',
  '\ufeff',
  '∕',
  'a&b=c',
  'a+b',
  '{{id}}',
  '%u002e',
  "'--",
  'file:///etc/passwd',
  'gopher://127.0.0.1:6379/_FLUSHALL',
];

/** Attacks with arguments that become part of an upstream's URL. */
export const ids: readonly Attack[] = [
  ...['.', '..', ''].map((id) => refusedId(69, id)),
  ...PATHS.map((id) => segment(69, id)),
  ...['a\r\nX-Evil: 1', 'a\0b', ' '].map((id) => segment(70, id)),
  ...ORIGINS.map((id) => segment(71, id)),
  ...['\ud800', 'a\udfff'].map((id) => refusedId('next', id)),
  ...[...ODD, ...NEXT].map((id) => segment('next', id)),
  ...['a&admin=1', 'a#b', '\r\nX-Evil: 1', '?', '%26', '＆'].map((text) => value(75, text)),
  ...['a[]=1', '__proto__[x]=1', 'a;b=1', '+', '\u2028'].map((text) => value(75, text)),
  failed('next', 'dots in a block string', asked('{ byId(id: """\n  ..\n""") }'), ['byId BAD_USER_INPUT']),
  failed('next', 'an id of 90,000 letters', json({ query: BY_ID, variables: { id: 'x'.repeat(90_000) } }), [
    'byId BAD_USER_INPUT',
  ]),
  failed('next', 'a lone surrogate in a query', json({ query: FOUND, variables: { text: '\udc00' } }), [
    'found BAD_USER_INPUT',
  ]),
];
