/** FIXME: one sentence. */
import { int32, listOf, omitEmpty, type Stored, string, struct, wordOf } from '../../schema.ts'

export const statusCause = struct('meta.v1.StatusCause', '', {
  reason: omitEmpty(
    1,
    wordOf(
      'NamespaceTerminating',
      'FieldValueNotFound',
      'FieldValueRequired',
      'FieldValueDuplicate',
      'FieldValueInvalid',
      'FieldValueNotSupported',
      'FieldValueForbidden',
      'FieldValueTooLong',
      'FieldValueTooMany',
      'InternalError',
      'FieldValueTypeInvalid',
      'UnexpectedServerResponse',
      'FieldManagerConflict',
      'ResourceVersionTooLarge',
      'DisruptionBudget',
    ),
    '',
  ),
  message: omitEmpty(2, string, ''),
  field: omitEmpty(3, string, ''),
})
export interface StatusCause extends Stored<typeof statusCause> {}

export const statusDetails = struct('meta.v1.StatusDetails', '', {
  name: omitEmpty(1, string, ''),
  group: omitEmpty(2, string, ''),
  kind: omitEmpty(3, string, ''),
  uid: omitEmpty(6, string, ''),
  causes: omitEmpty(4, listOf(statusCause, { listType: 'atomic' }), ''),
  retryAfterSeconds: omitEmpty(5, int32, ''),
})
export interface StatusDetails extends Stored<typeof statusDetails> {}
