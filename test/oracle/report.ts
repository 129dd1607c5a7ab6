import { type ExecutionResult, Kind, print, visit } from 'graphql';
import type { Model, ObjectModel } from './modules/model.ts';
import { relevantTo, sdlOf } from './modules/sdl.ts';
import type { Shrunk } from './shrink.ts';

const answer = ({ data, errors = [] }: ExecutionResult): string =>
  [
    JSON.stringify(data),
    ...errors.map(
      ({ path, message, extensions, originalError }) =>
        `  ${JSON.stringify(path)} ${String(extensions.code ?? '')} ${originalError?.message ?? message}`,
    ),
  ].join('\n');

const how = ({ name, fields, merge }: ObjectModel): readonly string[] => [
  ...(merge === null
    ? []
    : merge.map(
        ({ key, load }) => `# ${name} is merged by ${key.join(' and ')}${load === null ? '' : `, with ${load}`}`,
      )),
  ...fields.map((field) => {
    const { by } = field.how;
    const loaded =
      field.how.by === 'loaded'
        ? ` ${field.how.loader} by ${field.how.computed ? 'a function' : field.how.key.join(' and ')}${field.how.map ? ', mapped' : ''}`
        : '';
    const needs = field.needs.length > 0 ? `, needs ${field.needs.join(' and ')}` : '';
    return `# ${name}.${field.name}: ${by}${loaded}${needs}`;
  }),
];

const modulesText = (model: Model): string =>
  model.modules
    .map((module) => `## module ${module.name}\n${sdlOf(module).trim()}\n${module.objects.flatMap(how).join('\n')}`)
    .join('\n\n');

/** Report of a failing case: how to repeat it, the operation, and both answers. */
export const reportOf = (model: Model, repeat: string, { one, outcome }: Shrunk): string => {
  const fields = new Set<string>();
  visit(one.document, {
    Field: ({ name }) => void fields.add(name.value),
  });
  const operation = one.document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  return [
    `# ${repeat}`,
    ...outcome.differences.map((difference) => `- ${difference}`),
    '',
    `${operation?.kind === Kind.OPERATION_DEFINITION ? print(one.document) : ''}`,
    `variables: ${JSON.stringify(one.variables)}`,
    `principal: ${JSON.stringify(one.principal)}`,
    `deliberate faults: ${JSON.stringify(outcome.broken)}`,
    '',
    `got: ${answer(outcome.got)}`,
    `expected: ${answer(outcome.expected)}`,
    '',
    modulesText(relevantTo(model, fields)),
  ].join('\n');
};
