import { endWith, processContext } from './cli/command/process.ts';
import { runCommand } from './cli/command/run-command.ts';
import { startCommand } from './cli/start.ts';

// The same as `tributary start`: the entry of the image and of `npm start`.
endWith(await runCommand(startCommand, process.argv.slice(2), processContext(process.env)));
