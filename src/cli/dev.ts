import { defineCommand } from './command/define-command.ts';
import { EXIT_CODES } from './command/exit-code.ts';

export const devCommand = defineCommand({
  name: 'dev',
  summary: 'Runs the demo, and at every save generates types and restarts the gateway.',
  options: {},
  run: async (_input, { env }) => {
    const { runDemo } = await import('./dev/run-demo.ts');
    await runDemo(true, env);
    return EXIT_CODES.success;
  },
});
