/** FIXME: one sentence. */
import { defineKind } from '../../kind.ts'
import { always, mapOf, omitEmpty, type Stored, string } from '../../schema.ts'

export const VolumeAttributesClass = defineKind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  shortNames: ['vac'],
  scope: 'Cluster',
  doc: '',
  fields: {
    driverName: always(2, string, ''),
    parameters: omitEmpty(3, mapOf(string), ''),
  },
  // columns: Name, DriverName, Age
})
export interface VolumeAttributesClass extends Stored<typeof VolumeAttributesClass> {}
