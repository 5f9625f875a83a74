/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { listMeta } from '../../parts/meta/list-meta.ts'
import { statusDetails } from '../../parts/meta/status-details.ts'
import { int32, omitEmpty, optional, type Stored, string, wordOf } from '../../schema.ts'

export const Status = defineMessage({
  group: '',
  version: 'v1',
  kind: 'Status',
  name: 'meta.v1.Status',
  doc: '',
  fields: {
    metadata: omitEmpty(1, listMeta, ''),
    status: omitEmpty(2, string, ''),
    message: omitEmpty(3, string, ''),
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
      '',
    ),
    details: optional(5, statusDetails, ''),
    code: omitEmpty(6, int32, ''),
  },
})
export interface Status extends Stored<typeof Status> {}
