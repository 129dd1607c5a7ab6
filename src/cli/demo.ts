import { defineCommand } from './command/define-command.ts';
import { EXIT_CODES } from './command/exit-code.ts';

export const demoCommand = defineCommand({
  name: 'demo',
  summary: 'Runs the gateway with mock services and an explorer, and prints commands to try.',
  details: `The gateway inherits the environment. A mock is started for each of the shop's modules in SCHEMA_DIR, unless the
module's variable is set. DEMO_MOCK_PORT_BASE (4100) changes the ports of the mocks; 0 uses free ports.`,
  options: {
    watch: { type: 'boolean', default: false, description: 'restarts the gateway at every save, as `dev` does' },
  },
  run: async ({ values: { watch } }, { env }) => {
    const { runDemo } = await import('./dev/run-demo.ts');
    await runDemo(watch, env);
    return EXIT_CODES.success;
  },
});
