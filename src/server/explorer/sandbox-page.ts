import { pageFile, scriptJson } from './page-data.ts';

/** A page with Apollo Sandbox, which shows the way to the offline explorer where Sandbox cannot be loaded. */
export const sandboxPage = (exampleQuery: string): string =>
  // A function, because `$` means something in a replacement string, and a query is full of them.
  pageFile('./sandbox.html').replace('"{{exampleQuery}}"', () => scriptJson(exampleQuery));
