import { expect, test } from 'vitest';
import { reportIn } from './load-report.ts';
import { encodeReport } from './orca-report.ts';

const MESSAGE = {
  cpu_utilization: 0.3,
  application_utilization: 0.5,
  rps_fractional: 120,
  eps: 2,
  named_metrics: [
    { key: 'rif', value: 4 },
    { key: 'latency_ms', value: 12.5 },
    { key: 'other', value: -1 },
  ],
};
const BINARY = Buffer.from(encodeReport(MESSAGE)).toString('base64');
const REPORT = { utilization: 0.5, qps: 120, eps: 2, inFlight: 4, latencyMs: 12.5 };
const TEXT =
  'TEXT cpu_utilization=0.3, application_utilization=0.5,rps_fractional=120,eps=2,named_metrics.rif=4,named_metrics.latency_ms=12.5';

test.each([
  ['the text form', { 'endpoint-load-metrics': TEXT }],
  ['the text form with colons', { 'endpoint-load-metrics': TEXT.replaceAll('=', ':') }],
  [
    'the JSON form',
    {
      'endpoint-load-metrics':
        'JSON {"cpu_utilization":0.3,"applicationUtilization":0.5,"rpsFractional":120,"eps":2,"namedMetrics":{"rif":4,"latency_ms":12.5,"other":-1}}',
    },
  ],
  ['the binary form', { 'endpoint-load-metrics': `BIN ${BINARY}` }],
  ['the binary header', { 'endpoint-load-metrics-bin': BINARY }],
  ['the binary header without padding', { 'endpoint-load-metrics-bin': BINARY.replace(/=+$/, '') }],
  ['both headers', { 'endpoint-load-metrics-bin': BINARY, 'endpoint-load-metrics': 'TEXT cpu_utilization=0.9' }],
])('%s of a load report has every metric', (_, headers) => {
  expect(reportIn(headers)).toEqual(REPORT);
});

test('a report without application_utilization has the utilization of the CPU, and no calls in flight', () => {
  expect(reportIn({ 'endpoint-load-metrics': 'TEXT cpu_utilization=1.3' })).toEqual({
    utilization: 1.3,
    qps: 0,
    eps: 0,
    inFlight: null,
    latencyMs: null,
  });
});

test.each([
  'TEXT cpu_utilization=NaN',
  'TEXT cpu_utilization=-0.1,rps_fractional=10',
  'TEXT cpu_utilization=0.1,rps_fractional=Infinity',
  'TEXT cpu_utilization=0.1,rps_fractional=1e300',
  'TEXT cpu_utilization=0.1,eps=many',
  'JSON {"cpu_utilization":"high"}',
  'JSON {"named_metrics":{"rif":-1}}',
  'JSON {',
  'BIN !!!!',
  `BIN ${Buffer.from('no message').toString('base64')}`,
  'YAML cpu_utilization: 1',
  `TEXT ${'a'.repeat(9_000)}`,
  '',
])('nothing of an invalid report is used: %s', (header) => {
  const report = reportIn({ 'endpoint-load-metrics': header });
  // Bytes without a known field are an empty report, which has no metric.
  if (report !== null) expect(report).toEqual({ utilization: 0, qps: 0, eps: 0, inFlight: null, latencyMs: null });
});

test('an answer without a report has none', () => {
  expect(reportIn({ 'content-type': 'application/json' })).toBeNull();
});
