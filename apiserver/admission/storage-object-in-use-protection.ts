/** StorageObjectInUseProtection: what is in use cannot vanish, because a finalizer holds it. */
import { qualified } from '#api/status.ts'
import { type AdmissionPlugin, isCreate } from './admission.ts'

const finalizers = new Map([
  ['persistentvolumes', 'kubernetes.io/pv-protection'],
  ['persistentvolumeclaims', 'kubernetes.io/pvc-protection'],
  ['volumeattributesclasses.storage.k8s.io', 'kubernetes.io/vac-protection'],
])

export const storageObjectInUseProtection = (): AdmissionPlugin => ({
  name: 'StorageObjectInUseProtection',
  handles: (attributes) => isCreate(attributes) && finalizers.has(qualified(attributes.resource)),
  mutate({ object, resource }) {
    const { metadata } = object!
    const finalizer = finalizers.get(qualified(resource))!
    const present = metadata.finalizers ?? []
    if (!present.includes(finalizer)) metadata.finalizers = [...present, finalizer]
  },
})
