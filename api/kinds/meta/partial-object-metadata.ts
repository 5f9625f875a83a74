/** PartialObjectMetadata: any object, reduced to its metadata. */
import { defineKind } from '../../kind.ts'
import type { Stored } from '../../schema.ts'

export const PartialObjectMetadata = defineKind({
  group: 'meta.k8s.io',
  version: 'v1',
  kind: 'PartialObjectMetadata',
  name: 'meta.v1.PartialObjectMetadata',
  doc: 'Any object, reduced to its metadata.',
  fields: {},
})
export interface PartialObjectMetadata extends Stored<typeof PartialObjectMetadata> {}
