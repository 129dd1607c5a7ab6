import { expect, test } from 'vitest';
import support from '../../../examples/support/index.ts';
import { startHelpdesk } from '../../../examples/support/mock.ts';
import { startGateway } from '../../support/gateway/gateway.ts';

test('tickets of a GraphQL service through the whole gateway, one operation for each field', async () => {
  await using mock = await startHelpdesk();
  await using gateway = await startGateway({ SUPPORT_DESK_ENDPOINTS: mock.url }, [support]);
  const run = async (document: string, variables = {}) => {
    const { data, errors } = await gateway.query(document, variables);
    return errors.length > 0 ? errors.map(({ path, extensions }) => [path?.join('.'), extensions.code]) : data;
  };

  expect(
    await run(`{ all: tickets { ...card } waiting: tickets(state: WAITING, limit: 1) { ...card customer { plan } } }
      fragment card on Ticket { subject entries(last: 1) { __typename at ... on StateChange { to } } }`),
  ).toEqual({
    all: [
      { subject: 'No light', entries: [{ __typename: 'StateChange', at: '2026-01-02T08:00:00.000Z', to: 'WAITING' }] },
      { subject: 'Too bright', entries: [{ __typename: 'StateChange', at: '2026-01-02T08:00:00.000Z', to: 'OPEN' }] },
    ],
    waiting: [
      {
        subject: 'No light',
        entries: [{ __typename: 'StateChange', at: '2026-01-02T08:00:00.000Z', to: 'WAITING' }],
        customer: { plan: 'gold' },
      },
    ],
  });
  expect(mock.operations).toHaveLength(2);

  expect(await run('{ searchSupport(text: "light") { ... on Ticket { id } ... on Article { headline } } }')).toEqual({
    searchSupport: [{ id: 't1' }, { headline: 'All about light' }],
  });
  expect(await run('{ ticket(id: "t9") { id } }')).toEqual({ ticket: null });

  const open = `mutation($customer: ID!, $subject: String!) {
    openTicket(input: { customer: $customer, subject: $subject }) { ... on Ticket { id } ... on Duplicate { of { id } } } }`;
  expect(await run(open, { customer: 'c2', subject: 'Broken' })).toEqual({ openTicket: { id: 't3' } });
  expect(await run(open, { customer: 'c2', subject: 'Broken' })).toEqual({ openTicket: { of: { id: 't3' } } });
  expect(await run(open, { customer: 'c9', subject: 'Broken' })).toEqual([['openTicket', 'BAD_USER_INPUT']]);

  const close = 'mutation { closeTicket(id: "t3") { state } }';
  expect(await run(close)).toEqual({ closeTicket: { state: 'CLOSED' } });
  expect(await run(close)).toEqual([['closeTicket', 'CONFLICT']]);
  expect(mock.operations).toHaveLength(9);
});
