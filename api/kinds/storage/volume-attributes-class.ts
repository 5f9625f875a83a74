/** VolumeAttributesClass: settings of volumes that can be changed while they are in use. */
import { isDeepStrictEqual } from 'node:util'
import { defineKind } from '../../kind.ts'
import { checkParameters, checkProvisioner } from '../../rules/storage.ts'
import { always, mapOf, omitEmpty, type Stored, string } from '../../schema.ts'
import { ageColumn, column, nameColumn } from '../../table.ts'

export const VolumeAttributesClass = defineKind({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  shortNames: ['vac'],
  scope: 'Cluster',
  deletion: { returnsObject: true },
  doc: 'Settings of volumes that can be changed while they are in use.',
  fields: {
    driverName: always(2, string, 'The CSI driver that knows the settings. Never changes.'),
    parameters: omitEmpty(
      3,
      mapOf(string),
      'The settings, passed to the driver; at least one. They never change.',
    ),
  },
  columns: [nameColumn, column('DriverName', 'string', 'The CSI driver.', driverCell), ageColumn],
  validate({ driverName, parameters }, at, problems) {
    checkProvisioner(driverName, at.child('driverName'), problems)
    checkParameters(parameters, at.child('parameters'), problems)
    if (!parameters) {
      const detail = 'must contain at least one key/value pair'
      problems.required(at.child('parameters'), detail)
    }
  },
  validateUpdate(next, previous, at, problems) {
    if (next.driverName !== previous.driverName) {
      problems.forbidden(at.child('driverName'), 'updates to driverName are forbidden.')
    }
    if (!isDeepStrictEqual(next.parameters, previous.parameters)) {
      problems.forbidden(at.child('parameters'), 'updates to parameters are forbidden.')
    }
  },
})
export interface VolumeAttributesClass extends Stored<typeof VolumeAttributesClass> {}

function driverCell({ driverName }: { readonly driverName: string }): string {
  return driverName
}
