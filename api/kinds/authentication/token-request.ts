/** FIXME: one sentence. */
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

export const boundObjectReference = struct('authentication.v1.BoundObjectReference', '', {
  kind: omitEmpty(1, string, ''),
  apiVersion: omitEmpty(2, string, ''),
  name: omitEmpty(3, string, ''),
  uid: omitEmpty(4, string, ''),
})
export interface BoundObjectReference extends Stored<typeof boundObjectReference> {}

export const tokenRequestSpec = struct('authentication.v1.TokenRequestSpec', '', {
  audiences: always(1, listOf(string, { listType: 'atomic' }), '', { mayOmit: true }),
  expirationSeconds: nullable(4, int64, '', { mayOmit: true }),
  boundObjectRef: nullable(3, boundObjectReference, '', { mayOmit: true }),
})
export interface TokenRequestSpec extends Stored<typeof tokenRequestSpec> {}

export const tokenRequestStatus = struct('authentication.v1.TokenRequestStatus', '', {
  token: always(1, string, '', { mayOmit: true }),
  expirationTimestamp: always(2, time, '', { mayOmit: true }),
})
export interface TokenRequestStatus extends Stored<typeof tokenRequestStatus> {}

export const TokenRequest = defineKind({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  doc: '',
  fields: {
    spec: always(2, tokenRequestSpec, '', { mayOmit: true }),
    status: omitEmpty(3, tokenRequestStatus, ''),
  },
})
export interface TokenRequest extends Stored<typeof TokenRequest> {}
