import { quoted } from '../../../codegen/layout.ts';
import type { Definition } from '../../imported-graph.ts';
import { jsonIn } from '../../json.ts';
import { fieldName } from '../../names/names.ts';
import { literal } from '../../write/literal.ts';
import { sdlType } from '../../write/sdl-text.ts';
import { testFile } from '../../write/test-file.ts';
import type { ImportedLoader, ImportedModule, RootField } from '../imported-module.ts';
import { keyedSample, resultSample } from './response-samples.ts';
import { type OutputSample, SAMPLE_BYTES, type Samples, samples } from './samples.ts';

const MAX_QUERIES = 12;
/** Kinds of bodies that a test checks. */
const BODIES = ['body', 'multipart', 'text', 'bytes'] as const;

interface Variables {
  /** `($id: ID!)`, or empty. */
  readonly declared: string;
  /** `(id: $id)`, or empty. */
  readonly passed: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** The body as the backend receives it. */
  readonly body: unknown;
}

const variablesOf = (field: RootField, make: Samples): Variables | null => {
  const required = field.args.filter(({ isRequired }) => isRequired);
  const list = [
    ...required.map(({ name, type }) => ({ name, type, isRequired: true, sample: make.input(type, name) })),
    ...(field.body === null
      ? []
      : [
          {
            name: 'input',
            type: field.body.type,
            isRequired: field.body.isRequired,
            sample: make.input(field.body.type, 'input'),
          },
        ]),
  ];
  if (list.some(({ sample }) => sample === null)) return null;
  if (list.length === 0) return { declared: '', passed: '', values: {}, body: undefined };
  return {
    declared: ` (${list.map(({ name, type, isRequired }) => `$${name}: ${sdlType(type)}${isRequired ? '!' : ''}`).join(', ')})`,
    passed: `(${list.map(({ name }) => `${name}: $${name}`).join(', ')})`,
    values: Object.fromEntries(list.map(({ name, sample }) => [name, sample?.value])),
    body: field.body === null ? undefined : list.at(-1)?.sample?.sent,
  };
};

const title = (field: RootField, loader: ImportedLoader | undefined): string => {
  if (loader !== undefined) return `${field.name} is loaded by ${loader.key ?? loader.parameter} with one call`;
  if (field.pages !== null) return `${field.name} is a connection, and costs one call`;
  return field.root === 'Query'
    ? `${field.name} costs one call`
    : `${field.name} sends its input as the contract declares it`;
};

interface Case {
  readonly field: RootField;
  readonly loader: ImportedLoader | undefined;
  readonly variables: Variables;
  readonly sample: OutputSample;
}

interface BodyCheck {
  /** Parameter of the scripted request, and the expression that is recorded. */
  readonly parameter: 'body' | 'bytes';
  readonly received: string;
  readonly expectations: readonly string[];
}

/** How a test checks the body that the backend received; null for one that it does not check. */
const bodyCheck = ({ body }: RootField, sent: unknown): BodyCheck | null => {
  switch (body?.option) {
    case 'body':
      return {
        parameter: 'body',
        received: 'body',
        expectations: [`expect(bodies).toEqual(${literal([sent], '  ', 30)});`],
      };
    case 'text':
    case 'bytes': {
      const encoding = body.option === 'text' ? 'utf8' : 'base64';
      return {
        parameter: 'bytes',
        received: `Buffer.from(bytes ?? []).toString('${encoding}')`,
        expectations: [`expect(bodies).toEqual([${quoted(String(sent))}]);`],
      };
    }
    case 'multipart':
      return {
        parameter: 'bytes',
        received: "Buffer.from(bytes ?? []).toString('latin1')",
        expectations: Object.keys(jsonIn(sent)).map(
          (name) => `expect(bodies.join()).toContain(${quoted(`name="${name.replaceAll('"', '%22')}`)});`,
        ),
      };
    default:
      return null;
  }
};

const caseText = ({ field, loader, variables, sample }: Case, module: string, beside: string): string => {
  const { method, root, body } = field;
  const path = loader?.path ?? field.path;
  const value = fieldName(module);
  const check = root === 'Mutation' && body !== null ? bodyCheck(field, variables.body) : null;
  const rawText = (pad: string, column: number): string =>
    field.result.as === 'bytes' ? `Buffer.from(${quoted(SAMPLE_BYTES)}, 'base64')` : literal(sample.raw, pad, column);
  const answer =
    check !== null
      ? [
          '  const bodies: unknown[] = [];',
          `  const api = scripted().${method}(${quoted(path)}, ({ ${check.parameter} }) => {`,
          `    bodies.push(${check.received});`,
          `    return ${rawText('    ', 12)};`,
          '  });',
        ]
      : [`  const api = scripted().${method}(${quoted(path)}, ${rawText('  ', 40 + path.length)});`];
  const document = `${root.toLowerCase()}${variables.declared} { ${field.name}${variables.passed}${sample.selection} }`;
  const values = Object.keys(variables.values).length === 0 ? [] : [literal(variables.values, '    ')];
  return [
    `test(${quoted(title(field, loader))}, async () => {`,
    ...answer,
    `  const gateway = testBackend(${value}, { api }${beside});`,
    `  const { data, errors } = await gateway.query(`,
    `    ${quoted(document)},`,
    ...values.map((text) => `    ${text},`),
    '  );',
    '  expect(errors).toBeUndefined();',
    `  expect(data).toEqual(${literal({ [field.name]: sample.expected }, '  ', 30)});`,
    ...(check?.expectations ?? []).map((text) => `  ${text}`),
    `  expect(gateway.calls).toEqual([${quoted(`${module}.api ${method.toUpperCase()} ${path}`)}]);`,
    '});',
  ].join('\n');
};

const caseOf = (
  field: RootField,
  { loaders }: ImportedModule,
  definitions: readonly Definition[],
  make: Samples,
): Case | null => {
  const loader = loaders.find((one) => one.field === field.name);
  const variables = variablesOf(field, make);
  const sample = resultSample(field, make);
  if (variables === null || sample === null) return null;
  return {
    field,
    loader,
    variables,
    sample:
      loader === undefined ? sample : keyedSample(sample, loader, definitions, Object.values(variables.values)[0]),
  };
};

/** The text of index.test.ts: a test for each loader and list, and one for a mutation with each kind of body. */
export const testText = (module: ImportedModule, definitions: readonly Definition[]): string => {
  const make = samples(definitions);
  const cases = module.fields.flatMap((field) => caseOf(field, module, definitions, make) ?? []);
  const reads = cases.filter(({ field }) => field.root === 'Query');
  const listed = reads.filter(
    ({ field, loader }) => loader !== undefined || field.pages !== null || field.result.type?.kind === 'list',
  );
  const others = (['text', 'bytes'] as const).flatMap((as) => reads.find(({ field }) => field.result.as === as) ?? []);
  const queries = [...new Set([...(listed.length > 0 ? listed : reads).slice(0, MAX_QUERIES), ...others])];
  const writes = cases.filter(({ field }) => field.root === 'Mutation');
  const ofBodies = BODIES.flatMap((option) => writes.find(({ field }) => field.body?.option === option) ?? []);
  const mutations = ofBodies.length > 0 ? ofBodies : writes.slice(0, 1);
  const hasQuery = module.fields.some(({ root }) => root === 'Query');
  const tests = [...queries, ...mutations].map((one) =>
    caseText(one, module.name, hasQuery ? '' : ', { beside: [other] }'),
  );
  return testFile(fieldName(module.name), tests, hasQuery);
};
