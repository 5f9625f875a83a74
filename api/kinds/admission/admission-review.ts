/** AdmissionReview: what the server asks an admission webhook, and what the webhook answers. */
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

export const groupVersionResource = struct(
  'meta.v1.GroupVersionResource',
  'The full name of a resource.',
  {
    group: always(1, string, 'API group; empty for the core group.'),
    version: always(2, string, 'Version within the group, such as v1.'),
    resource: always(3, string, 'The plural name, such as pods.'),
  },
)
export interface GroupVersionResource extends Stored<typeof groupVersionResource> {}

export const admissionRequest = struct(
  'admission.v1.AdmissionRequest',
  'A request that a webhook is asked about.',
  {
    uid: always(1, string, 'Tells this question from every other one; the answer repeats it.', {
      mayOmit: true,
    }),
    kind: always(
      2,
      groupVersionKind,
      'The kind of the object, in the version that the webhook asked for.',
      { mayOmit: true },
    ),
    resource: always(
      3,
      groupVersionResource,
      'The resource of the request, in the version that the webhook asked for.',
      { mayOmit: true },
    ),
    subResource: omitEmpty(4, string, 'The subresource of the request, such as status.'),
    requestKind: optional(13, groupVersionKind, 'The kind of the object as the client sent it.'),
    requestResource: optional(14, groupVersionResource, 'The resource as the client named it.'),
    requestSubResource: omitEmpty(15, string, 'The subresource as the client named it.'),
    name: omitEmpty(5, string, 'Name of the object; empty when the server is to generate one.'),
    namespace: omitEmpty(6, string, 'Namespace of the request; empty for kinds that have none.'),
    operation: always(
      7,
      wordOf('CREATE', 'UPDATE', 'DELETE', 'CONNECT'),
      'What the client wants to do: CREATE, UPDATE, DELETE or CONNECT.',
      { mayOmit: true },
    ),
    userInfo: always(8, userInfo, 'Who makes the request.', { mayOmit: true }),
    object: omitEmpty(9, object, 'The object of the request; unset for a delete.'),
    oldObject: omitEmpty(10, object, 'The object as it is stored; unset for a create.'),
    dryRun: optional(
      11,
      boolean,
      'Whether nothing will be stored, so that side effects must not happen.',
    ),
    options: omitEmpty(12, object, 'The options of the request, such as CreateOptions.'),
  },
)
export interface AdmissionRequest extends Stored<typeof admissionRequest> {}

export const admissionResponse = struct(
  'admission.v1.AdmissionResponse',
  'What a webhook answers.',
  {
    uid: always(1, string, 'The uid of the request.', { mayOmit: true }),
    allowed: always(2, boolean, 'Whether the request may go on.', { mayOmit: true }),
    status: optional(3, Status.schema, 'Why the request may not go on, for the client.'),
    patch: omitEmpty(4, bytes, 'Changes to the object, as a patch in base64.'),
    patchType: optional(
      5,
      wordOf('JSONPatch'),
      'The form of the patch; JSONPatch is the only one.',
    ),
    auditAnnotations: omitEmpty(6, mapOf(string), 'Texts by key that go into the audit log.'),
    warnings: omitEmpty(
      7,
      listOf(string, { listType: 'atomic' }),
      'Warnings for the client, without the `Warning:` prefix.',
    ),
  },
)
export interface AdmissionResponse extends Stored<typeof admissionResponse> {}

export const AdmissionReview = defineMessage({
  group: 'admission.k8s.io',
  version: 'v1',
  kind: 'AdmissionReview',
  doc: 'A question to an admission webhook, or its answer.',
  fields: {
    request: optional(1, admissionRequest, 'The question.'),
    response: optional(2, admissionResponse, 'The answer.'),
  },
})
export interface AdmissionReview extends Stored<typeof AdmissionReview> {}
