/** persistentVolumeClaim and ephemeral: whatever the claim is bound to. */
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import type {
  EphemeralVolumeSource,
  PersistentVolumeClaimVolumeSource,
} from '#api/parts/core/volume.ts'
import { LOCAL_PATH_NODE_LABEL } from '#api/rules/local-path-volume.ts'
import { nodeSelectorTest } from '#api/rules/node-selection.ts'
import { checkHostPath } from './host-path.ts'
import { setUpLocal } from './local.ts'
import { mountNfs } from './nfs.ts'
import { makeOpenDirectory } from './open-directory.ts'
import type { MountableVolume, VolumeContext, VolumeType } from './volume-type.ts'

/** Volumes of claims have upstream's folders too, but only the mounted ones have files here. */
const FOLDER = 'kubernetes.io~persistent'

export const persistentVolumeClaim: VolumeType<PersistentVolumeClaimVolumeSource> = {
  folder: FOLDER,
  async setUp({ claimName, readOnly }, context) {
    const volume = await boundVolume(claimName, context, () => undefined)
    return setUpPersistent(volume, readOnly ?? false, context)
  },
}

export const ephemeral: VolumeType<EphemeralVolumeSource> = {
  folder: FOLDER,
  async setUp(_, context) {
    const { name, namespace, uid } = context.pod.metadata
    const checkOwner = ({ metadata }: PersistentVolumeClaim): void => {
      const owner = metadata.ownerReferences?.find(({ controller }) => controller)
      if (owner?.uid === uid) return
      throw new Error(
        `PVC ${namespace}/${metadata.name} was not created for pod ${namespace}/${name} ` +
          '(pod is not owner)',
      )
    }
    const volume = await boundVolume(`${name}-${context.name}`, context, checkOwner)
    return setUpPersistent(volume, false, context)
  },
}

/** A claim that cannot be used yet or any more: said differently from a volume that fails. */
export class ClaimError extends Error {
  override readonly name = 'ClaimError'
}

async function boundVolume(
  claimName: string,
  { pod, parts: { client } }: VolumeContext,
  check: (claim: PersistentVolumeClaim) => void,
): Promise<PersistentVolume> {
  const namespace = pod.metadata.namespace!
  try {
    const claim = await fetched('PVC from API server', () =>
      client.get(PersistentVolumeClaim, { namespace, name: claimName }),
    )
    check(claim)
    if (claim.metadata.deletionTimestamp) throw new Error('PVC is being deleted')
    if (claim.status?.phase !== 'Bound') throw new Error('PVC is not bound')
    const name = claim.spec?.volumeName
    if (!name) throw new Error('PVC has empty pvc.Spec.VolumeName')
    const volume = await fetched(`PV ${name} from API server`, () =>
      client.get(PersistentVolume, { name }),
    )
    checkBinding(volume, claim)
    return volume
  } catch (error) {
    const message = `error processing PVC ${namespace}/${claimName}: ${(error as Error).message}`
    throw new ClaimError(message, { cause: error })
  }
}

async function fetched<T>(what: string, fetch: () => Promise<T>): Promise<T> {
  try {
    return await fetch()
  } catch (error) {
    throw new Error(`failed to fetch ${what}: ${(error as Error).message}`, { cause: error })
  }
}

function checkBinding({ metadata, spec }: PersistentVolume, claim: PersistentVolumeClaim): void {
  const { claimRef } = spec
  if (!claimRef) {
    throw new Error(
      `found PV object ${metadata.name} with nil pv.Spec.ClaimRef ` +
        'indicating it is not yet bound to the claim',
    )
  }
  if (claimRef.uid !== claim.metadata.uid) {
    throw new Error(
      `found PV object ${metadata.name} with pv.Spec.ClaimRef.UID ${claimRef.uid} ` +
        `that does not point to claim.UID ${claim.metadata.uid}`,
    )
  }
}

async function setUpPersistent(
  { metadata, spec }: PersistentVolume,
  isReadOnly: boolean,
  context: VolumeContext,
): Promise<MountableVolume> {
  const { parts } = context
  const node = parts.node()
  const required = spec.nodeAffinity?.required
  if (required && !nodeSelectorTest(required)({ metadata: node })) {
    throw new Error('no matching NodeSelectorTerms')
  }
  const mode = spec.volumeMode === 'Block' ? 'Block' : 'Filesystem'
  if (spec.local) return setUpLocal(spec.local, mode, isReadOnly, context)
  if (mode === 'Block') throw new Error('this kubelet offers local volumes alone as block devices')
  if (spec.hostPath) {
    const { path, type = '' } = spec.hostPath
    // Pods run as any user, and nobody else gives them this directory.
    if (metadata.labels?.[LOCAL_PATH_NODE_LABEL] === node.name) {
      await makeOpenDirectory(`${parts.nodeRoot}${path}`)
    }
    await checkHostPath(path, type, parts.nodeRoot)
    return { source: { path }, isReadOnly, isOfNode: true }
  }
  if (spec.nfs) {
    const source = { ...spec.nfs, readOnly: isReadOnly || (spec.nfs.readOnly ?? false) }
    return mountNfs(source, spec.mountOptions ?? [], context)
  }
  throw new Error(unsupported(metadata.name, spec))
}

function unsupported(name: string, spec: PersistentVolume['spec']): string {
  if (spec.csi) return missingDriver(spec.csi.driver)
  return `persistent volume "${name}" is of a type that this kubelet does not support`
}

export const missingDriver = (driver: string): string =>
  'kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: ' +
  `driver name ${driver} not found in the list of registered CSI drivers`
