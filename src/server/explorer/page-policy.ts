import { createHash } from 'node:crypto';

const INLINE_SCRIPT = /<script(?<attributes>(?![^>]*\bsrc=)[^>]*)>(?<text>[\s\S]*?)<\/script>/g;

/** As the browser hashes it: line ends are normalised before. */
const hashOf = (text: string): string =>
  `'sha256-${createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('base64')}'`;

const inlineScripts = (html: string): readonly string[] =>
  [...html.matchAll(INLINE_SCRIPT)]
    .filter(({ groups }) => !/type="?application\/json/.test(groups?.attributes ?? ''))
    .map(({ groups }) => hashOf(groups?.text ?? ''));

/** What a page needs beside its own scripts, by directive. */
export type Needs = Readonly<Record<string, string>>;

/**
 * The Content-Security-Policy of a page: exactly the scripts that are in it, whatever `needs` names beside, and nothing
 * else. Nobody may frame a page that can send requests in the reader's name.
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
