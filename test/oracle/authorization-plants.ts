import type { Plant } from './plants.ts';

const FOLDER = 'src/graph/directives/authorization';

/** Mutants of each directive of authorisation, and of each place where it can be set. */
export const AUTHORIZATION_PLANTS: readonly Plant[] = [
  {
    what: '@authenticated admits anonymous callers',
    file: `${FOLDER}/authorize.ts`,
    code: 'return !authenticated && scopes.length === 0;',
    instead: 'return scopes.length === 0;',
  },
  {
    what: '@requiresScopes requires one scope of a list',
    file: `${FOLDER}/authorize.ts`,
    code: 'anyOf.some((all) => all.every((scope)',
    instead: 'anyOf.some((all) => all.some((scope)',
  },
  {
    what: '@policy admits a caller that a policy refuses',
    file: `${FOLDER}/policies.ts`,
    code: 'return (await decide()) === true;',
    instead: 'return (await decide()) !== null;',
  },
  {
    what: 'a requirement of an enum does not hold for fields that return it',
    file: `${FOLDER}/requirements.ts`,
    code: 'leaves.get(nameOfType(node.type)) ?? NONE',
    instead: 'NONE',
  },
  {
    what: 'a requirement of an argument or input field is ignored',
    file: `${FOLDER}/input-requirements.ts`,
    code: 'all([...own, leaves.get(type) ?? NONE])',
    instead: 'all([leaves.get(type) ?? NONE, ...own.slice(1)])',
  },
  {
    what: 'input fields inside variables are ignored',
    file: `${FOLDER}/given-inputs.ts`,
    code: 'this.#valueBelow(shape, path, variable.value);',
    instead: '',
  },
  {
    what: 'input fields inside literals are ignored',
    file: `${FOLDER}/given-inputs.ts`,
    code: 'this.#give(shape, path);\n    this.#nodeBelow(shape, path, node);',
    instead: 'this.#give(shape, path);',
  },
  {
    what: 'a default of a variable is not given',
    file: `${FOLDER}/given-inputs.ts`,
    code: "return node === undefined ? { is: 'absent' } : { is: 'default', node };",
    instead: "return node === undefined || node.kind.length > 0 ? { is: 'absent' } : { is: 'default', node };",
  },
  {
    what: 'a variable without a value is given',
    file: `${FOLDER}/given-inputs.ts`,
    code: "case 'absent':\n        return;",
    instead: "case 'absent':\n        this.#give(shape, path);\n        return;",
  },
];
