import { afterAll, beforeAll, expect, test } from 'vitest';
import { ATTACK_DOCUMENTS } from '../../bench/attacks/attack-documents.ts';
import { attackedGateway } from '../../bench/attacks/attacked-gateway.ts';

let gateway: Awaited<ReturnType<typeof attackedGateway>>;

beforeAll(async () => {
  gateway = await attackedGateway();
});

afterAll(() => gateway.close());

test.each(ATTACK_DOCUMENTS.map((document) => ({ ...document, result: document.code ?? 'executed' })))(
  'a document of attack tools has the code of its limit: $name, $result',
  async ({ query, variables, code }) => {
    const { text } = await gateway.send({ query, variables });
    const { data, errors = [] } = JSON.parse(text);
    expect(errors[0]?.extensions.code ?? null).toBe(code);
    if (code === null) expect(data).not.toBeNull();
    // A document that is refused has no part that is executed.
    else expect(data ?? null).toBeNull();
  },
);
