import { join } from 'node:path';
import type { Addresses } from './gateway.ts';
import type { Mock } from './mocks.ts';

const JSON_HEADER = `-H 'content-type: application/json'`;
const NO_STOCK = JSON.stringify({ faults: [{ route: '*', kind: 'status', status: 'UNAVAILABLE' }] });

export interface Welcome extends Addresses {
  readonly mocks: readonly Mock[];
  /** True if the explorer is on. */
  readonly explorer: boolean;
  readonly schemaDir: string;
  /** An operation to try; null for none. */
  readonly example: string | null;
}

const ask = (graphqlUrl: string, query: string): string =>
  `  curl -s ${graphqlUrl} ${JSON_HEADER} -d '${JSON.stringify({ query })}'`;

const anExample = ({ graphqlUrl, example, mocks, schemaDir }: Welcome): readonly string[] => {
  if (example !== null)
    return [
      mocks.length > 0
        ? 'Ask for a page of orders, joined from four services:'
        : 'Ask for the operation of the example:',
      '',
      ask(graphqlUrl, example),
      '',
    ];
  return [
    'Ask for an operation:',
    '',
    ask(graphqlUrl, '{ __typename }'),
    '',
    `Write one of your own to ${join(schemaDir, 'example.graphql')}, and the next start shows it here.`,
    '',
  ];
};

const services = (mocks: readonly Mock[], schemaDir: string): readonly string[] =>
  mocks.length > 0
    ? [
        'The services behind it, and where each takes orders to misbehave:',
        '',
        ...mocks.map(({ name, url, controlUrl }) => `  ${name.padEnd(10)} ${url.padEnd(24)} control ${controlUrl}`),
        '',
      ]
    : [
        `The modules in ${schemaDir} call the services that their variables name,`,
        '<MODULE>_<UPSTREAM>_ENDPOINTS. Health shows whether each can be reached.',
        '',
      ];

/** The text that the demo prints once it is ready, with commands to paste. */
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
    `  Health     ${adminUrl}/health`,
    '',
    ...anExample(shown),
    ...services(mocks, schemaDir),
    ...(inventory
      ? [
          'Break one and ask again (the stock is gone, the page is not), then mend it:',
          '',
          `  curl -X PUT ${inventory.controlUrl}/__faults ${JSON_HEADER} -d '${NO_STOCK}'`,
          `  curl -X DELETE ${inventory.controlUrl}/__faults`,
          '',
        ]
      : []),
    ...(issuer
      ? [
          'A token for somebody, to send as "authorization: Bearer <token>":',
          '',
          `  npm run -s token -- --issuer ${issuer.url} --sub c1 --scope "orders:read orders:write" --role admin`,
          '',
        ]
      : []),
    'Ctrl-C stops everything.',
    '',
  ].join('\n');
};
