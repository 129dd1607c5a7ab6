import { expect, test } from 'vitest';
import { importCommand } from './import.ts';

test('a curl command without quotes is reported as such, and not by its first option', async () => {
  const args = ['curl', 'https://a.example', '-H', 'authorization: Bearer canary'];
  const context = { env: {}, print: () => {}, printError: () => {} };
  await expect(importCommand.run(args, context)).rejects.toThrow(
    'Put the curl command in quotes, as one argument: import "curl …".',
  );
});
