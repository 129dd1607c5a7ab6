import { endWith, processContext } from './command/process.ts';
import { runTributary } from './command/run-command.ts';
import { COMMANDS } from './commands.ts';

endWith(await runTributary(COMMANDS, process.argv.slice(2), processContext(process.env)));
