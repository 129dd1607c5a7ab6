import { authCommand } from './auth.ts';
import { blastRadiusCommand } from './blast-radius.ts';
import { codegenCommand } from './codegen.ts';
import type { Command } from './command/define-command.ts';
import { demoCommand } from './demo.ts';
import { devCommand } from './dev.ts';
import { importCommand } from './import.ts';
import { keysCommand } from './keys.ts';
import { limitsCommand } from './limits.ts';
import { planCommand } from './plan.ts';
import { registerCommand } from './register.ts';
import { startCommand } from './start.ts';
import { tokenCommand } from './token.ts';

/** The commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  startCommand,
  demoCommand,
  devCommand,
  importCommand,
  codegenCommand,
  planCommand,
  blastRadiusCommand,
  authCommand,
  limitsCommand,
  registerCommand,
  keysCommand,
  tokenCommand,
];
