import protobuf from 'protobufjs';

/** A message of a .proto file as protobufjs knows it: another implementation to write and read messages with. */
export const protobufjsType = (path: string, name: string): protobuf.Type => protobuf.loadSync(path).lookupType(name);
