import { defineCommand } from './command/define-command.ts';
import { EXIT_CODES } from './command/exit-code.ts';

export const demoCommand = defineCommand({
  name: 'demo',
  summary: 'Runs the gateway with mock services and an explorer, and prints commands to try.',
  details: `The gateway inherits the environment. A mock is started for each of the shop's modules in SCHEMA_DIR, unless the
module's variable is set. DEMO_MOCK_PORT_BASE (4100) changes the ports of the mocks; 0 uses free ports.`,
  options: {},
  run: async (_input, { env }) => {
    const { runDemo } = await import('./dev/run-demo.ts');
    await runDemo(false, env);
    return EXIT_CODES.success;
  },
});
