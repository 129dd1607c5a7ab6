/** A mutant: one place in the sources, and its replacement. */
export interface Plant {
  readonly what: string;
  readonly file: string;
  readonly code: string;
  readonly instead: string;
}

/** Mutants with typical bugs of an executor. Each must be detected. */
export const PLANTS: readonly Plant[] = [
  {
    what: 'the index in a list is lost',
    file: 'src/execution/run/build-response.ts',
    code: '[...path, at]);',
    instead: 'path);',
  },
  {
    what: 'null propagates one level too little',
    file: 'src/execution/run/build-response.ts',
    code: 'if (value === NULLED) return NULLED;\n      built[key] = value;',
    instead: 'built[key] = value === NULLED ? null : value;',
  },
  {
    what: 'a field repeated in a fragment moves to the end',
    file: 'src/execution/plan/collect-fields.ts',
    code: 'else same.push(node);',
    instead: 'else {\n        fields.delete(key);\n        fields.set(key, [...same, node]);\n      }',
  },
  {
    what: 'arguments of one field are reused for all',
    file: 'src/execution/plan/compiler.ts',
    code: 'const values = getArgumentValues(definition, node);',
    instead:
      'const values = ((definition.extensions as never)["kept"] ??= getArgumentValues(definition, node) as never);',
  },
  {
    what: 'the default of a condition’s variable is ignored',
    file: 'src/execution/plan/plan-cache.ts',
    code: '[name, variables[name]]',
    instead:
      '[name, operation.variableDefinitions?.some((one) => one.variable.name.value === name && one.defaultValue) || variables[name]]',
  },
  {
    what: 'an enum’s internal value reaches clients',
    file: 'src/execution/plan/leaf-types.ts',
    code: 'const serialized: unknown = own(value);',
    instead: 'const serialized: unknown = isEnumType(type) ? value : own(value);',
  },
  {
    what: 'root fields of a mutation run concurrently',
    file: 'src/execution/run/execute-plan.ts',
    code: "if (plan.operation.operation === 'mutation') serially",
    instead: 'if (plan.operation.kind === undefined) serially',
  },
  {
    what: 'the error below a nulled parent is reported twice',
    file: 'src/execution/run/build-response.ts',
    code: 'return built === NULLED && !shape.nonNull ? null : built;',
    instead: `if (built === NULLED && !shape.nonNull && !(value instanceof FieldFailure)) this.errors.push(...this.errors.slice(-1));
    return built === NULLED && !shape.nonNull ? null : built;`,
  },
  {
    what: '__typename returns the interface',
    file: 'src/execution/plan/compiler.ts',
    code: 'same[0].name.value === TYPENAME ? name : builder.add(key, same)',
    instead: 'same[0].name.value === TYPENAME ? (type.getInterfaces()[0]?.name ?? name) : builder.add(key, same)',
  },
  {
    what: 'the fast path accepts null in a non-null field',
    file: 'src/execution/plan/row-codegen.ts',
    code: 'tests.push(shape.nonNull ? isValid : ',
    instead: 'tests.push(',
  },
  {
    what: 'null instead of a value is an internal error',
    file: 'src/execution/run/plan-execution.ts',
    code: 'coercing(() => getArgumentValues(definition, node, this.variablesOf(module)))',
    instead: 'getArgumentValues(definition, node, this.variablesOf(module))',
  },
  {
    what: 'a root type below the root receives the payload as its parent',
    file: 'src/execution/run/entity-join.ts',
    code: 'isRoot ? undefined : input',
    instead: 'isRoot && input === null ? undefined : input',
  },
  {
    what: 'a null key is sent',
    file: 'src/execution/run/entity-join.ts',
    code: 'input === null ? MISSING : map(input)',
    instead: 'map(input)',
  },
  {
    what: 'a joined entity has its key as the backend formats it',
    file: 'src/execution/run/join-inputs.ts',
    code: '{ [name]: input }',
    instead: '{}',
  },
  {
    what: 'a reference is treated as a complete row',
    file: 'src/execution/run/field-execution.ts',
    code: 'reference === undefined ? requested : reference.selection()',
    instead: 'reference === undefined ? requested : requested',
  },
  {
    what: 'an entity is joined by another key than the one that was chosen',
    file: 'src/backend/merge/entity-keys.ts',
    code: 'if (fields.length === 1 && single !== undefined) return values[single];',
    instead: 'if (fields.length === 1 && single !== undefined) return Object.values(values).at(-1);',
  },
  {
    what: 'a reference by the second key is completed by the first',
    file: 'src/execution/plan/compiler.ts',
    code: 'reference: key }, nodes)',
    instead: 'reference: builder.referenceKeys()[0]?.key ?? key }, nodes)',
  },
  {
    what: 'joins by different keys of one module are one join',
    file: 'src/execution/plan/field-owners.ts',
    code: 'name: joinName(module, key, needs)',
    instead: 'name: joinName(module, keys[0] ?? key, needs)',
  },
  {
    what: 'the first module of a shareable field is called, whatever else is called',
    file: 'src/execution/plan/join-choice.ts',
    code: '      .toSorted(compareCosts);',
    instead: '      .slice(0, 1);',
  },
  {
    what: 'a shareable field is loaded although the row has it',
    file: 'src/execution/plan/field-owners.ts',
    code: 'return this.#hasField(module, type, field) && this.needsOf(module, type, field) === null;',
    instead:
      "return this.#hasField(module, type, field) && this.needsOf(module, type, field) === null && !(field.startsWith('s') && this.possibleJoins(type, field).length > 1);",
  },
  {
    what: 'a dangling reference is an internal error',
    file: 'src/execution/run/field-failure.ts',
    code: "new GatewayError('NOT_FOUND', 'Not found.')",
    instead: "new GatewayError('INTERNAL_SERVER_ERROR', 'Not found.')",
  },
  {
    what: 'fields of a service with other arguments share a value',
    file: 'src/backend/remote/service.ts',
    code: '`${base}__${numbers.ofArguments(args)}`',
    instead: '`${base}__1`',
  },
  {
    what: 'a field of a service with two selections is requested once',
    file: 'src/backend/remote/service.ts',
    code: 'return number === 1 ? property',
    instead: 'return number > 0 ? property',
  },
  {
    what: 'a service is called twice for a field',
    file: 'src/backend/remote/remote-operation.ts',
    code: 'const answer = await client.execute(operation, { variables, idempotencyKey });',
    instead:
      'await client.execute(operation, { variables, idempotencyKey });\n  const answer = await client.execute(operation, { variables, idempotencyKey });',
  },
  {
    what: 'a field with invalid arguments is requested of a service',
    file: 'src/backend/remote/service-selection.ts',
    code: 'if (this.#refused.has(field.source)) continue;',
    instead: '',
  },
  {
    what: 'a scalar of a service is not converted to its internal value',
    file: 'src/backend/remote/service-selection.ts',
    code: 'scalar === undefined ? readAny : readScalar(scalar)',
    instead: 'scalar === undefined ? readAny : readAny',
  },
  {
    what: '"not found" below a null of a service is the absence of the value above it',
    file: 'src/backend/remote/place-errors.ts',
    code: 'path.length > depth',
    instead: 'path.length > depth + 9',
  },
  {
    what: 'rows of a service are matched by their position',
    file: 'src/backend/remote/remote-rows.ts',
    code: 'return [textOf.get(keyOfRow(item, load.keys)), read(item)];',
    instead: 'return [texts[at], read(item)];',
  },
  {
    what: 'a key is sent to a service with its internal value',
    file: 'src/backend/remote/remote-rows.ts',
    code: 'scalar === undefined ? value : scalar.serialize(value)',
    instead: 'value',
  },
  {
    what: 'a row of a service with nothing but keys is completed',
    file: 'src/execution/reference.ts',
    code: ' && !isServiceRow(row)',
    instead: '',
  },
  {
    what: 'needed objects are not requested of a service',
    file: 'src/execution/plan/requested-rows.ts',
    code: '[...fields, ...hidden].flatMap(requestedField)',
    instead: "[...fields, ...hidden.filter(({ shape }) => shape.is === 'leaf')].flatMap(requestedField)",
  },
  {
    what: 'a failed part of a needed object fails the object',
    file: 'src/execution/run/join-inputs.ts',
    code: 'if (shape.nonNull) throw error;',
    instead: 'throw error;',
  },
  {
    what: 'arguments in needs are ignored',
    file: 'src/execution/plan/compiler.ts',
    code: "args: node === undefined ? { are: 'none' }",
    instead: "args: node === undefined || joins !== undefined ? { are: 'none' }",
  },
  {
    what: 'the resolver of an interface is preferred to that of its type',
    file: 'src/graph/compose/interface-resolvers.ts',
    code: '...inherited, fieldsIn(module.resolvers, type))',
    instead: 'fieldsIn(module.resolvers, type), ...inherited)',
  },
  {
    what: 'a namespace has no parent in the modules that join it',
    file: 'src/execution/run/entity-join.ts',
    code: 'isRoot ? undefined : input',
    instead: 'isRoot || join.inputs.length === 0 ? undefined : input',
  },
];
