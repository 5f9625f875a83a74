/** Makes volumes in directories of nodes, and lets them go; the nodes make and remove the data. */
import { Node } from '#api/kinds/core/node.ts'
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { StorageClass } from '#api/kinds/storage/storage-class.ts'
import {
  LOCAL_PATH_FINALIZER,
  LOCAL_PATH_NODE_LABEL,
  LOCAL_PATH_PROVISIONER,
} from '#api/rules/local-path-volume.ts'
import { classOfClaim, SELECTED_NODE } from '#api/rules/volume-binding.ts'
import { isReason } from '#api/status.ts'
import type { Index } from '#client/cache.ts'
import {
  type CacheAccess,
  defineController,
  type ReconcileContext,
  watching,
} from '#client/controller.ts'
import type { Reference } from '#client/resource.ts'
import {
  localPathName,
  localPathVolume,
  nodeRefusal,
  planRemoval,
  refusalOf,
} from './local-path-plan.ts'

const PROVISIONER_MARK = 'volume.kubernetes.io/storage-provisioner'

/** A node that is not seen for so long is not there, and the scheduler has to choose another. */
const MISSING_MAX_MS = 5000

const isOurs = ({ metadata }: PersistentVolumeClaim): boolean =>
  metadata.annotations?.[PROVISIONER_MARK] === LOCAL_PATH_PROVISIONER

const unboundByNode: Index<PersistentVolumeClaim> = {
  name: 'selected node of unbound ones',
  values: ({ metadata, spec }) => {
    const node = metadata.annotations?.[SELECTED_NODE]
    return node && !spec.volumeName ? [node] : []
  },
}

const volumesByNode: Index<PersistentVolume> = {
  name: 'node of local paths',
  values: ({ metadata }) => {
    const node = metadata.labels?.[LOCAL_PATH_NODE_LABEL]
    return node ? [node] : []
  },
}

export const localPathProvisioner = defineController<PersistentVolumeClaim>({
  name: 'local-path-provisioner',
  component: LOCAL_PATH_PROVISIONER,
  for: PersistentVolumeClaim,
  watches: [watching(Node, claimsOfNode), watching(StorageClass, claimsOfClass)],
  reads: [PersistentVolume],
  async reconcile(claim, context) {
    const { cached, events } = context
    const { volumeName } = claim.spec
    if (volumeName || claim.metadata.deletionTimestamp || !isOurs(claim)) return undefined
    const storageClass = cached(StorageClass).get({ name: classOfClaim(claim) })
    if (storageClass?.provisioner !== LOCAL_PATH_PROVISIONER) return undefined
    if (cached(PersistentVolume).get({ name: localPathName(claim) })) return undefined
    const failed = (why: string): undefined => {
      const which = `failed to provision volume with StorageClass "${storageClass.metadata.name}"`
      events.warning(claim, 'ProvisioningFailed', `${which}: ${why}`)
    }
    const refusal = refusalOf(claim, storageClass)
    if (refusal !== undefined) return failed(refusal)
    const nodeName = claim.metadata.annotations?.[SELECTED_NODE] ?? ''
    const node = cached(Node).get({ name: nodeName })
    if (!node) {
      const requeueAfterMs = missingWaitMs(claim, context.clock.monotonic())
      if (requeueAfterMs > 0) return { requeueAfterMs }
      failed(`node "${nodeName}" not found`)
      return reschedule(claim, context)
    }
    const nodeProblem = nodeRefusal(node)
    if (nodeProblem !== undefined) return failed(nodeProblem)
    await provision(claim, storageClass, node, context)
  },
})

async function provision(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  node: Node,
  { client, events }: ReconcileContext,
): Promise<void> {
  const { namespace, name } = claim.metadata
  const volume = localPathVolume(claim, storageClass, node)
  const which = `"${namespace}/${name}"`
  events.normal(
    claim,
    'Provisioning',
    `External provisioner is provisioning volume for claim ${which}`,
  )
  try {
    await client.create(PersistentVolume, volume)
  } catch (error) {
    // Made before a restart: its name is that of this very claim.
    if (!isReason(error, 'AlreadyExists')) throw error
  }
  const message = `Successfully provisioned volume ${localPathName(claim)}`
  events.normal(claim, 'ProvisioningSucceeded', message)
}

/** Since when nodes are missing that were chosen for claims, as they are now. */
const missingSince = new WeakMap<PersistentVolumeClaim, number>()

/** How much longer a node is waited for that was just chosen, and may not be seen yet. */
function missingWaitMs(claim: PersistentVolumeClaim, nowMs: number): number {
  const since = missingSince.get(claim) ?? nowMs
  missingSince.set(claim, since)
  return since + MISSING_MAX_MS - nowMs
}

/** The scheduler chooses another node. */
async function reschedule(
  claim: PersistentVolumeClaim,
  { client }: ReconcileContext,
): Promise<void> {
  const { [SELECTED_NODE]: _, ...annotations } = claim.metadata.annotations ?? {}
  const metadata = { ...claim.metadata, annotations }
  await client.update(PersistentVolumeClaim, { ...claim, metadata })
}

function* claimsOfNode({ metadata }: Node, { cached }: CacheAccess): Iterable<Reference> {
  const claims = cached(PersistentVolumeClaim).by(unboundByNode, metadata.name)
  for (const claim of claims) yield claim.metadata
}

function* claimsOfClass(storageClass: StorageClass, { cached }: CacheAccess): Iterable<Reference> {
  if (storageClass.provisioner !== LOCAL_PATH_PROVISIONER) return
  for (const claim of cached(PersistentVolumeClaim).list()) {
    if (!claim.spec.volumeName && isOurs(claim)) yield claim.metadata
  }
}

export const localPathRemover = defineController<PersistentVolume>({
  name: 'local-path-remover',
  component: LOCAL_PATH_PROVISIONER,
  for: PersistentVolume,
  watches: [watching(Node, volumesOfNode)],
  async reconcile(volume, context) {
    const { cached, client, events } = context
    const name = volume.metadata.labels?.[LOCAL_PATH_NODE_LABEL]
    // It was seen before the volume was made, so that a cache without it has seen it go.
    const plan = planRemoval(volume, Boolean(name && cached(Node).get({ name })))
    if (plan.type === 'none') return
    if (plan.type === 'delete') {
      await ifThere(client.delete(PersistentVolume, volume))
      return
    }
    if (plan.isNodeGone) {
      const why = `node "${name}" is gone: what is left in ${volume.spec.hostPath?.path} stays there`
      events.warning(volume, 'VolumeFailedDelete', why)
    }
    const finalizers = volume.metadata.finalizers?.filter((each) => each !== LOCAL_PATH_FINALIZER)
    const metadata = { ...volume.metadata, finalizers: finalizers ?? [] }
    await ifThere(client.update(PersistentVolume, { ...volume, metadata }))
  },
})

function* volumesOfNode({ metadata }: Node, { cached }: CacheAccess): Iterable<Reference> {
  const volumes = cached(PersistentVolume).by(volumesByNode, metadata.name)
  for (const volume of volumes) yield { name: volume.metadata.name }
}

async function ifThere(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}
