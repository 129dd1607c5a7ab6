import type { FieldNode } from 'graphql';
import { type ModuleDocument, type TypePart, typeParts } from '../type-parts.ts';
import { anyValue } from './given-inputs.ts';
import { type LeafRequirements, leafRequirements, nameOfType } from './input-parts.ts';
import type { InputRequirements } from './input-requirements.ts';
import { all, coordinate, isNone, NONE, type Requirement, type Requirements, written } from './requirement.ts';

/** Returns the requirements of one field from all modules: its own, and those of its type, interfaces and enum. */
const requirementOf = (
  type: string,
  field: string,
  parts: readonly TypePart[],
  leaves: LeafRequirements,
): Requirement => {
  const own = parts.filter(({ name }) => name === type);
  const implemented = new Set(own.flatMap(({ interfaces }) => interfaces));
  const provides = (type: string): boolean =>
    parts.some(({ name, fields }) => name === type && fields.some((one) => one.name.value === field));
  // An interface may have several parts: requirements of one part apply to the fields of all.
  const above = parts.filter(({ name }) => implemented.has(name) && provides(name));
  return all(
    [...own, ...above].map((part) =>
      all([
        written(part.module, part.directives),
        ...part.fields
          .filter(({ name }) => name.value === field)
          .flatMap((node) => [written(part.module, node.directives), leaves.get(nameOfType(node.type)) ?? NONE]),
      ]),
    ),
  );
};

/** A field of a type, in any module. */
export interface FieldRead {
  readonly type: string;
  readonly field: string;
  /** The read with its arguments, which the module wrote; undefined without any. */
  readonly node?: FieldNode | undefined;
}

/** A field that is computed from others: those in `needs`, and those selected below them. */
export interface ComputedField extends FieldRead {
  readonly from: readonly FieldRead[];
}

/**
 * Adds the requirements of their source fields to computed fields, with those of the arguments of the sources. A source
 * may be computed, too.
 */
export const inheriting = (
  requirements: Requirements,
  inputs: InputRequirements,
  computed: readonly ComputedField[],
): Requirements => {
  const sources = new Map(computed.map(({ type, field, from }) => [coordinate(type, field), from]));
  const inherited = new Map(requirements);
  for (const { type, field } of computed) {
    // The set grows during the loop.
    const read = new Set([coordinate(type, field)]);
    const given: Requirement[] = [];
    for (const one of read)
      for (const { node, ...source } of sources.get(one) ?? []) {
        const at = coordinate(source.type, source.field);
        read.add(at);
        if (node !== undefined) given.push(...inputs.given(at, node, anyValue).map(({ requirement }) => requirement));
      }
    const required = all([...[...read].map((one) => requirements.get(one) ?? NONE), ...given]);
    if (!isNone(required)) inherited.set(coordinate(type, field), required);
  }
  return inherited;
};

/**
 * Returns the requirements of every field of every object type. All apply: the field's own, those of its type (also for
 * fields that other modules add to it), those of the interfaces that have the field, and those of the enum or scalar
 * that it returns.
 */
export const requirementsOf = (documents: readonly ModuleDocument[]): Requirements => {
  const leaves = leafRequirements(documents);
  const parts = typeParts(documents);
  const requirements = new Map<string, Requirement>();
  for (const part of parts) {
    if (part.isInterface) continue;
    for (const { name } of part.fields) {
      const requirement = requirementOf(part.name, name.value, parts, leaves);
      if (!isNone(requirement)) requirements.set(coordinate(part.name, name.value), requirement);
    }
  }
  return requirements;
};
