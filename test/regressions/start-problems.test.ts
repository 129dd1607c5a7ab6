import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { folderWith, moduleSource } from '../support/modules/module-folder.ts';
import { holdPort, portOf } from '../support/processes/ports.ts';
import { startNode } from '../support/processes/processes.ts';

const outputOf = async (env: Readonly<Record<string, string>>): Promise<string> => {
  const gateway = startNode('src/main.ts', [], { env });
  onTestFinished(() => gateway.stop().then(() => {}));
  expect(await gateway.ended).toEqual({ code: 1, signal: null });
  return gateway.output();
};

test('problems of a module, of variables and of both listeners are reported in one start, in one list without a stack', async () => {
  const holder = await holdPort();
  onTestFinished(async () => void (await once(holder.close(), 'close')));
  const output = await outputOf({
    ...{ SCHEMA_DIR: folderWith({ 'a/index.ts': moduleSource('b') }) },
    ...{ HOST: 'nope.invalid', PORT: '0', ADMIN_HOST: '127.0.0.1', ADMIN_PORT: String(portOf(holder)) },
    ...{ TRUSTED_PROXIES: 'proxy.internal', REDIS_URL: 'redis://u:pass-word@host:port', OTEL_TRACES_SAMPLER_ARG: '2' },
  });
  const [heading, ...lines] = output.trimEnd().split('\n');
  expect(heading).toBe('Tributary cannot start (problems: 6):');
  for (const [at, start] of [
    /^ {2}\S+a\/index\.ts: is named "b" in a folder named "a"/,
    /^ {2}TRUSTED_PROXIES: must be addresses or CIDRs such as 10\.0\.0\.7/,
    /^ {2}REDIS_URL: must be an address such as redis:/,
    /^ {2}OTEL_TRACES_SAMPLER_ARG: must be a number from 0 to 1/,
    /^ {2}HOST nope\.invalid cannot be resolved \(E\w+\): set HOST/,
    /^ {2}ADMIN_PORT \d+ is already in use: stop what listens there, or set ADMIN_PORT/,
  ].entries())
    expect(lines[at]).toMatch(start);
  expect(lines).toHaveLength(6);
  expect(output).not.toContain('pass-word');
});
