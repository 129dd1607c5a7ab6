import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { folderWith } from '../../../test/support/modules/module-folder.ts';
import { testModule } from '../../../test/support/modules/test-module.ts';
import { sdl } from '../../backend/sdl/sdl.ts';
import { problemsInModules } from './check-modules.ts';

/** Modules with this SDL, and the files beside their folders. */
const problemsOf = (sdlOf: Readonly<Record<string, string>>, shared: string): readonly string[] => {
  const own = Object.entries(sdlOf).map(([name, text]) => [`${name}/schema.graphql`, text]);
  const folder = folderWith({ ...Object.fromEntries(own), 'common.graphql': shared });
  return problemsInModules(
    Object.entries(sdlOf).map(([name, text]) => ({
      ...testModule(name, '', text.includes('Query') ? { resolvers: { Query: { total: () => null } } } : {}),
      typeDefs: sdl(pathToFileURL(join(folder, name, 'index.ts')).href),
    })),
  );
};

const IMPORT = '# import Money from "../common.graphql"';
const QUERY = `${IMPORT}\ntype Query { total: Money }\n`;
const MONEY = 'enum Currency { EUR USD }\ntype Money { cents: Int! currency: Currency! }\n';

test('a problem in an imported definition is reported at its own file and line', () => {
  const problems = problemsOf({ orders: QUERY }, 'type Unused { n: Int }\ntype Money { cents: Sents! }\n');
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/common\.graphql:2:21: Unknown type "Sents"/);
});

test('modules that import one definition share it', () => {
  expect(problemsOf({ orders: QUERY, billing: `${IMPORT}\ntype Bill { due: Money }\n` }, MONEY)).toEqual([]);
});

test('a type that differs from an imported one is reported with both places', () => {
  expect(problemsOf({ orders: QUERY, tax: 'type Money { percent: Int }\n' }, MONEY).join()).toMatch(
    /tax\/schema\.graphql:1:6: Money of tax differs from Money of orders \(.*common\.graphql:2:6\)/,
  );
});
