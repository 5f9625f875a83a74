/** FIXME: one sentence. */
import { always, nullable, omitEmpty, optional, type Stored, string, struct } from '../../schema.ts'

export const localObjectReference = struct(
  'core.v1.LocalObjectReference',
  '',
  {
    name: omitEmpty(1, string, '', { default: '' }),
  },
  { atomic: true },
)
export interface LocalObjectReference extends Stored<typeof localObjectReference> {}

export const typedLocalObjectReference = struct(
  'core.v1.TypedLocalObjectReference',
  '',
  {
    apiGroup: nullable(1, string, '', { mayOmit: true }),
    kind: always(2, string, ''),
    name: always(3, string, ''),
  },
  { atomic: true },
)
export interface TypedLocalObjectReference extends Stored<typeof typedLocalObjectReference> {}

export const typedObjectReference = struct('core.v1.TypedObjectReference', '', {
  apiGroup: nullable(1, string, '', { mayOmit: true }),
  kind: always(2, string, ''),
  name: always(3, string, ''),
  namespace: optional(4, string, ''), // gate: CrossNamespaceVolumeDataSource
})
export interface TypedObjectReference extends Stored<typeof typedObjectReference> {}

export const objectReference = struct(
  'core.v1.ObjectReference',
  '',
  {
    kind: omitEmpty(1, string, ''),
    namespace: omitEmpty(2, string, ''),
    name: omitEmpty(3, string, ''),
    uid: omitEmpty(4, string, ''),
    apiVersion: omitEmpty(5, string, ''),
    resourceVersion: omitEmpty(6, string, ''),
    fieldPath: omitEmpty(7, string, ''),
  },
  { atomic: true },
)
export interface ObjectReference extends Stored<typeof objectReference> {}

export const eventSource = struct('core.v1.EventSource', '', {
  component: omitEmpty(1, string, ''),
  host: omitEmpty(2, string, ''),
})
export interface EventSource extends Stored<typeof eventSource> {}

export const secretReference = struct(
  'core.v1.SecretReference',
  '',
  {
    name: omitEmpty(1, string, ''),
    namespace: omitEmpty(2, string, ''),
  },
  { atomic: true },
)
export interface SecretReference extends Stored<typeof secretReference> {}
