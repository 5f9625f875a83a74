/** What a Status says about an error beyond its message. */
import { int32, listOf, omitEmpty, type Stored, string, struct, wordOf } from '../../schema.ts'

export const statusCause = struct('meta.v1.StatusCause', 'One of the reasons for a failure.', {
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
    'What kind of cause this is, as one CamelCase word.',
  ),
  message: omitEmpty(2, string, 'The cause in words for people.'),
  field: omitEmpty(3, string, 'The field that caused it, such as spec.containers[0].name.'),
})
export interface StatusCause extends Stored<typeof statusCause> {}

export const statusDetails = struct('meta.v1.StatusDetails', 'What a failed request was about.', {
  name: omitEmpty(1, string, 'Name of the object, where there is a single one.'),
  group: omitEmpty(2, string, 'API group of the object.'),
  kind: omitEmpty(3, string, 'Kind, or in some answers the plural resource name, of the object.'),
  uid: omitEmpty(6, string, 'UID of the object, where there is a single one.'),
  causes: omitEmpty(4, listOf(statusCause, { listType: 'atomic' }), 'Every cause that was found.'),
  retryAfterSeconds: omitEmpty(5, int32, 'Seconds to wait before trying again.'),
})
export interface StatusDetails extends Stored<typeof statusDetails> {}
