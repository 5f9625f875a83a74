/** The one error of bytes that are no protobuf message of the expected kind. */

export class ProtobufError extends Error {
  override readonly name = 'ProtobufError'
}
