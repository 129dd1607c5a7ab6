import { bySuite } from '../suite.ts';
import type { FaultPromise } from './promise.ts';

const OF = { rest: /accounts|catalog|orders/, grpc: /inventory/ } as const;

export const partialFailure: FaultPromise = {
  id: 'partial-failure',
  promises:
    'a dead backend: its fields are null with one error each, all others complete (through the gateway, each backend in turn)',
  run: ({ protocol }) =>
    bySuite(['test/integration/one-backend-down.test.ts'], OF[protocol.name], 'tests with a dead backend'),
};

export const wrongData: FaultPromise = {
  id: 'wrong-data',
  promises:
    'wrong type, missing or null field, other order, short list, duplicate ids: right, or an error at the right path',
  run: ({ protocol }) => bySuite(['test/integration/wrong-answers.test.ts'], OF[protocol.name], 'wrong answers'),
};

export const twoGateways: FaultPromise = {
  id: 'two-gateways',
  promises:
    'an endpoint whose lease lapses has no calls one second later, on two gateways; a killed Redis removes no endpoint (the same for both)',
  run: () => bySuite(['test/integration/registrations.test.ts'], /./, 'tests with registrations in a Redis'),
};

export const circuitModel: FaultPromise = {
  id: 'circuit-model',
  promises:
    'over 10,000 random sequences of events a circuit is what its reference model is (simulated; the same for both)',
  run: () => bySuite(['src/upstream/circuit/model.test.ts'], /./, 'model test(s) over 10,000 sequences'),
};
