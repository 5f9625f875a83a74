/** ConversionReview: what the server asks a conversion webhook, and what the webhook answers. */
import { defineMessage } from '../../kind.ts'
import { always, listOf, object, optional, type Stored, string, struct } from '../../schema.ts'
import { Status } from '../meta/status.ts'

export const conversionRequest = struct(
  'apiextensions.v1.ConversionRequest',
  'Objects to be converted.',
  {
    uid: always(1, string, 'Tells this question from every other one; the answer repeats it.'),
    desiredAPIVersion: always(
      2,
      string,
      'The version that the objects should have, such as example.com/v1.',
    ),
    objects: always(
      3,
      listOf(object, { listType: 'atomic' }),
      'The objects, each in a version of its own.',
    ),
  },
)
export interface ConversionRequest extends Stored<typeof conversionRequest> {}

export const conversionResponse = struct(
  'apiextensions.v1.ConversionResponse',
  'Objects that were converted.',
  {
    uid: always(1, string, 'The uid of the request.'),
    convertedObjects: always(
      2,
      listOf(object, { listType: 'atomic' }),
      'The objects in their new version, in the same order.',
    ),
    result: always(3, Status.schema, 'Whether it worked; with a failure the objects are ignored.'),
  },
)
export interface ConversionResponse extends Stored<typeof conversionResponse> {}

export const ConversionReview = defineMessage({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'ConversionReview',
  doc: 'A question to a conversion webhook, or its answer.',
  fields: {
    request: optional(1, conversionRequest, 'The question.'),
    response: optional(2, conversionResponse, 'The answer.'),
  },
})
export interface ConversionReview extends Stored<typeof ConversionReview> {}
