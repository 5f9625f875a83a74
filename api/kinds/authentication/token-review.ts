/** TokenReview: asks whether a token is valid and whose it is. */
import { defineKind } from '../../kind.ts'
import { userInfo } from '../../parts/authentication/user-info.ts'
import { boolean, listOf, omitEmpty, required, type Stored, string, struct } from '../../schema.ts'

export const tokenReviewSpec = struct(
  'authentication.v1.TokenReviewSpec',
  'The token to look at.',
  {
    token: omitEmpty(1, string, 'The bearer token.'),
    audiences: omitEmpty(
      2,
      listOf(string, { listType: 'atomic' }),
      'Audiences that the caller accepts; unset means those of the API server.',
    ),
  },
)
export interface TokenReviewSpec extends Stored<typeof tokenReviewSpec> {}

export const tokenReviewStatus = struct(
  'authentication.v1.TokenReviewStatus',
  'What is known about the token.',
  {
    authenticated: omitEmpty(1, boolean, 'Whether the token belongs to a user that is known.'),
    user: omitEmpty(2, userInfo, 'The user that the token belongs to.'),
    audiences: omitEmpty(
      4,
      listOf(string, { listType: 'atomic' }),
      'Those of the asked audiences that the token is meant for.',
    ),
    error: omitEmpty(3, string, 'Why the token could not be looked at.'),
  },
)
export interface TokenReviewStatus extends Stored<typeof tokenReviewStatus> {}

export const TokenReview = defineKind({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenReview',
  plural: 'tokenreviews',
  scope: 'Cluster',
  verbs: ['create'],
  doc: 'Asks whether a token is valid and whose it is. Nothing is stored.',
  fields: {
    spec: required(2, tokenReviewSpec, 'The token to look at.'),
    status: omitEmpty(3, tokenReviewStatus, 'Filled in by the server.'),
  },
})
export interface TokenReview extends Stored<typeof TokenReview> {}
