/** The volume in which containers find the token of their account, and whom to show it to. */
import type { Container } from '#api/parts/core/container.ts'
import type { PodSpec } from '#api/parts/core/pod-spec.ts'

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
const NAME_PREFIX = 'kube-api-access-'
const SUFFIX_LETTERS = 5
/** An hour, and seven seconds by which such tokens are told from those that ask for an hour. */
const EXPIRATION_SECONDS = 3_607
const FILE_MODE = 0o644

/** Mounts it, in place, wherever nothing else is mounted. */
export function mountToken(spec: PodSpec, suffix: (letters: number) => string): void {
  const present = spec.volumes?.find(({ name }) => name.startsWith(NAME_PREFIX))?.name
  const name = present ?? NAME_PREFIX + suffix(SUFFIX_LETTERS)
  const containers: readonly Container[] = [
    ...(spec.initContainers ?? []),
    ...(spec.containers ?? []),
  ]
  let isUsed = false
  for (const container of containers) {
    const mounts = container.volumeMounts ?? []
    if (mounts.some(({ mountPath }) => mountPath === MOUNT_PATH)) continue
    container.volumeMounts = [...mounts, { name, readOnly: true, mountPath: MOUNT_PATH }]
    isUsed = true
  }
  if (isUsed && present === undefined) spec.volumes = [...(spec.volumes ?? []), volume(name)]
}

const volume = (name: string) => ({
  name,
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds: EXPIRATION_SECONDS, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { ...namespaceField } }] } },
    ],
    defaultMode: FILE_MODE,
  },
})

const namespaceField = { apiVersion: 'v1', fieldPath: 'metadata.namespace' }
