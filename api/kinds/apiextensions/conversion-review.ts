/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { always, listOf, object, optional, type Stored, string, struct } from '../../schema.ts'
import { Status } from '../meta/status.ts'

export const conversionRequest = struct('apiextensions.v1.ConversionRequest', '', {
  uid: always(1, string, ''),
  desiredAPIVersion: always(2, string, ''),
  objects: always(3, listOf(object, { listType: 'atomic' }), ''),
})
export interface ConversionRequest extends Stored<typeof conversionRequest> {}

export const conversionResponse = struct('apiextensions.v1.ConversionResponse', '', {
  uid: always(1, string, ''),
  convertedObjects: always(2, listOf(object, { listType: 'atomic' }), ''),
  result: always(3, Status.schema, ''),
})
export interface ConversionResponse extends Stored<typeof conversionResponse> {}

export const ConversionReview = defineMessage({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'ConversionReview',
  doc: '',
  fields: {
    request: optional(1, conversionRequest, ''),
    response: optional(2, conversionResponse, ''),
  },
})
export interface ConversionReview extends Stored<typeof ConversionReview> {}
