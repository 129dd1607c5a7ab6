#!/usr/bin/env node
// The command `tributary` of an installed package: runs src/cli/main.ts on a Node that can read TypeScript.
import { fileURLToPath } from 'node:url';

process.argv.splice(2, 0, fileURLToPath(new URL('../src/cli/main.ts', import.meta.url)));
await import('../scripts/launch.js');
