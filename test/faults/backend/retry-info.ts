import protobuf from 'protobufjs';

const { root } = protobuf.parse(`
  syntax = "proto3";
  package google.rpc;
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message Any { string type_url = 1; bytes value = 2; }
  message RetryInfo { Duration retry_delay = 1; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }`);
root.resolveAll();

const RESOURCE_EXHAUSTED = 8;

/** A `google.rpc.Status` with a retry delay of this many seconds. */
export const retryInfo = (seconds: number): Buffer => {
  const info = root.lookupType('google.rpc.RetryInfo').encode({ retryDelay: { seconds } }).finish();
  const details = [{ typeUrl: 'type.googleapis.com/google.rpc.RetryInfo', value: info }];
  return Buffer.from(root.lookupType('google.rpc.Status').encode({ code: RESOURCE_EXHAUSTED, details }).finish());
};
