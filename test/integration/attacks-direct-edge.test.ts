import { attackSuite } from './attacks/attack-suite.ts';

attackSuite('direct edge', true);
