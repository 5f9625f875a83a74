/** TokenRequest: asks for a token of a service account. */
import { defineKind } from '../../kind.ts'
import {
  always,
  int64,
  listOf,
  nullable,
  omitEmpty,
  type Stored,
  string,
  struct,
  time,
} from '../../schema.ts'

const MIN_TOKEN_SECONDS = 600
const MAX_TOKEN_SECONDS = 2 ** 32

export const boundObjectReference = struct(
  'authentication.v1.BoundObjectReference',
  'The object that a token lives and dies with.',
  {
    kind: omitEmpty(1, string, 'Kind of the object: Pod, Secret or Node.'),
    apiVersion: omitEmpty(2, string, 'Group and version of the object.'),
    name: omitEmpty(3, string, 'Name of the object.'),
    uid: omitEmpty(4, string, 'UID of the object; unset means whichever has the name now.'),
  },
)
export interface BoundObjectReference extends Stored<typeof boundObjectReference> {}

export const tokenRequestSpec = struct(
  'authentication.v1.TokenRequestSpec',
  'What kind of token is wanted.',
  {
    audiences: always(
      1,
      listOf(string, { listType: 'atomic' }),
      'Who is to accept the token; unset means the API server.',
      { mayOmit: true },
    ),
    expirationSeconds: nullable(
      4,
      int64,
      'Seconds that the token should be valid, at least 600. Defaults to 3600.',
      {
        mayOmit: true,
        default: 3600,
        check(seconds, at, problems) {
          if (seconds < MIN_TOKEN_SECONDS) {
            problems.invalid(at, seconds, 'may not specify a duration less than 10 minutes')
          }
          if (seconds > MAX_TOKEN_SECONDS) {
            problems.invalid(at, seconds, 'may not specify a duration larger than 2^32 seconds')
          }
        },
      },
    ),
    boundObjectRef: nullable(3, boundObjectReference, 'An object whose end also ends the token.', {
      mayOmit: true,
    }),
  },
)
export interface TokenRequestSpec extends Stored<typeof tokenRequestSpec> {}

export const tokenRequestStatus = struct(
  'authentication.v1.TokenRequestStatus',
  'The token that was issued.',
  {
    token: always(1, string, 'The token itself, to be kept secret.', { mayOmit: true }),
    expirationTimestamp: always(2, time, 'When the token stops being valid.', { mayOmit: true }),
  },
)
export interface TokenRequestStatus extends Stored<typeof tokenRequestStatus> {}

export const TokenRequest = defineKind({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  doc: 'Asks for a token of a service account. Nothing is stored.',
  fields: {
    spec: always(2, tokenRequestSpec, 'What kind of token is wanted.', { mayOmit: true }),
    status: omitEmpty(3, tokenRequestStatus, 'Filled in by the server.'),
  },
})
export interface TokenRequest extends Stored<typeof TokenRequest> {}
