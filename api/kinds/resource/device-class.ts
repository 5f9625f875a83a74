/** FIXME: one sentence. */
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

export const deviceClassConfiguration = struct('resource.v1.DeviceClassConfiguration', '', {
  deviceConfiguration: inline(1, deviceConfiguration),
})
export interface DeviceClassConfiguration extends Stored<typeof deviceClassConfiguration> {}

export const deviceClassSpec = struct('resource.v1.DeviceClassSpec', '', {
  selectors: omitEmpty(1, listOf(deviceSelector, { listType: 'atomic' }), ''),
  config: omitEmpty(2, listOf(deviceClassConfiguration, { listType: 'atomic' }), ''),
  extendedResourceName: optional(4, string, ''), // gate: DRAExtendedResource
})
export interface DeviceClassSpec extends Stored<typeof deviceClassSpec> {}

export const DeviceClass = defineKind({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'DeviceClass',
  plural: 'deviceclasses',
  scope: 'Cluster',
  doc: '',
  fields: {
    spec: always(2, deviceClassSpec, ''),
  },
  // columns: Name, Age
})
export interface DeviceClass extends Stored<typeof DeviceClass> {}
