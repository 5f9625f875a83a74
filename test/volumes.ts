/** Volumes, claims, and pods that use them, for tests. */
import type { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import type { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import type { Input } from '#api/schema.ts'

type VolumeSpec = NonNullable<Input<typeof PersistentVolume>['spec']>
type ClaimSpec = NonNullable<Input<typeof PersistentVolumeClaim>['spec']>

export const volumeOf = (name: string, storage: string, spec: Partial<VolumeSpec> = {}) => ({
  metadata: { name },
  spec: {
    capacity: { storage },
    accessModes: ['ReadWriteOnce'],
    hostPath: { path: `/volumes/${name}` },
    ...spec,
  } as VolumeSpec,
})

export const claimOf = (name: string, storage: string, spec: Partial<ClaimSpec> = {}) => ({
  metadata: { name, namespace: 'default' },
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage } },
    ...spec,
  } as ClaimSpec,
})

export const podUsing = (name: string, claimName: string, nodeName?: string) => ({
  metadata: { name, namespace: 'default' },
  spec: {
    ...(nodeName !== undefined && { nodeName }),
    containers: [{ name: 'main', image: 'image' }],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
  },
})
