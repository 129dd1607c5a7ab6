import { attackSuite } from './attacks/attack-suite.ts';

attackSuite('long way', false);
