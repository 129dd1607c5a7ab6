import { Random } from '../../random.ts';
import { type FieldModel, type Model, named, nonNull } from '../model.ts';
import { Draft } from './draft.ts';
import { randomEntity, randomNamespace } from './random-entities.ts';
import { computedFields, shareableField } from './random-needs.ts';

/** Modules that may be over a service: their enums have texts as internal values. */
const SERVICES: ReadonlySet<string> = new Set(['a', 'b', 'd', 'e']);

const addMoney = (draft: Draft): string => {
  const money = draft.object('Money');
  const by = draft.model.isService ? 'property' : draft.random.pick(['property', 'async'] as const);
  const field = (name: string, type: FieldModel['type']): FieldModel => ({
    name,
    type,
    args: [],
    directives: [],
    how: { by },
    needs: [],
  });
  money.fields.push(field('amount', nonNull(named('Int'))), field('currency', named('String')));
  return money.name;
};

/** Modules that compose, most of the time. */
export const randomModel = (seed: string): Model => {
  const random = new Random(`model ${seed}`);
  const names = ['a', 'b', 'c', 'd', 'e', 'f'].slice(0, random.between(2, 6));
  const services = new Set(
    random.some(
      names.filter((name) => SERVICES.has(name)),
      0.25,
    ),
  );
  const drafts = names.map((name) => new Draft(random, name, random.chance(0.75), services.has(name)));
  const shares = new Set(drafts.flatMap(({ model }) => (model.shares ? [model.name] : [])));
  const choice = { modules: names, shares, services };
  const entities = Array.from({ length: random.between(1, 3) }, (_, at) => randomEntity(random, `E${at}`, choice));
  const namespace = random.chance(0.35) ? randomNamespace(random, 'N0', choice) : null;
  const plans = [...entities, namespace].filter((plan) => plan !== null);
  for (const draft of drafts) {
    for (const plan of plans) draft.part(plan);
    const values = Array.from({ length: random.between(1, 3) }, () => draft.object(draft.named('V')));
    const brought = draft.model.objects.filter(({ name }) => {
      const part = plans.find((plan) => plan.name === name)?.parts.get(draft.model.name);
      return part?.brings === true;
    });
    const money = random.chance(0.3) ? [addMoney(draft)] : [];
    draft.abstracts([...values, ...brought]);
    const composites = [
      ...values.map(({ name }) => name),
      // More often than others, because joins are the subject.
      ...brought.flatMap(({ name }) => [name, name, name]),
      ...draft.model.abstracts.flatMap(({ name }) => [name, name]),
    ];
    // Payloads lead back to the root, as in Relay.
    const root = draft.random.chance(0.4) ? ['Query'] : [];
    draft.fields([...composites, ...money, ...root]);
    draft.roots(composites);
  }
  for (const plan of plans) {
    if (random.chance(0.6)) shareableField(random, plan, drafts);
    computedFields(random, plan, drafts);
  }
  return { seed, modules: drafts.map(({ model }) => model) };
};
