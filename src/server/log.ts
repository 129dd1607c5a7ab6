export type { Log } from '../telemetry/log.ts';
