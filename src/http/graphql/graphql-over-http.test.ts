import { serverAudits } from 'graphql-http';
import { expect, test } from 'vitest';
import { publicRig } from '../../../test/support/http/public-rig.ts';

test('the GraphQL over HTTP audits find no error, and three warnings at most', async () => {
  await using rig = await publicRig();
  const audits = serverAudits({ url: `${rig.origin}/graphql`, fetchFn: fetch });
  const results = await Promise.all(audits.map((audit) => audit.fn()));
  const failed = results.flatMap((result) =>
    result.status === 'ok' ? [] : [`${result.status}: ${result.id} ${result.name}: ${result.reason}`],
  );
  if (failed.length > 0) console.info(`${results.length} audits\n${failed.join('\n')}`);
  expect(results.length).toBeGreaterThan(50);
  expect(failed.filter((line) => line.startsWith('error'))).toEqual([]);
  expect(failed.filter((line) => line.startsWith('warn')).length).toBeLessThanOrEqual(3);
});
