import { readFileSync } from 'node:fs';
import { GRAPHQL_PATH } from '../graphql/graphql-route.ts';

/** Returns the text of a page in this folder. */
const pageFile = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

/** Returns JSON that is safe inside a script element, with any strings. */
const scriptJson = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

/** Returns a page with Apollo Sandbox. If Sandbox cannot be loaded, the page links to the offline explorer. */
export const sandboxPage = (exampleQuery: string): string =>
  // A function, because `$` in a replacement string is special, and queries contain it.
  pageFile('./sandbox.html').replace('"{{exampleQuery}}"', () => scriptJson(exampleQuery));

/** Returns the page of a signed-in customer of the demo. */
export const accountPage = (): string => pageFile('./account.html');

type RenderGraphiQL = (options: Readonly<Record<string, unknown>>) => unknown;

const isRender = (value: unknown): value is RenderGraphiQL => typeof value === 'function';

const PACKAGE: string = '@graphql-yoga/render-graphiql';

// Imported dynamically: a development dependency of 9 MB, which a production image omits.
const loadGraphiQL = async (name: string): Promise<RenderGraphiQL | null> => {
  try {
    const loaded: unknown = await import(name);
    return typeof loaded === 'object' &&
      loaded !== null &&
      'renderGraphiQL' in loaded &&
      isRender(loaded.renderGraphiQL)
      ? loaded.renderGraphiQL
      : null;
  } catch {
    return null;
  }
};

/**
 * Returns a page with GraphiQL and all its assets. Without its package, the page explains how to install it.
 *
 * @param packageName for tests
 */
export const offlinePage = async (exampleQuery: string, packageName = PACKAGE): Promise<string> => {
  const render = await loadGraphiQL(packageName);
  if (render === null) return pageFile('./graphiql-missing.html');
  const html = render({ title: 'Tributary', endpoint: GRAPHQL_PATH, defaultQuery: exampleQuery });
  return String(html);
};
