import { readFileSync } from 'node:fs';

/** Returns the text of a page in this folder. */
export const pageFile = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

/** Returns JSON that is safe inside a script element, with any strings. */
export const scriptJson = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');
