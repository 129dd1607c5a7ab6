import type { Definition } from '../../imported-graph.ts';
import { isJsonRecord, jsonIn } from '../../json.ts';
import type { ImportedLoader, RootField } from '../imported-module.ts';
import type { OutputSample, Samples } from './samples.ts';

/** An object with `value` at a path. */
const nested = (path: readonly string[], value: unknown): unknown =>
  path.reduceRight((inner, name) => ({ [name]: inner }), value);

const pageSample = (field: RootField, make: Samples): OutputSample | null => {
  const { pages } = field;
  const row = pages && make.output(pages.item, 'item');
  if (!pages || !row) return null;
  return {
    raw: nested(pages.rows, [row.raw]),
    selection: ` { nodes${row.selection} }`,
    expected: { nodes: [row.expected] },
  };
};

/** A response of the backend to a field, and the value that a client receives; null where a type is endless. */
export const resultSample = (field: RootField, make: Samples): OutputSample | null => {
  if (field.pages !== null) return pageSample(field, make);
  return field.result.type === null
    ? { raw: undefined, selection: '', expected: true }
    : make.output(field.result.type, 'result');
};

/** A row with the key of its loader, which the test requests. */
export const keyedSample = (
  sample: OutputSample,
  loader: ImportedLoader,
  definitions: readonly Definition[],
  key: unknown,
): OutputSample => {
  const listed = (row: unknown) => nested(loader.pages?.rows ?? [], [row]);
  const definition = definitions.find(({ name }) => name === loader.type);
  const field = definition?.kind === 'object' ? definition.fields.find(({ name }) => name === loader.key) : undefined;
  if (loader.kind === 'each' || field === undefined || !isJsonRecord(sample.raw))
    return loader.kind === 'each' ? sample : { ...sample, raw: listed(sample.raw) };
  const expected = jsonIn(sample.expected);
  return {
    ...sample,
    raw: listed({ ...sample.raw, [field.property]: key }),
    expected: field.name in expected ? { ...expected, [field.name]: key } : expected,
  };
};
