/** Removes what volumes in directories of this node leave behind. */
import { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { LOCAL_PATH_FINALIZER, LOCAL_PATH_NODE_LABEL } from '#api/rules/local-path-volume.ts'
import { isReason } from '#api/status.ts'
import { type Controller, defineController } from '#client/controller.ts'
import type { Mounter } from './mounter.ts'
import { removeTree } from './remove-tree.ts'

export interface LocalPathSettings {
  readonly nodeName: string
  /** What the node announces as its directory for such volumes. */
  readonly directory: string
  /** Where the kubelet sees the files of the node. */
  readonly nodeRoot: string
  readonly mounter: Mounter
}

export type Removal =
  | { readonly type: 'wait' }
  | { readonly type: 'remove'; readonly path: string }
  /** The path is not one that we made: it stays. */
  | { readonly type: 'foreign'; readonly path: string }

const PROTECTION = 'kubernetes.io/pv-protection'

export function planRemoval({ metadata, spec }: PersistentVolume, directory: string): Removal {
  const finalizers = metadata.finalizers ?? []
  const isDue =
    metadata.deletionTimestamp !== undefined &&
    finalizers.includes(LOCAL_PATH_FINALIZER) &&
    !finalizers.includes(PROTECTION) &&
    spec.persistentVolumeReclaimPolicy !== 'Retain'
  if (!isDue) return { type: 'wait' }
  const path = spec.hostPath?.path ?? ''
  const isOurs = path === `${directory}/${metadata.name}` && !metadata.name.includes('/')
  return { type: isOurs ? 'remove' : 'foreign', path }
}

/** Sees the volumes of its own node alone, which is all that a node may see. */
export function localPathController(settings: LocalPathSettings): Controller {
  const { nodeName, directory, nodeRoot, mounter } = settings
  const selectors = { labelSelector: `${LOCAL_PATH_NODE_LABEL}=${nodeName}` }
  return defineController({
    name: 'local-path',
    component: 'kubelet',
    for: PersistentVolume,
    selected: [{ kind: PersistentVolume, selectors }],
    async reconcile(volume, { client, log }) {
      const { name, uid, resourceVersion, finalizers = [] } = volume.metadata
      const plan = planRemoval(volume, directory)
      if (plan.type === 'wait') return
      if (plan.type === 'foreign') {
        const wanted = `${directory}/${name}`
        log.error('volume not removed: its path is not ours', { volume: name, ...plan, wanted })
        return
      }
      await removeTree(`${nodeRoot}${plan.path}`, mounter)
      const left = finalizers.filter((each) => each !== LOCAL_PATH_FINALIZER)
      const patch = { metadata: { uid, resourceVersion, finalizers: left } }
      try {
        await client.patch(PersistentVolume, { name }, patch)
      } catch (error) {
        // Gone already: somebody else has taken the last finalizer away.
        if (!isReason(error, 'NotFound')) throw error
      }
      log.info('volume removed', { volume: name, path: plan.path })
    },
  })
}
