import { procedureOf, readPattern } from '../../../backend/grpc/declared-reads.ts';
import { nearestSuggestion } from '../../../core/suggest.ts';
import type { GrpcService } from '../../../protobuf/load-proto.ts';

/** HTTP methods of `google.api.http` that write. POST is also used for reads with a long request. */
const WRITES: ReadonlySet<string | null> = new Set(['PUT', 'PATCH', 'DELETE']);

/** Returns the pattern most similar to one that matches nothing: `Get*` for `Gte*`; null without a similar one. */
const suggestedRead = (pattern: string, names: readonly string[]): string | null => {
  const text = pattern.replaceAll('*', '');
  if (pattern === `${text}*`) {
    const start = nearestSuggestion(text, [...new Set(names.map((name) => name.slice(0, text.length)))]);
    return start === null ? null : `${start}*`;
  }
  return nearestSuggestion(text, names);
};

/** A problem and its fix. */
type Problem = readonly [problem: string, fix: string];

/** Returns the problems of an upstream's option `reads`, each with its fix. */
export const wrongReads = (
  upstream: string,
  { name, methods, streaming }: GrpcService,
  reads: readonly string[],
): readonly Problem[] => {
  const all = [...methods, ...streaming];
  const names = all.map(procedureOf);
  return reads.flatMap((pattern): readonly Problem[] => {
    const expression = readPattern(pattern);
    const matched = all.filter((method) => expression.test(procedureOf(method)));
    if (matched.length === 0) {
      const suggestion = suggestedRead(pattern, names);
      const fix =
        suggestion === null ? `use methods of the service: ${names.join(', ')}` : `use ${suggestion}, or remove it`;
      return [[`reads of upstream ${upstream} has "${pattern}", which no method of ${name} matches`, fix]];
    }
    return matched
      .filter(({ http }) => WRITES.has(http))
      .map((method): Problem => {
        const problem = `reads of upstream ${upstream} has "${pattern}", but ${procedureOf(method)} writes: its google.api.http is ${method.http}`;
        return [problem, 'use patterns that match reads only'];
      });
  });
};
