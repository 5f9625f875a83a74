/** DeviceClass: a kind of device that claims can ask for, described by an administrator. */
import { defineKind } from '../../kind.ts'
import { deviceConfiguration, deviceSelector } from '../../parts/resource/claim-spec.ts'
import {
  MAX_CONFIGURATIONS,
  validateConfiguration,
  validateSelectors,
} from '../../rules/device-claim.ts'
import { validateItems } from '../../rules/device-names.ts'
import { isExtendedResource } from '../../rules/resource-names.ts'
import {
  always,
  inline,
  listOf,
  omitEmpty,
  optional,
  type Stored,
  string,
  struct,
} from '../../schema.ts'
import { ageColumn, nameColumn } from '../../table.ts'

export const deviceClassConfiguration = struct(
  'resource.v1.DeviceClassConfiguration',
  'Configuration for every device of a class.',
  {
    deviceConfiguration: inline(1, deviceConfiguration),
  },
)
export interface DeviceClassConfiguration extends Stored<typeof deviceClassConfiguration> {}

export const deviceClassSpec = struct(
  'resource.v1.DeviceClassSpec',
  'What the devices are and how they are set up.',
  {
    selectors: omitEmpty(
      1,
      listOf(deviceSelector, { listType: 'atomic' }),
      'What a device must be like to belong to the class; all must hold.',
    ),
    config: omitEmpty(
      2,
      listOf(deviceClassConfiguration, { listType: 'atomic' }),
      'Configuration that drivers get for every claim of the class.',
    ),
    extendedResourceName: optional(
      4,
      string,
      'Lets pods ask for the class as an extended resource of this name.',
    ),
  },
)
export interface DeviceClassSpec extends Stored<typeof deviceClassSpec> {}

export const DeviceClass = defineKind({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  scope: 'Cluster',
  generation: true,
  deletion: { returnsObject: true },
  doc: 'A kind of device that claims can ask for.',
  fields: {
    spec: always(2, deviceClassSpec, 'What the devices are and how they are set up.'),
  },
  validateWhole({ spec }, at, problems) {
    const path = at.child('spec')
    validateSelectors(spec.selectors, path.child('selectors'), problems)
    const configPath = path.child('config')
    validateItems(spec.config, MAX_CONFIGURATIONS, validateConfiguration, configPath, problems)
    const { extendedResourceName: name } = spec
    if (name !== undefined && !isExtendedResource(name)) {
      const message = 'must be a valid extended resource name'
      problems.invalid(path.child('extendedResourceName'), name, message)
    }
  },
  columns: [nameColumn, ageColumn],
})
export interface DeviceClass extends Stored<typeof DeviceClass> {}
