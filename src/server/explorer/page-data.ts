import { readFileSync } from 'node:fs';

/** Text of a page that lies beside these files. */
export const pageFile = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

/** JSON that can stand inside a script element, whatever the value's strings contain. */
export const scriptJson = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');
