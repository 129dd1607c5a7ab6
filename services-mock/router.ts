import type { Reply, RestRequest, RestService } from './rest-service.ts';

export interface Match {
  readonly route: string;
  readonly params: Readonly<Record<string, string>>;
  readonly answer: (request: RestRequest) => Reply;
}

const segmentsOf = (path: string): string[] => path.split('/').slice(1);

// A malformed percent escape is no id and matches nothing.
const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

const paramsOf = (pattern: readonly string[], path: readonly string[]): Record<string, string> | null => {
  if (pattern.length !== path.length) return null;
  const params: Record<string, string> = {};
  for (const [at, part] of pattern.entries()) {
    const given = path[at] ?? '';
    if (part.startsWith('{')) params[part.slice(1, -1)] = decoded(given);
    else if (part !== given) return null;
  }
  return params;
};

/** Finds the route of a method and an encoded path; null for none. */
export const router = (service: RestService): ((method: string, path: string) => Match | null) => {
  const routes = Object.entries(service).map(([route, answer]) => {
    const [method = '', path = ''] = route.split(' ');
    return { route, method, pattern: segmentsOf(path), answer };
  });
  return (method, path) => {
    const segments = segmentsOf(path);
    for (const { route, method: expected, pattern, answer } of routes) {
      const params = method === expected ? paramsOf(pattern, segments) : null;
      if (params !== null) return { route, params, answer };
    }
    return null;
  };
};
