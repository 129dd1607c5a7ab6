import type { WaitCause } from '../telemetry/metrics/metrics.ts';
import { ATTR_WAITS } from '../telemetry/names.ts';
import type { Call } from './call.ts';

/** Records a wait of a call before it was sent: in the metrics, in the span of the call and in the record of the request. */
export const recordWait = ({ request, upstream }: Call, cause: WaitCause, ms: number): void => {
  if (request === null || ms <= 0) return;
  request.record.callWaited(upstream, cause, ms);
  if (request.isRecording) request.set({ [ATTR_WAITS[cause]]: ms });
};
