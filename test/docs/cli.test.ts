import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EXIT_CODES } from '../../src/cli/command/exit-code.ts';
import { commandList } from '../../src/cli/command/help.ts';
import { COMMANDS } from '../../src/cli/commands.ts';

const page = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8');

test('docs/commands.md has the list of the commands as `tributary` prints it', () => {
  expect(page).toContain(`\`\`\`text\n${commandList(COMMANDS)}\n\`\`\`\n`);
});

test('docs/commands.md has a row for each exit code', () => {
  const documented = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(documented).toEqual(Object.values(EXIT_CODES));
});
