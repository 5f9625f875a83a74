/** ObjectMeta: what every stored object says about itself. */
import {
  always,
  boolean,
  type Input,
  int64,
  listOf,
  mapOf,
  object,
  omitEmpty,
  optional,
  type Stored,
  type Struct,
  string,
  struct,
  time,
  wordOf,
} from '../../schema.ts'

export const ownerReference = struct(
  'meta.v1.OwnerReference',
  '',
  {
    apiVersion: always(5, string, ''),
    kind: always(1, string, ''),
    name: always(3, string, ''),
    uid: always(4, string, ''),
    controller: optional(6, boolean, ''),
    blockOwnerDeletion: optional(7, boolean, ''),
  },
  { atomic: true },
)
export interface OwnerReference extends Stored<typeof ownerReference> {}

export const managedFieldsEntry = struct('meta.v1.ManagedFieldsEntry', '', {
  manager: omitEmpty(1, string, ''),
  operation: omitEmpty(2, wordOf('Apply', 'Update'), ''),
  apiVersion: omitEmpty(3, string, ''),
  time: optional(4, time, ''),
  fieldsType: omitEmpty(6, string, ''),
  fieldsV1: optional(7, object, ''),
  subresource: omitEmpty(8, string, ''),
})
export interface ManagedFieldsEntry extends Stored<typeof managedFieldsEntry> {}

export const objectMeta = struct('meta.v1.ObjectMeta', '', {
  name: omitEmpty(1, string, '', { assigned: true }),
  generateName: omitEmpty(2, string, ''),
  namespace: omitEmpty(3, string, ''),
  selfLink: omitEmpty(4, string, ''),
  uid: omitEmpty(5, string, '', { assigned: true }),
  resourceVersion: omitEmpty(6, string, '', { assigned: true }),
  generation: omitEmpty(7, int64, ''),
  creationTimestamp: omitEmpty(8, time, '', { assigned: true }),
  deletionTimestamp: optional(9, time, ''),
  deletionGracePeriodSeconds: optional(10, int64, ''),
  labels: omitEmpty(11, mapOf(string), ''),
  annotations: omitEmpty(12, mapOf(string), ''),
  ownerReferences: omitEmpty(
    13,
    listOf(ownerReference, { keys: ['uid'], mergeKey: 'uid', patch: 'merge' }),
    '',
  ),
  finalizers: omitEmpty(14, listOf(string, { listType: 'set', patch: 'merge' }), ''),
  managedFields: omitEmpty(17, listOf(managedFieldsEntry, { listType: 'atomic' }), ''),
})
export interface ObjectMeta extends Stored<typeof objectMeta> {}

/** Metadata of a template: nothing in it is assigned by the server. */
export const templateMeta = objectMeta as unknown as Struct<
  Partial<ObjectMeta>,
  Input<typeof objectMeta>
>
