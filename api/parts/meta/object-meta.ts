/** ObjectMeta: what every stored object says about itself. */
import {
  always,
  boolean,
  fieldsV1,
  type Input,
  int64,
  listOf,
  mapOf,
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
  'An object that this one belongs to, in the same namespace or without one.',
  {
    apiVersion: always(5, string, 'Group and version of the owner, such as apps/v1.'),
    kind: always(1, string, 'Kind of the owner.'),
    name: always(3, string, 'Name of the owner.'),
    uid: always(4, string, 'UID of the owner, so that a namesake is not mistaken for it.'),
    controller: optional(
      6,
      boolean,
      'Whether the owner manages this object. One owner at most may.',
    ),
    blockOwnerDeletion: optional(
      7,
      boolean,
      'Whether a foreground delete of the owner waits until this object is gone.',
    ),
  },
  { atomic: true },
)
export interface OwnerReference extends Stored<typeof ownerReference> {}

export const managedFieldsEntry = struct(
  'meta.v1.ManagedFieldsEntry',
  'The fields that one writer set last, so that another can tell when it would take them over.',
  {
    manager: omitEmpty(1, string, 'Name of the writer.'),
    operation: omitEmpty(2, wordOf('Apply', 'Update'), 'How the fields were set: Apply or Update.'),
    apiVersion: omitEmpty(3, string, 'The version of the API that the field names belong to.'),
    time: optional(4, time, 'When the writer last changed the set of fields or a value in it.'),
    fieldsType: omitEmpty(6, string, 'The format of the set of fields; FieldsV1 is the only one.'),
    fieldsV1: optional(7, fieldsV1, 'The set of fields, as a tree of their names.'),
    subresource: omitEmpty(8, string, 'The subresource that was written to, such as status.'),
  },
)
export interface ManagedFieldsEntry extends Stored<typeof managedFieldsEntry> {}

export const objectMeta = struct('meta.v1.ObjectMeta', 'What an object says about itself.', {
  name: omitEmpty(1, string, 'Unique among the objects of a kind in a namespace. Never changes.', {
    assigned: true,
  }),
  generateName: omitEmpty(
    2,
    string,
    'Start of a name that the server completes when none is given.',
  ),
  namespace: omitEmpty(3, string, 'The namespace of the object; empty for kinds that have none.'),
  selfLink: omitEmpty(4, string, 'Not used any more; always empty.'),
  uid: omitEmpty(5, string, 'Tells this object from every other one, past and future.', {
    assigned: true,
  }),
  resourceVersion: omitEmpty(6, string, 'Changes with every write; compare it for equality.', {
    assigned: true,
  }),
  generation: omitEmpty(7, int64, 'Counts the changes of what is wanted, as opposed to status.'),
  creationTimestamp: omitEmpty(8, time, 'When the server created the object, in UTC.', {
    assigned: true,
  }),
  deletionTimestamp: optional(9, time, 'When the object is to be gone. Set by a delete request.'),
  deletionGracePeriodSeconds: optional(10, int64, 'Seconds that a delete request granted.'),
  labels: omitEmpty(11, mapOf(string), 'Short texts by key, for selectors to find the object by.'),
  annotations: omitEmpty(12, mapOf(string), 'Texts by key for tools to keep; not for selectors.'),
  ownerReferences: omitEmpty(
    13,
    listOf(ownerReference, { keys: ['uid'], mergeKey: 'uid', patch: 'merge' }),
    'Objects that this one belongs to: when all are gone, so is this one.',
  ),
  finalizers: omitEmpty(
    14,
    listOf(string, { listType: 'set', patch: 'merge' }),
    'Tasks to do before the object may go, each removed by whoever has done it.',
  ),
  managedFields: omitEmpty(
    17,
    listOf(managedFieldsEntry, { listType: 'atomic' }),
    'Which writer set which fields. Kept by the server.',
  ),
})
export interface ObjectMeta extends Stored<typeof objectMeta> {}

/** Metadata of a template: nothing in it is assigned by the server. */
export const templateMeta = objectMeta as unknown as Struct<
  Partial<ObjectMeta>,
  Input<typeof objectMeta>
>
