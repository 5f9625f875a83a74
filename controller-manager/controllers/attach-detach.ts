/**
 * Asks CSI drivers to attach the volumes of pods to their nodes, and to detach them again. No other
 * kind of volume has to be attached by anybody.
 */
import { Node } from '#api/kinds/core/node.ts'
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaim } from '#api/kinds/core/persistent-volume-claim.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { CSIDriver } from '#api/kinds/storage/csi-driver.ts'
import { VolumeAttachment } from '#api/kinds/storage/volume-attachment.ts'
import { sameJson } from '#api/patch/same-json.ts'
import { claimNamesOf } from '#api/rules/pod-claims.ts'
import { isFullyBound } from '#api/rules/volume-binding.ts'
import { isReason } from '#api/status.ts'
import type { Index } from '#client/cache.ts'
import {
  type CacheAccess,
  defineController,
  type ReconcileContext,
  watching,
} from '#client/controller.ts'
import { keyOf, type Reference } from '#client/resource.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { hasEnded, messageOf } from '../pods.ts'
import {
  type AttachPlan,
  attachmentName,
  isManaged,
  planAttachments,
  uniqueName,
  type WantedVolume,
} from './attach-detach-plan.ts'

const podsByNode: Index<Pod> = {
  name: 'node',
  values: ({ spec }) => (spec.nodeName ? [spec.nodeName] : []),
}
const placedByClaim: Index<Pod> = {
  name: 'claim of placed ones',
  values: (pod) =>
    pod.spec.nodeName ? claimNamesOf(pod).map((name) => `${pod.metadata.namespace}/${name}`) : [],
}
const attachmentsByNode: Index<VolumeAttachment> = {
  name: 'node',
  values: ({ spec }) => [spec.nodeName],
}
const attachmentsByVolume: Index<VolumeAttachment> = {
  name: 'volume',
  values: ({ spec }) =>
    spec.source.persistentVolumeName ? [spec.source.persistentVolumeName] : [],
}

export const attachDetachController = defineController<Node>({
  name: 'attachdetach-controller',
  component: 'attachdetach-controller',
  for: Node,
  watches: [
    watching(Pod, function* ({ spec }) {
      if (spec.nodeName) yield { name: spec.nodeName }
    }),
    watching(PersistentVolumeClaim, nodesOfClaim),
    watching(PersistentVolume, nodesOfVolume),
    watching(VolumeAttachment, nodesOfAttachment),
  ],
  reads: [CSIDriver],
  async reconcile(node, context) {
    return reconcile(node.metadata.name, node, context)
  },
  removed: ({ name }, context) => reconcile(name, undefined, context),
})

async function reconcile(name: string, node: Node | undefined, context: ReconcileContext) {
  const { cached, clock } = context
  const attachments = cached(VolumeAttachment)
  const plan = planAttachments({
    node,
    wanted: node && isManaged(node) ? wantedOn(name, context) : [],
    present: attachments.by(attachmentsByNode, name),
    isElsewhere: (volume) =>
      attachments.by(attachmentsByVolume, volume).some(({ spec }) => spec.nodeName !== name),
    volume: (volume) => cached(PersistentVolume).get({ name: volume }),
    nowMs: clock.now(),
  })
  tellBlocked(plan, context)
  tellFailures(plan, context)
  // A node must not use what is about to be detached.
  if (node && isManaged(node)) await tellNode(node, plan, context)
  await settleAll([
    ...plan.attach.map((wanted) => attach(wanted, name, context)),
    ...plan.detach.map((attachment) => detach(attachment, context)),
  ])
  return { requeueAfterMs: plan.waitMs }
}

/** Volumes of drivers that have to attach them, each with the pods that use it there. */
function wantedOn(nodeName: string, { cached }: ReconcileContext): readonly WantedVolume[] {
  const found = new Map<string, WantedVolume & { readonly pods: Pod[] }>()
  for (const pod of cached(Pod).by(podsByNode, nodeName)) {
    if (hasEnded(pod)) continue
    for (const name of claimNamesOf(pod)) {
      const { namespace } = pod.metadata
      const claim = cached(PersistentVolumeClaim).get({ name, namespace })
      if (!claim || !isFullyBound(claim)) continue
      const volume = cached(PersistentVolume).get({ name: claim.spec.volumeName ?? '' })
      const csi = volume?.spec.csi
      if (!volume || !csi) continue
      const driver = cached(CSIDriver).get({ name: csi.driver })
      if (driver?.spec.attachRequired === false) continue
      const facts = { volume, driver: csi.driver, handle: csi.volumeHandle, pods: [] }
      const known = found.get(volume.metadata.name) ?? facts
      found.set(volume.metadata.name, { ...known, pods: [...known.pods, pod] })
    }
  }
  return [...found.values()]
}

function tellBlocked({ blocked }: AttachPlan, { cached, events }: ReconcileContext): void {
  for (const { volume, pods } of blocked) {
    const { claimRef } = volume.spec
    const key = `${claimRef?.namespace}/${claimRef?.name}`
    const mine = new Set(pods.map(keyOf))
    const others = cached(Pod)
      .by(placedByClaim, key)
      .filter((pod) => !mine.has(keyOf(pod)))
      .map(({ metadata }) => metadata.name)
    const why =
      others.length > 0
        ? `Volume is already used by pod(s) ${others.sort().join(', ')}`
        : "Volume is already exclusively attached to one node and can't be attached to another"
    for (const pod of pods) {
      const message = `Multi-Attach error for volume "${volume.metadata.name}" ${why}`
      events.warning(pod, 'FailedAttachVolume', message)
    }
  }
}

/** Of drivers, which try again by themselves. */
function tellFailures({ failed }: AttachPlan, { events }: ReconcileContext): void {
  for (const { volume, pods, why } of failed) {
    const message = `AttachVolume.Attach failed for volume "${volume.metadata.name}" : ${why}`
    for (const pod of pods) events.warning(pod, 'FailedAttachVolume', message)
  }
}

async function tellNode(
  node: Node,
  { attached }: AttachPlan,
  { client, events }: ReconcileContext,
): Promise<void> {
  const before = node.status.volumesAttached ?? []
  const known = new Set(before.map(({ name }) => name))
  const named = attached.map((each) => ({ ...each, name: uniqueName(each.driver, each.handle) }))
  const volumesAttached = named.map(({ name }) => ({ name, devicePath: '' }))
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
  if (sameJson(before.toSorted(byName), volumesAttached.toSorted(byName))) return
  const patch = { status: { volumesAttached: volumesAttached.toSorted(byName) } }
  await client.patch(Node, node, patch, { subresource: 'status' })
  for (const { name, volume, pods } of named) {
    if (known.has(name)) continue
    const message = `AttachVolume.Attach succeeded for volume "${volume.metadata.name}" `
    for (const pod of pods) events.normal(pod, 'SuccessfulAttachVolume', message)
  }
}

async function attach(
  wanted: WantedVolume,
  nodeName: string,
  { client, events }: ReconcileContext,
): Promise<void> {
  const { volume, driver: attacher, pods } = wanted
  const metadata = { name: attachmentName(wanted, nodeName) }
  const source = { persistentVolumeName: volume.metadata.name }
  try {
    await client.create(VolumeAttachment, { metadata, spec: { attacher, nodeName, source } })
  } catch (error) {
    // On its way out still: when it is gone the node comes again.
    if (isReason(error, 'AlreadyExists')) return
    const why = `AttachVolume.Attach failed for volume "${volume.metadata.name}" : ${messageOf(error)}`
    for (const pod of pods) events.warning(pod, 'FailedAttachVolume', why)
    throw error
  }
}

async function detach(attachment: VolumeAttachment, { client }: ReconcileContext): Promise<void> {
  try {
    await client.delete(VolumeAttachment, attachment)
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}

function* nodesOfClaim(claim: PersistentVolumeClaim, { cached }: CacheAccess): Iterable<Reference> {
  for (const { spec } of cached(Pod).by(placedByClaim, keyOf(claim))) {
    if (spec.nodeName) yield { name: spec.nodeName }
  }
}

function* nodesOfVolume({ spec }: PersistentVolume, access: CacheAccess): Iterable<Reference> {
  const { name = '', namespace } = spec.claimRef ?? {}
  if (!spec.csi || !name) return
  const claim = access.cached(PersistentVolumeClaim).get({ name, namespace })
  if (claim) yield* nodesOfClaim(claim, access)
}

/** Others may wait for a volume that is detached. */
function* nodesOfAttachment({ spec }: VolumeAttachment, access: CacheAccess): Iterable<Reference> {
  yield { name: spec.nodeName }
  const volume = access
    .cached(PersistentVolume)
    .get({ name: spec.source.persistentVolumeName ?? '' })
  if (volume) yield* nodesOfVolume(volume, access)
}
