import type { Addresses } from './gateway.ts';
import type { Mock } from './mocks.ts';

const JSON_HEADER = `-H 'content-type: application/json'`;
const NO_STOCK = JSON.stringify({ faults: [{ route: '*', kind: 'status', status: 'UNAVAILABLE' }] });

export interface Welcome extends Addresses {
  readonly mocks: readonly Mock[];
  /** Whether the explorer is on. */
  readonly explorer: boolean;
  /** An operation to try; null for none. */
  readonly example: string | null;
}

/** What somebody who has just started the demo wants to read, with commands to paste. */
export const welcome = ({ graphqlUrl, adminUrl, mocks, explorer, example }: Welcome): string => {
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
    ...(example
      ? [
          'Ask for a page of orders, joined from four services:',
          '',
          `  curl -s ${graphqlUrl} ${JSON_HEADER} -d '${JSON.stringify({ query: example })}'`,
          '',
        ]
      : []),
    'The services behind it, and where each takes orders to misbehave:',
    '',
    ...mocks.map(({ name, url, controlUrl }) => `  ${name.padEnd(10)} ${url.padEnd(24)} control ${controlUrl}`),
    '',
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
