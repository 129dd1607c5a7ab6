import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripIgnoredCharacters } from 'graphql';
import type { Addresses } from './gateway-process.ts';
import type { Mock } from './mocks.ts';

const JSON_HEADER = `-H 'content-type: application/json'`;
const NO_STOCK = JSON.stringify({ faults: [{ route: '*', kind: 'status', status: 'UNAVAILABLE' }] });

export interface Welcome extends Addresses {
  readonly mocks: readonly Mock[];
  /** True if the explorer is on. */
  readonly explorer: boolean;
  readonly schemaDir: string;
  /** True if there is no sign-in for want of the gateway's port. */
  readonly lacksLoginPort: boolean;
  /** An operation to try; null for none. */
  readonly example: string | null;
}

/**
 * The example operation of a schema folder (`example.graphql`) on one line; null without one.
 *
 * @throws GraphQLError for invalid GraphQL
 */
export const exampleIn = (schemaDir: string): string | null => {
  const file = join(schemaDir, 'example.graphql');
  return existsSync(file) ? stripIgnoredCharacters(readFileSync(file, 'utf8')) : null;
};

const curlCommand = (graphqlUrl: string, query: string): string =>
  `  curl -s ${graphqlUrl} ${JSON_HEADER} -d '${JSON.stringify({ query })}'`;

const anExample = ({ graphqlUrl, example, mocks, schemaDir }: Welcome): readonly string[] => {
  if (example !== null)
    return [
      mocks.length > 0 ? 'Query a page of orders, joined from four services:' : 'Run the example operation:',
      '',
      curlCommand(graphqlUrl, example),
      '',
    ];
  return [
    'Run an operation:',
    '',
    curlCommand(graphqlUrl, '{ __typename }'),
    '',
    `Write your own to ${join(schemaDir, 'example.graphql')}; the next start shows it here.`,
    '',
  ];
};

const services = (mocks: readonly Mock[], schemaDir: string): readonly string[] =>
  mocks.length > 0
    ? [
        'Mock services, with the control URL for faults of each:',
        '',
        ...mocks.map(({ name, url, controlUrl }) => `  ${name.padEnd(10)} ${url.padEnd(24)} control ${controlUrl}`),
        '',
      ]
    : [
        `The modules in ${schemaDir} call the services in their variables,`,
        '<MODULE>_<UPSTREAM>_ENDPOINTS. Health shows whether each is reachable.',
        '',
      ];

/** The page on which customers sign in: by the name of this machine, which their session belongs to. */
const accountUrl = (graphqlUrl: string): string => `http://localhost:${new URL(graphqlUrl).port}/graphiql/account`;

const signIn = ({ graphqlUrl, mocks, explorer, lacksLoginPort }: Welcome): readonly string[] => {
  if (!explorer) return [];
  if (mocks.some(({ name }) => name === 'login')) return [`  Sign in    ${accountUrl(graphqlUrl)} in a browser`];
  return lacksLoginPort
    ? ['  Sign in    not with PORT=0: the provider must know the port. Set PORT to a free port.']
    : [];
};

/** The text of the demo after its start, with commands to paste. */
export const welcome = (shown: Welcome): string => {
  const { graphqlUrl, adminUrl, mocks, explorer, schemaDir } = shown;
  const inventory = mocks.find(({ name }) => name === 'inventory');
  const issuer = mocks.find(({ name }) => name === 'issuer');
  return [
    '',
    'Tributary is ready.',
    '',
    `  GraphQL    ${graphqlUrl}`,
    ...(explorer ? [`  Explorer   ${graphqlUrl} in a browser`] : []),
    ...signIn(shown),
    `  Health     ${adminUrl}/health`,
    `  Admin      ${adminUrl} (status, overrides, metrics)`,
    '',
    ...anExample(shown),
    ...services(mocks, schemaDir),
    ...(inventory
      ? [
          'Break the inventory and query again (the page remains, without stock), then repair it:',
          '',
          `  curl -X PUT ${inventory.controlUrl}/__faults ${JSON_HEADER} -d '${NO_STOCK}'`,
          `  curl -X DELETE ${inventory.controlUrl}/__faults`,
          '',
        ]
      : []),
    ...(issuer
      ? [
          'A token, to send as "authorization: Bearer <token>":',
          '',
          `  npm run -s token -- --issuer ${issuer.url} --sub c1 --scope "orders:read orders:write" --role admin`,
          '',
        ]
      : []),
    'Ctrl-C stops everything.',
    '',
  ].join('\n');
};
