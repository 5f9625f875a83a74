/** References from one object to another. */
import { always, nullable, omitEmpty, optional, type Stored, string, struct } from '../../schema.ts'

export const localObjectReference = struct(
  'core.v1.LocalObjectReference',
  'An object of a known kind in the same namespace.',
  {
    name: omitEmpty(1, string, 'Name of the object.', { publishedDefault: '' }),
  },
  { atomic: true },
)
export interface LocalObjectReference extends Stored<typeof localObjectReference> {}

export const typedLocalObjectReference = struct(
  'core.v1.TypedLocalObjectReference',
  'An object of any kind in the same namespace.',
  {
    apiGroup: nullable(1, string, 'API group of the object. The core group when unset.', {
      mayOmit: true,
    }),
    kind: always(2, string, 'Kind of the object.'),
    name: always(3, string, 'Name of the object.'),
  },
  { atomic: true },
)
export interface TypedLocalObjectReference extends Stored<typeof typedLocalObjectReference> {}

export const typedObjectReference = struct(
  'core.v1.TypedObjectReference',
  'An object of any kind, perhaps in another namespace.',
  {
    apiGroup: nullable(1, string, 'API group of the object. The core group when unset.', {
      mayOmit: true,
    }),
    kind: always(2, string, 'Kind of the object.'),
    name: always(3, string, 'Name of the object.'),
    namespace: optional(
      4,
      string,
      'Namespace of the object, which a ReferenceGrant must allow. The same one when unset.',
    ),
  },
)
export interface TypedObjectReference extends Stored<typeof typedObjectReference> {}

export const objectReference = struct(
  'core.v1.ObjectReference',
  'An object, or a part of one.',
  {
    kind: omitEmpty(1, string, 'Kind of the object.'),
    namespace: omitEmpty(2, string, 'Namespace of the object.'),
    name: omitEmpty(3, string, 'Name of the object.'),
    uid: omitEmpty(4, string, 'UID of the object.'),
    apiVersion: omitEmpty(5, string, 'API version of the object.'),
    resourceVersion: omitEmpty(6, string, 'Version of the object that is meant, if a certain one.'),
    fieldPath: omitEmpty(7, string, 'Path to a part of the object, such as spec.containers{name}.'),
  },
  { atomic: true },
)
export interface ObjectReference extends Stored<typeof objectReference> {}

export const eventSource = struct('core.v1.EventSource', 'Who reports an event.', {
  component: omitEmpty(1, string, 'Name of the component.'),
  host: omitEmpty(2, string, 'Name of the node that it runs on.'),
})
export interface EventSource extends Stored<typeof eventSource> {}

export const secretReference = struct(
  'core.v1.SecretReference',
  'A Secret in any namespace.',
  {
    name: omitEmpty(1, string, 'Name of the secret.'),
    namespace: omitEmpty(2, string, 'Namespace of the secret.'),
  },
  { atomic: true },
)
export interface SecretReference extends Stored<typeof secretReference> {}
