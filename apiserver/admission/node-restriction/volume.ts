/** What a kubelet may change about volumes: it lets those go whose data it has removed. */
import { isDeepStrictEqual } from 'node:util'
import type { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'
import { LOCAL_PATH_FINALIZER, LOCAL_PATH_NODE_LABEL } from '#api/rules/local-path-volume.ts'
import type { Attributes } from '../admission.ts'
import { refused } from '../refusals.ts'

export function checkVolume(attributes: Attributes, nodeName: string): void {
  const { operation, subresource, object, old } = attributes
  const node = `node "${nodeName}"`
  if (operation !== 'UPDATE' || subresource) {
    throw refused(attributes, `${node} may only update persistent volumes`)
  }
  const [next, previous] = [object, old] as unknown as PersistentVolume[]
  const { labels, deletionTimestamp } = previous!.metadata
  if (labels?.[LOCAL_PATH_NODE_LABEL] !== nodeName) {
    throw refused(attributes, `${node} can only update persistent volumes of its own directories`)
  }
  const isRelease =
    deletionTimestamp && isDeepStrictEqual(withoutFinalizer(next!), withoutFinalizer(previous!))
  if (isRelease) return
  const what = `remove the finalizer ${LOCAL_PATH_FINALIZER} of volumes that are being deleted`
  throw refused(attributes, `${node} is not allowed to do more than to ${what}`)
}

/** All that has to stay as it is. */
function withoutFinalizer({ metadata, ...rest }: PersistentVolume): object {
  const { resourceVersion: _, managedFields: __, finalizers = [], ...meta } = metadata
  const others = finalizers.filter((each) => each !== LOCAL_PATH_FINALIZER)
  return { ...rest, metadata: { ...meta, finalizers: others } }
}
