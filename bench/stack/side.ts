import type { Endpoints } from '../backends/messages.ts';
import { roundsOf } from './rounds.ts';
import { contenderOf, type Which } from './stack.ts';

/**
 * One contender in a process of its own, as a program has one client. Two in one process share a heap and what V8 has learnt of
 * Node's own code: neither's figure is its own.
 *
 * Its arguments, as JSON, are which one it is and the backends' endpoints. For a number it makes so many calls, and sends the
 * CPU of one.
 */
const [which, endpoints] = JSON.parse(process.argv[2] ?? '[]') as [Which, Endpoints]; // what main.ts forks it with
const contender = contenderOf(which, endpoints);
const measure = roundsOf(contender);

process.on('message', (calls) => {
  void measure(Number(calls)).then((cost) => process.send?.(cost));
});
process.on('disconnect', () => process.exit(0));
process.send?.(contender.name);
