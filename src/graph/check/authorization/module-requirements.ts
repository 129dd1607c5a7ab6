import { computedFields, type ReadModule } from '../../compose/composition.ts';
import { leafRequirements } from '../../directives/authorization/input-parts.ts';
import { InputRequirements } from '../../directives/authorization/input-requirements.ts';
import type { Requirements } from '../../directives/authorization/requirement.ts';
import { inheriting, requirementsOf } from '../../directives/authorization/requirements.ts';
import type { ModuleDocument } from '../../directives/type-parts.ts';
import type { ParsedModule } from '../parsed-module.ts';

const readModules = (readings: readonly ParsedModule[]): readonly ReadModule[] =>
  readings.flatMap(({ module, sdl }) => (sdl.is === 'read' ? [{ module, sdl: sdl.sdl }] : []));

/** The SDL of all modules that can be read. */
export const documentsOf = (readings: readonly ParsedModule[]): readonly ModuleDocument[] =>
  readModules(readings).map(({ module, sdl }) => ({ module: module.name, document: sdl.document }));

/** The requirements of all fields of the modules that can be read. */
export const requirementsIn = (readings: readonly ParsedModule[]): Requirements => {
  const documents = documentsOf(readings);
  const inputs = new InputRequirements(documents, leafRequirements(documents));
  return inheriting(requirementsOf(documents), inputs, computedFields(readModules(readings)));
};
