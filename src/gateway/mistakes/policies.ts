import { type ConstDirectiveNode, visit } from 'graphql';
import { uses } from '../../directives/sdl-nodes.ts';
import type { Mistake } from './mistake.ts';
import { inSdl, type Reading } from './reading.ts';

const namesIn = (directive: ConstDirectiveNode): readonly string[] =>
  uses([directive], 'policy').flatMap(({ policies }) =>
    Array.isArray(policies) ? policies.flat().filter((name) => typeof name === 'string') : [],
  );

/** Reports policies that the SDL names and the module does not define. */
export const unknownPolicies = (reading: Reading): readonly Mistake[] => {
  if (reading.sdl.is === 'unreadable') return [];
  const mistakes: Mistake[] = [];
  visit(reading.sdl.sdl.document, {
    Directive: (node) => {
      // A directive in SDL has constant arguments; the visitor's types do not know this.
      for (const name of namesIn(node as ConstDirectiveNode))
        if (!name.startsWith('role:') && !Object.hasOwn(reading.module.policies, name))
          mistakes.push(inSdl(reading, node, `unknown policy "${name}"`, `add it to policies, or correct the name`));
    },
  });
  return mistakes;
};
