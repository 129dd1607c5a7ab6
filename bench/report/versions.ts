import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT, tributary } from '../harness/contenders.ts';

const dependencies = (folder: string): string => {
  const manifest: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(ROOT, folder, 'package.json'), 'utf8'),
  );
  return Object.entries(manifest.dependencies)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
};

const commit = (): string => {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { cwd: ROOT, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
};

/** Versions and machine of the figures. */
export const circumstances = (): string => {
  const [cpu] = cpus();
  return [
    `- ${new Date().toISOString().slice(0, 10)}, commit ${commit()}`,
    `- ${cpus().length} cores of ${cpu?.model ?? 'an unknown kind'}, ${(totalmem() / 1_073_741_824).toFixed(0)} GiB, Linux ${release()}`,
    `- Node ${process.versions.node} (V8 ${process.versions.v8}) for every server`,
    '- Each server alone on core 0, its compiler and collector threads included; load and backends on core 1',
    `- Tributary as \`npm start\` runs it (\`node ${tributary.command.join(' ')}\`), with its defaults: token and client limit, document`,
    '  limits, validation of answers, single flight, circuits, retries, metrics and traces, a log line a request (to /dev/null).',
    '  The client limit is counted, and raised so that one address may send all of this',
    `- Peers: ${dependencies('bench')}`,
  ].join('\n');
};
