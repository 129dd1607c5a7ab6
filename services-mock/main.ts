import { fileURLToPath } from 'node:url';
import { readArguments, USAGE } from './arguments.ts';
import { runAll, runOne } from './run.ts';

const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const readCommand = () => {
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    return fail(`${messageOf(error)}\n\n${USAGE}`);
  }
};

const command = readCommand();
if (command.run === 'all') {
  runAll(fileURLToPath(import.meta.url), command.flags);
} else {
  // The system closes everything that is open.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));
  await runOne(command.name, command).catch((error: unknown) => fail(`${command.name}: ${messageOf(error)}`));
}
