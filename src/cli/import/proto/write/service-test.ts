import { quoted } from '../../../codegen/layout.ts';
import { fieldName } from '../../names/names.ts';
import { literal } from '../../write/literal.ts';
import { testFile } from '../../write/test-file.ts';
import type { ImportedService } from '../imported-service.ts';
import type { ServiceCase } from './service-cases.ts';

const MAX_QUERIES = 12;

const methodIn = (route: string): string => route.slice(route.lastIndexOf('/') + 1);

const title = ({ field, loader, sent }: ServiceCase): string => {
  if (loader !== undefined) return `${field.name} is loaded by ${loader.key} with one call`;
  if (field.pages !== null) return `${field.name} is a connection, and costs one call`;
  return field.root === 'Query' || Object.keys(sent).length === 0
    ? `${field.name} costs one call`
    : `${field.name} sends its arguments as the contract declares them`;
};

const caseText = (one: ServiceCase, module: string, hasQuery: boolean): string => {
  const { field, route, document, variables, sent, raw, expected } = one;
  const value = fieldName(module);
  const method = methodIn(route);
  const upstream = field.upstream;
  const checksBody = field.root === 'Mutation' && Object.keys(sent).length > 0;
  const script = checksBody
    ? [
        '  const requests: unknown[] = [];',
        `  const script = scripted().unary(${quoted(method)}, ({ body }) => {`,
        '    requests.push(body);',
        `    return ${literal(raw, '    ', 12)};`,
        '  });',
      ]
    : [`  const script = scripted().unary(${quoted(method)}, ${literal(raw, '  ', 40 + method.length)});`];
  const values = Object.keys(variables).length === 0 ? [] : [literal(variables, '    ')];
  return [
    `test(${quoted(title(one))}, async () => {`,
    ...script,
    `  const gateway = testBackend(${value}, { ${upstream}: script }${hasQuery ? '' : ', { beside: [other] }'});`,
    '  const { data, errors } = await gateway.query(',
    `    ${quoted(document)},`,
    ...values.map((text) => `    ${text},`),
    '  );',
    '  expect(errors).toBeUndefined();',
    `  expect(data).toEqual(${literal(expected, '  ', 30)});`,
    ...(checksBody ? [`  expect(requests).toMatchObject(${literal([sent], '  ', 36)});`] : []),
    `  expect(gateway.calls).toEqual([${quoted(`${module}.${upstream} ${route}`)}]);`,
    '});',
  ].join('\n');
};

/** The text of index.test.ts: a test for each loader and list, and one for a mutation. */
export const serviceTest = ({ name, fields }: ImportedService, cases: readonly ServiceCase[]): string => {
  const reads = cases.filter(({ field }) => field.root === 'Query');
  const listed = reads.filter(
    ({ field, loader }) => loader !== undefined || field.pages !== null || field.result.type?.kind === 'list',
  );
  const queries = (listed.length > 0 ? listed : reads).slice(0, MAX_QUERIES);
  const writes = cases.filter(({ field }) => field.root === 'Mutation');
  const mutation = writes.find(({ sent }) => Object.keys(sent).length > 0) ?? writes[0];
  const hasQuery = fields.some(({ root }) => root === 'Query');
  const tests = [...queries, ...(mutation === undefined ? [] : [mutation])].map((one) => caseText(one, name, hasQuery));
  return testFile(fieldName(name), tests, hasQuery);
};
