import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { schemaDir } from '../../src/config/settings.ts';
import { type Generation, generateAll, write } from './generate.ts';
import { displayed } from './mistakes.ts';

const USAGE = `npm run codegen -- [--check] [folder…]

Writes schema.generated.ts in the folders of schema modules: those on the command line, or all of SCHEMA_DIR (default ./schema).
  --check   writes nothing; exits 1 if a file is missing or outdated`;

/** Generates the modules in these folders, or all modules. Modules in the same parent folder are read together. */
const generations = async (folders: readonly string[]): Promise<Generation[]> => {
  if (folders.length === 0) return [await generateAll(resolve(schemaDir(process.env)))];
  const byParent = Map.groupBy(
    folders.map((folder) => resolve(folder)),
    (folder) => dirname(folder),
  );
  return Promise.all([...byParent].map(([parent, wanted]) => generateAll(parent, wanted)));
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
});

if (values.help) console.log(USAGE);
else {
  const all = await generations(positionals);
  const files = all.flatMap((generation) => generation.files);
  for (const warning of all.flatMap(({ warnings }) => warnings)) console.error(`warning: ${warning}`);
  const failures = all.flatMap(({ mistakes }) => mistakes);
  if (values.check)
    for (const { path, current } of files)
      if (!current) failures.push(`${displayed(path)} is outdated. Run \`npm run codegen\` and commit it.`);
  if (!values.check) for (const path of (await write(files)).written) console.log(`wrote ${displayed(path)}`);
  for (const failure of failures) console.error(failure);
  process.exitCode = failures.length > 0 ? 1 : 0;
}
