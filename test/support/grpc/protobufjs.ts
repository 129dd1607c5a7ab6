import protobuf from 'protobufjs';

/** A message type of a .proto file in protobufjs, an independent implementation. */
export const protobufjsType = (path: string, name: string): protobuf.Type => protobuf.loadSync(path).lookupType(name);
