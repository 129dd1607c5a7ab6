import { createHash } from 'node:crypto';

const INLINE_SCRIPT = /<script(?<attributes>(?![^>]*\bsrc=)[^>]*)>(?<text>[\s\S]*?)<\/script>/g;

/** Hash of a script or style as browsers compute it, with normalised line ends. */
const hashOf = (text: string): string =>
  `'sha256-${createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('base64')}'`;

const inlineScripts = (html: string): readonly string[] =>
  [...html.matchAll(INLINE_SCRIPT)]
    .filter(({ groups }) => !/type="?application\/json/.test(groups?.attributes ?? ''))
    .map(({ groups }) => hashOf(groups?.text ?? ''));

/** Returns the hash of the one style element of a page, for `style-src`. */
export const styleHash = (html: string): string => hashOf(/<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? '');

/** Sources that a page needs in addition to its own scripts, by directive. */
export type Needs = Readonly<Record<string, string>>;

/**
 * Returns the Content-Security-Policy of a page: its own scripts and the sources in `needs`, nothing else. Framing is
 * forbidden, because the page can send requests on behalf of its user.
 */
export const pagePolicy = (html: string, { 'script-src': scripts = '', ...needs }: Needs): string => {
  const directives = {
    'default-src': "'none'",
    'script-src': [...inlineScripts(html), scripts].filter((source) => source !== '').join(' '),
    'style-src': "'unsafe-inline'",
    'img-src': 'data: https:',
    'connect-src': "'self'",
    'base-uri': "'none'",
    'form-action': "'none'",
    ...needs,
    'frame-ancestors': "'none'",
  };
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources}`)
    .join('; ');
};
