/** The object in the body of a request, whatever format it came in. */
import type { Kind } from '#api/kind.ts'
import { decodeMessage } from '#api/protobuf/decode.ts'
import { decodeProtobuf } from '#api/protobuf/envelope.ts'
import { ProtobufError } from '#api/protobuf/protobuf-error.ts'
import { unsupportedMediaType } from '#api/status.ts'
import type { ResourceContext } from '../request-context.ts'
import type { ApiObject } from '../stored-object.ts'
import {
  decodedBody,
  type FieldValidation,
  type ParsedBody,
  parsedJsonBody,
  parsedYamlBody,
  unrecognized,
} from './decode-body.ts'
import { json, mediaTypeOf, objectMediaTypes, protobuf, yaml } from './media-types.ts'

export function requestObject(
  { headers, body, warnings }: ResourceContext,
  kind: Kind,
  level: FieldValidation,
): ApiObject {
  const parsed = parsedBody(headers['content-type'], body, kind, level)
  return decodedBody(parsed, body, kind, level, warnings)
}

/** A body read by its content type; JSON where the client names none. */
export function parsedBody(
  contentType: string | undefined,
  body: Buffer,
  kind: Kind,
  level: FieldValidation,
): ParsedBody {
  switch (mediaTypeOf(contentType) || json) {
    case json:
      return parsedJsonBody(body, kind, level)
    case yaml:
      return parsedYamlBody(body, kind, level)
    case protobuf:
      return parsedProtobufBody(body, kind)
    default:
      throw unsupportedMediaType(objectMediaTypes)
  }
}

/** What the envelope names is checked like the fields of JSON; the message is read as this kind. */
function parsedProtobufBody(body: Buffer, kind: Kind): ParsedBody {
  try {
    const { apiVersion, kind: name, raw } = decodeProtobuf(body)
    const message = decodeMessage(kind.schema, raw) as object
    return { value: { ...message, apiVersion, kind: name }, flaws: [] }
  } catch (error) {
    if (error instanceof ProtobufError) throw unrecognized(kind, error.message, body)
    throw error
  }
}
