import { GRAPHQL_PATH } from '../graphql-route.ts';
import { pageFile } from './page-data.ts';

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
