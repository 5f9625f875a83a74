/** Status: how a request ended, when the answer is not an object. */
import { defineMessage } from '../../kind.ts'
import { listMeta } from '../../parts/meta/list-meta.ts'
import { statusDetails } from '../../parts/meta/status-details.ts'
import { int32, omitEmpty, optional, type Stored, string, wordOf } from '../../schema.ts'

export const Status = defineMessage({
  group: '',
  version: 'v1',
  kind: 'Status',
  name: 'meta.v1.Status',
  doc: 'How a request ended, when the answer is not an object.',
  fields: {
    metadata: omitEmpty(1, listMeta, 'What a list says about itself.'),
    status: omitEmpty(2, string, 'Success or Failure.'),
    message: omitEmpty(3, string, 'What happened, in words for people.'),
    reason: omitEmpty(
      4,
      wordOf(
        '',
        'Unauthorized',
        'Forbidden',
        'NotFound',
        'AlreadyExists',
        'Conflict',
        'Gone',
        'Invalid',
        'ServerTimeout',
        'StorageReadError',
        'Timeout',
        'TooManyRequests',
        'BadRequest',
        'MethodNotAllowed',
        'NotAcceptable',
        'RequestEntityTooLarge',
        'UnsupportedMediaType',
        'InternalError',
        'Expired',
        'ServiceUnavailable',
      ),
      'Why it failed, as one CamelCase word; empty when that is not known.',
    ),
    details: optional(
      5,
      statusDetails,
      'What the request was about, in a form that depends on the reason.',
    ),
    code: omitEmpty(6, int32, 'The HTTP status code of the answer; 0 when not set.'),
  },
})
export interface Status extends Stored<typeof Status> {}
