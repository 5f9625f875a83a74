/** DeviceClass: a kind of device that claims can ask for, described by an administrator. */
import { defineKind } from '../../kind.ts'
import { deviceConfiguration, deviceSelector } from '../../parts/resource/claim-spec.ts'
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
    ), // gate: DRAExtendedResource
  },
)
export interface DeviceClassSpec extends Stored<typeof deviceClassSpec> {}

export const DeviceClass = defineKind({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  scope: 'Cluster',
  doc: 'A kind of device that claims can ask for.',
  fields: {
    spec: always(2, deviceClassSpec, 'What the devices are and how they are set up.'),
  },
  // columns: Name, Age
})
export interface DeviceClass extends Stored<typeof DeviceClass> {}
