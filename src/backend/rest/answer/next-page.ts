/** A link and its parameters (RFC 8288, 3). A quoted parameter may contain any character. */
const LINKS = /<([^>]*)>((?:[^,"]|"[^"]*")*)/g;
const PARAMETERS = /;\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^\s;,"]*))/g;

const isNext = (parameters: string): boolean => {
  const rel = [...parameters.matchAll(PARAMETERS)].find(([, name = '']) => name.toLowerCase() === 'rel');
  return (rel?.[2] ?? rel?.[3] ?? '').toLowerCase().split(/\s+/).includes('next');
};

/** The query of the next page in a `Link` header; null on the last page. */
export const nextPage = (link = ''): URLSearchParams | null => {
  const target = [...link.matchAll(LINKS)].find(([, , parameters = '']) => isNext(parameters))?.[1];
  if (target === undefined) return null;
  const query = target.indexOf('?');
  return new URLSearchParams(query === -1 ? '' : target.slice(query + 1));
};
