/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { userInfo } from '../../parts/authentication/user-info.ts'
import { boolean, listOf, omitEmpty, required, type Stored, string, struct } from '../../schema.ts'

export const tokenReviewSpec = struct('authentication.v1.TokenReviewSpec', '', {
  token: omitEmpty(1, string, ''),
  audiences: omitEmpty(2, listOf(string, { listType: 'atomic' }), ''),
})
export interface TokenReviewSpec extends Stored<typeof tokenReviewSpec> {}

export const tokenReviewStatus = struct('authentication.v1.TokenReviewStatus', '', {
  authenticated: omitEmpty(1, boolean, ''),
  user: omitEmpty(2, userInfo, ''),
  audiences: omitEmpty(4, listOf(string, { listType: 'atomic' }), ''),
  error: omitEmpty(3, string, ''),
})
export interface TokenReviewStatus extends Stored<typeof tokenReviewStatus> {}

export const TokenReview = defineKind({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenReview',
  plural: 'tokenreviews',
  scope: 'Cluster',
  verbs: ['create'],
  doc: '',
  fields: {
    spec: required(2, tokenReviewSpec, ''),
    status: omitEmpty(3, tokenReviewStatus, ''),
  },
})
export interface TokenReview extends Stored<typeof TokenReview> {}
