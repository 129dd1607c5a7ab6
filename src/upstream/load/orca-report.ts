import { Decoder } from '../../protobuf/codec/decode.ts';
import { Encoder } from '../../protobuf/codec/encode.ts';
import { builtInField as field, builtInMessage as message } from '../../protobuf/type-model.ts';

// From https://github.com/cncf/xds: xds/data/orca/v3/orca_load_report.proto and xds/service/orca/v3/orca.proto.
const METRIC = message('xds.data.orca.v3.OrcaLoadReport.NamedMetricsEntry', [
  field(1, 'key', 'string'),
  field(2, 'value', 'double'),
]);
const REPORT = message('xds.data.orca.v3.OrcaLoadReport', [
  field(1, 'cpu_utilization', 'double'),
  field(6, 'rps_fractional', 'double'),
  field(7, 'eps', 'double'),
  // A map has the same bytes as a list of its entries.
  field(8, 'named_metrics', METRIC, 'list'),
  field(9, 'application_utilization', 'double'),
]);
const DURATION = message('google.protobuf.Duration', [field(1, 'seconds', 'int32'), field(2, 'nanos', 'int32')]);
const REQUEST = message('xds.service.orca.v3.OrcaLoadReportRequest', [field(1, 'report_interval', DURATION)]);

interface OrcaLoadReport {
  readonly cpu_utilization: number;
  readonly rps_fractional: number;
  readonly eps: number;
  readonly named_metrics: readonly { readonly key: string; readonly value: number }[];
  readonly application_utilization: number;
}

/** Narrows a value that `decodeReport` returned. */
export const isLoadReport = (value: unknown): value is OrcaLoadReport =>
  typeof value === 'object' && value !== null && 'named_metrics' in value;

/** Decodes an `OrcaLoadReport`. Its other fields are skipped. @throws Error for bytes that are none */
export const decodeReport: (bytes: Uint8Array) => unknown = new Decoder().for(REPORT);

/** Encodes an `OrcaLoadReport`. */
export const encodeReport = new Encoder().for(REPORT);

const encodeRequest = new Encoder().for(REQUEST);

/** The request for a report every `ms` milliseconds. */
export const reportRequest = (ms: number): Uint8Array =>
  encodeRequest({ report_interval: { seconds: Math.floor(ms / 1_000), nanos: Math.round((ms % 1_000) * 1e6) } });

/** Decodes a report in base64, with or without padding. @throws Error for bytes that are none */
export const reportFromBinary = (text: string): unknown => decodeReport(Buffer.from(text.trim(), 'base64'));
