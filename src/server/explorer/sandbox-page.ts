import { pageFile, scriptJson } from './page-data.ts';

/** Returns a page with Apollo Sandbox. If Sandbox cannot be loaded, the page links to the offline explorer. */
export const sandboxPage = (exampleQuery: string): string =>
  // A function, because `$` in a replacement string is special, and queries contain it.
  pageFile('./sandbox.html').replace('"{{exampleQuery}}"', () => scriptJson(exampleQuery));
