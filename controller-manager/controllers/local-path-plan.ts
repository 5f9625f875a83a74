/** Volumes in directories of nodes: which claims can have one, and what it looks like. Pure. */
import type { Node } from '#api/kinds/core/node.ts'
import type { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import type { StorageClass } from '#api/kinds/storage/storage-class.ts'
import {
  LOCAL_PATH_DIRECTORY,
  LOCAL_PATH_FINALIZER,
  LOCAL_PATH_NODE_LABEL,
  LOCAL_PATH_NODE_NAME_MAX,
  LOCAL_PATH_PROVISIONER,
} from '#api/rules/local-path-volume.ts'
import { PROVISIONED_BY, SELECTED_NODE, wantedCapacity } from '#api/rules/volume-binding.ts'
import type { Input } from '#api/schema.ts'

const HOSTNAME = 'kubernetes.io/hostname'
/** A directory is on one node only. */
const modes: ReadonlySet<string> = new Set(['ReadWriteOnce', 'ReadWriteOncePod'])

export const localPathName = ({ metadata }: PersistentVolumeClaim): string => `pvc-${metadata.uid}`

/** What is not supported is refused rather than left out; undefined when nothing is wrong. */
export function refusalOf(
  { metadata, spec }: PersistentVolumeClaim,
  { parameters, mountOptions, volumeBindingMode }: StorageClass,
): string | undefined {
  const [parameter] = Object.keys(parameters ?? {})
  if (parameter !== undefined) return `parameter "${parameter}" of the class is not supported`
  if (mountOptions?.length) return 'mount options are not supported'
  if (spec.volumeMode === 'Block') return 'block volumes are not supported'
  const other = spec.accessModes?.find((mode) => !modes.has(mode))
  if (other) return `access mode is ${other}, wanted ReadWriteOnce or ReadWriteOncePod`
  if (spec.selector) return 'claim.Spec.Selector is not supported'
  if (spec.dataSource || spec.dataSourceRef) return 'data sources are not supported'
  if (spec.volumeAttributesClassName) return 'volume attributes classes are not supported'
  if (metadata.annotations?.[SELECTED_NODE]) return undefined
  return `no node was specified: volumeBindingMode is ${volumeBindingMode}, wanted WaitForFirstConsumer`
}

/** Why the node cannot have volumes of this kind. */
export function nodeRefusal({ metadata }: Node): string | undefined {
  const { name, annotations, labels } = metadata
  if (!annotations?.[LOCAL_PATH_DIRECTORY]) {
    return `node "${name}" offers no directory: it lacks the annotation ${LOCAL_PATH_DIRECTORY}`
  }
  if (!labels?.[HOSTNAME]) return `node "${name}" lacks the label ${HOSTNAME}`
  if (name.length > LOCAL_PATH_NODE_NAME_MAX) {
    return `name of node "${name}" has more than ${LOCAL_PATH_NODE_NAME_MAX} characters`
  }
  return undefined
}

/** For nodes and claims that are not refused. */
export function localPathVolume(
  claim: PersistentVolumeClaim,
  { metadata: classMeta, reclaimPolicy }: StorageClass,
  { metadata: node }: Node,
): Input<typeof PersistentVolume> {
  const name = localPathName(claim)
  const directory = node.annotations?.[LOCAL_PATH_DIRECTORY] ?? ''
  const { kind, apiVersion } = PersistentVolumeClaim
  const { namespace, name: claimName, uid, resourceVersion } = claim.metadata
  const hostname = {
    key: HOSTNAME,
    operator: 'In' as const,
    values: [node.labels?.[HOSTNAME] ?? ''],
  }
  return {
    metadata: {
      name,
      labels: { [LOCAL_PATH_NODE_LABEL]: node.name },
      annotations: { [PROVISIONED_BY]: LOCAL_PATH_PROVISIONER },
      finalizers: [LOCAL_PATH_FINALIZER],
    },
    spec: {
      capacity: { storage: wantedCapacity(claim) },
      accessModes: [...(claim.spec.accessModes ?? [])],
      persistentVolumeReclaimPolicy: reclaimPolicy === 'Retain' ? 'Retain' : 'Delete',
      storageClassName: classMeta.name,
      volumeMode: 'Filesystem',
      claimRef: {
        kind,
        apiVersion,
        namespace: namespace ?? '',
        name: claimName,
        uid,
        resourceVersion,
      },
      hostPath: { path: `${directory.replace(/\/+$/, '')}/${name}`, type: 'DirectoryOrCreate' },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [hostname] }] } },
    },
  }
}

export type RemovalPlan =
  | { readonly type: 'none' }
  | { readonly type: 'delete' }
  /** The data stays, for somebody wants it or nobody can reach it. */
  | { readonly type: 'release'; readonly isNodeGone: boolean }

const PROTECTION = 'kubernetes.io/pv-protection'

/** What is to be done here; the data itself is removed by the node. */
export function planRemoval(volume: PersistentVolume, hasNode: boolean): RemovalPlan {
  const { metadata, spec, status } = volume
  if (metadata.annotations?.[PROVISIONED_BY] !== LOCAL_PATH_PROVISIONER) return { type: 'none' }
  const isKept = spec.persistentVolumeReclaimPolicy === 'Retain'
  if (!metadata.deletionTimestamp) {
    return { type: status.phase === 'Released' && !isKept ? 'delete' : 'none' }
  }
  const finalizers = metadata.finalizers ?? []
  const isOurTurn = finalizers.includes(LOCAL_PATH_FINALIZER) && !finalizers.includes(PROTECTION)
  if (!isOurTurn || (hasNode && !isKept)) return { type: 'none' }
  return { type: 'release', isNodeGone: !isKept }
}
