import { createFileRegistry, fromBinary, toJson } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { expect, test } from 'vitest';
import { declarationsOf } from '../../../../../test/support/grpc/declarations.ts';
import { findProto, type ProtoSource } from '../../../../protobuf/find-proto.ts';
import { runProtoc } from '../../../../protobuf/protoc.ts';
import { testFolder } from '../../../codegen/test-folder.ts';
import { protoFileText } from './file-text.ts';

/** The descriptor without comments, with custom options. */
const descriptorOf = (source: ProtoSource): unknown => {
  const set = fromBinary(FileDescriptorSetSchema, runProtoc(findProto(source)));
  const registry = createFileRegistry(set);
  const file = set.file.find(({ name }) => name === 'old.proto');
  if (file === undefined) throw new Error('no descriptor');
  return { ...Object(toJson(FileDescriptorProtoSchema, file, { registry })), sourceCodeInfo: null };
};

test.each([
  [
    'proto2',
    `syntax = "proto2";
    package old.v1;
    import public "google/protobuf/descriptor.proto";
    extend google.protobuf.FieldOptions { optional Hint hint = 50001; repeated string tags = 50002; }
    message Hint { optional string text = 1; optional double weight = 2; optional Level level = 3; optional bytes raw = 4; }
    enum Level { option allow_alias = true; LOW = 0; SMALL = 0; HIGH = -5 [deprecated = true]; reserved 7, 9 to 11; reserved "MID"; }
    service Old { rpc Ask(Question) returns (Question) { option idempotency_level = IDEMPOTENT; } }
    message Question {
      required int32 number = 1;
      optional string text = 2 [default = "a \\"b\\" \\\\ \\n", deprecated = true, (hint) = { text: "it's \\"x\\"" weight: inf level: HIGH raw: "\\001\\377" }, (tags) = "a", (tags) = "b"];
      optional bytes raw = 3 [default = "\\001\\"x"];
      optional double most = 4 [default = -inf];
      optional Level level = 5 [default = HIGH];
      optional bool is_set = 6 [default = true];
      repeated int32 packed = 7 [packed = true];
      repeated group Part = 8 { optional string name = 1; }
      optional group One = 9 { required int32 value = 1; }
      map<string, Question> others = 10;
      oneof choice { string left = 11; int32 right = 12; }
      optional string odd__name_2 = 13 [json_name = "odd"];
      reserved 20 to 25, 30; reserved "gone", "lost";
      extensions 100 to 199; extensions 1000 to max;
      message Inner { optional Level level = 1; enum Kind { A = 1; } optional Kind kind = 2; }
      optional Inner inner = 14;
    }
    extend Question { optional int32 added = 100; optional Question.Inner more = 101; }`,
  ],
  [
    'editions',
    `edition = "2023";
    package old.v1;
    option features.field_presence = IMPLICIT;
    service Old { rpc Ask(Question) returns (stream Question); rpc Tell(stream Question) returns (Question); }
    message Question {
      string text = 1;
      string other = 2 [features.field_presence = EXPLICIT];
      repeated int32 list = 3 [features.repeated_field_encoding = EXPANDED];
      Question delimited = 4 [features.message_encoding = DELIMITED];
      Level level = 5 [features.field_presence = EXPLICIT];
      reserved gone;
    }
    enum Level { option features.enum_type = CLOSED; LEVEL_LOW = 0; }`,
  ],
])('%s: every declaration is written', (_, text) => {
  const source = { folder: testFolder({ 'old.proto': text }), proto: 'old.proto' };
  const set = fromBinary(FileDescriptorSetSchema, runProtoc(findProto(source)));
  const registry = createFileRegistry(set);
  const file = set.file.find(({ name }) => name === 'old.proto');
  if (file === undefined) throw new Error('no descriptor');
  const folder = testFolder({ 'old.proto': protoFileText(file, registry) });
  expect(declarationsOf({ folder, proto: 'old.proto' })).toEqual(declarationsOf(source));
  // Options of the gateway's reader are not all of them: the descriptors are equal too.
  expect(descriptorOf({ folder, proto: 'old.proto' })).toEqual(descriptorOf(source));
});
