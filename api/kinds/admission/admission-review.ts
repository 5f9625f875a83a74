/** FIXME: one sentence. */
import { defineMessage } from '../../kind.ts'
import { userInfo } from '../../parts/authentication/user-info.ts'
import { groupVersionKind } from '../../parts/meta/group-version.ts'
import {
  always,
  boolean,
  bytes,
  listOf,
  mapOf,
  object,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
  wordOf,
} from '../../schema.ts'
import { Status } from '../meta/status.ts'

export const groupVersionResource = struct('meta.v1.GroupVersionResource', '', {
  group: always(1, string, ''),
  version: always(2, string, ''),
  resource: always(3, string, ''),
})
export interface GroupVersionResource extends Stored<typeof groupVersionResource> {}

export const admissionRequest = struct('admission.v1.AdmissionRequest', '', {
  uid: always(1, string, '', { mayOmit: true }),
  kind: always(2, groupVersionKind, '', { mayOmit: true }),
  resource: always(3, groupVersionResource, '', { mayOmit: true }),
  subResource: omitEmpty(4, string, ''),
  requestKind: optional(13, groupVersionKind, ''),
  requestResource: optional(14, groupVersionResource, ''),
  requestSubResource: omitEmpty(15, string, ''),
  name: omitEmpty(5, string, ''),
  namespace: omitEmpty(6, string, ''),
  operation: always(7, wordOf('CREATE', 'UPDATE', 'DELETE', 'CONNECT'), '', { mayOmit: true }),
  userInfo: always(8, userInfo, '', { mayOmit: true }),
  object: omitEmpty(9, object, ''),
  oldObject: omitEmpty(10, object, ''),
  dryRun: optional(11, boolean, ''),
  options: omitEmpty(12, object, ''),
})
export interface AdmissionRequest extends Stored<typeof admissionRequest> {}

export const admissionResponse = struct('admission.v1.AdmissionResponse', '', {
  uid: always(1, string, '', { mayOmit: true }),
  allowed: always(2, boolean, '', { mayOmit: true }),
  status: optional(3, Status.schema, ''),
  patch: omitEmpty(4, bytes, ''),
  patchType: optional(5, wordOf('JSONPatch'), ''),
  auditAnnotations: omitEmpty(6, mapOf(string), ''),
  warnings: omitEmpty(7, listOf(string, { listType: 'atomic' }), ''),
})
export interface AdmissionResponse extends Stored<typeof admissionResponse> {}

export const AdmissionReview = defineMessage({
  group: 'admission.k8s.io',
  version: 'v1',
  kind: 'AdmissionReview',
  doc: '',
  fields: {
    request: optional(1, admissionRequest, ''),
    response: optional(2, admissionResponse, ''),
  },
})
export interface AdmissionReview extends Stored<typeof AdmissionReview> {}
