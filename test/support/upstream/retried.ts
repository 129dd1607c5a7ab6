import type { Call } from '../../../src/upstream/call.ts';
import { type RetryOptions, trafficSettings } from '../../../src/upstream/options.ts';
import { RetryBudget } from '../../../src/upstream/retry/budget.ts';
import { retry } from '../../../src/upstream/retry/layer.ts';
import { failureOf, type ManualTools, manualDependencies, settled } from './scripted-send.ts';

/** The retry layer with these options, and its budget. */
export const layerWith = (dependencies: ManualTools, options: RetryOptions | false = {}, hasOthers = () => true) => {
  const { retry: settings } = trafficSettings({ retry: options });
  const budget = new RetryBudget(settings ?? { budgetRatio: 0.2, budgetPerSecond: 10 }, dependencies.clock);
  return { layer: retry(settings, budget, dependencies, hasOthers), budget };
};

/** Returns the number of attempts of a call that always fails with this error. */
export const attemptsOf = async (
  call: Call,
  error: () => Error,
  options: RetryOptions | false = {},
  dependencies = manualDependencies(),
) => {
  const sent: Call[] = [];
  const { layer } = layerWith(dependencies, options);
  let over = false;
  const failure = failureOf(
    layer((attempt) => {
      sent.push(attempt);
      return Promise.reject(error());
    })(call),
  ).finally(() => {
    over = true;
  });
  for (let ms = 0; !over && ms < 2_000; ms += 10) {
    await settled();
    dependencies.clock.advance(10);
  }
  await failure;
  return sent.length;
};
