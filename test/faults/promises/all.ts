import { allDown } from './all-down.ts';
import { amplification } from './amplification.ts';
import { askedForTime } from './asked-for-time.ts';
import { attemptsAtTheDead } from './attempts-at-the-dead.ts';
import { badCanary } from './bad-canary.ts';
import { bombs } from './bombs.ts';
import { brokenAnswers } from './broken-answers.ts';
import { circuitModel, partialFailure, twoGateways, wrongData } from './by-suite.ts';
import { cancellation } from './cancellation.ts';
import { comesBack } from './comes-back.ts';
import { deadline } from './deadline.ts';
import { ejectionCap } from './ejection-cap.ts';
import { fastFailer } from './fast-failer.ts';
import { freezeOne } from './freeze-one.ts';
import { hungShadow } from './hung-shadow.ts';
import { idleConnections } from './idle-connections.ts';
import { killOne } from './kill-one.ts';
import { lapsedLease } from './lapsed-lease.ts';
import { listChange } from './list-change.ts';
import { abusiveCaller, badCards, brokenRoute, loneEndpoint } from './other-callers.ts';
import { panic } from './panic.ts';
import { priorities } from './priorities.ts';
import type { FaultPromise } from './promise.ts';
import { slowOne } from './slow-one.ts';
import { subsetLoss } from './subset-loss.ts';
import { writesOnce } from './writes-once.ts';
import { zoneLoss } from './zone-loss.ts';

/** In the order of the table. */
export const PROMISES: readonly FaultPromise[] = [
  killOne,
  attemptsAtTheDead,
  freezeOne,
  brokenAnswers,
  slowOne,
  fastFailer,
  askedForTime,
  allDown,
  comesBack,
  amplification,
  writesOnce,
  deadline,
  cancellation,
  priorities,
  panic,
  ejectionCap,
  idleConnections,
  bombs,
  partialFailure,
  wrongData,
  listChange,
  lapsedLease,
  twoGateways,
  badCanary,
  subsetLoss,
  zoneLoss,
  hungShadow,
  badCards,
  abusiveCaller,
  brokenRoute,
  loneEndpoint,
  circuitModel,
];
