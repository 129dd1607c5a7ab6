import { parse } from 'yaml';
import { z } from 'zod';
import { type Endpoint, SCHEMES } from '../endpoint.ts';
import { type FileEntry, type Protocol, parseEndpoint } from '../endpoint-list.ts';
import { labelsFrom, MAX_LABELS } from '../endpoint-options.ts';

/** A group of Prometheus' `file_sd_configs`. */
const Group = z.object({
  targets: z.array(z.string(), 'must be a list of addresses'),
  labels: z.record(z.string(), z.coerce.string()).default({}),
});
type Group = z.infer<typeof Group>;

const Content = z.array(
  z.union([z.string(), Group], 'must be an address, or a group with targets and labels'),
  'must be a list of addresses or groups',
);

/** Endpoints of a file. */
export interface EndpointFile {
  readonly endpoints: readonly Endpoint[];
  /** Labels that were left out, because they do not fit; null for none. */
  readonly fault: string | null;
}

/** Label of Prometheus with the scheme of the targets. */
const SCHEME = '__scheme__';
const HAS_SCHEME = /^[a-z][a-z\d+.-]*:\/\//i;

const schemeOf = ({ labels }: Group, protocol: Protocol): string => labels[SCHEME] ?? SCHEMES[protocol][0].slice(0, -1);

const sortLabels = ({ labels }: Group) => {
  // Labels that begin with __ are Prometheus' own.
  const own = Object.entries(labels).filter(([name]) => !name.startsWith('__'));
  const valid = own.filter((pair) => labelsFrom([pair]) !== null);
  const kept = valid.slice(0, MAX_LABELS);
  const names = new Set(kept.map(([name]) => name));
  return { labels: labelsFrom(kept) ?? {}, omitted: own.flatMap(([name]) => (names.has(name) ? [] : [name])) };
};

/** @throws Error with the invalid part */
const endpointsOf = (group: Group, { protocol, options }: FileEntry, labels: Endpoint['labels']): readonly Endpoint[] =>
  group.targets.map((target) => {
    const address = HAS_SCHEME.test(target) ? target : `${schemeOf(group, protocol)}://${target}`;
    const defaults = { ...options, labels: { ...options.labels, ...labels } };
    return parseEndpoint(address, protocol, defaults);
  });

const problemOf = ({ issues: [issue] }: z.ZodError): string =>
  issue === undefined ? 'invalid content' : `${issue.path.join('.') || 'the file'} ${issue.message}`;

/**
 * Parses a file with endpoints, in JSON or YAML: a list of addresses with options, as in `*_ENDPOINTS`, or of groups as
 * in the files of Prometheus' `file_sd_configs`.
 *
 * @throws Error with the first fault
 */
export const parseEndpointFile = (text: string, entry: FileEntry): EndpointFile => {
  // An empty text is a file that is being written. A list without endpoints is `[]`.
  if (text.trim() === '') throw new Error('the file is empty');
  const read = Content.safeParse(entry.path.endsWith('.json') ? JSON.parse(text) : parse(text));
  if (!read.success) throw new Error(problemOf(read.error));
  const omitted = new Set<string>();
  const endpoints = read.data.flatMap((one) => {
    const group = typeof one === 'string' ? { targets: [one], labels: {} } : one;
    const sorted = sortLabels(group);
    for (const name of sorted.omitted) omitted.add(name);
    return endpointsOf(group, entry, sorted.labels);
  });
  return { endpoints, fault: omitted.size === 0 ? null : `labels left out: ${[...omitted].slice(0, 10).join(', ')}` };
};
