/** Which pod and container a path of a kubelet's server means. */
import type { Pod } from '#api/kinds/core/pod.ts'
import type { PodDirectory } from './pod-directory.ts'
import { RequestError } from './request.ts'

export interface PathTarget {
  readonly namespace: string
  readonly pod: string
  readonly uid?: string
  readonly container?: string
}

/** `/exec/<namespace>/<pod>[/<uid>]/<container>`; undefined for a path of another form. */
export function targetOf(path: string, hasContainer: boolean): PathTarget | undefined {
  const parts = path.split('/').slice(2).map(decodeURIComponent)
  const container = hasContainer ? parts.pop() : undefined
  const [namespace, pod, uid, ...more] = parts
  if (!namespace || !pod || more.length > 0 || uid === '' || container === '') return undefined
  if (hasContainer && container === undefined) return undefined
  return { namespace, pod, ...(uid && { uid }), ...(container && { container }) }
}

export function podAt(path: string, hasContainer: boolean, pods: PodDirectory) {
  const target = targetOf(path, hasContainer)
  if (!target) throw new RequestError(404, '404 page not found')
  const pod = pods.find(target.namespace, target.pod, target.uid)
  if (!pod) throw new RequestError(404, 'pod does not exist')
  return { pod, container: target.container ?? '' }
}

export function hasContainer({ spec }: Pod, name: string): boolean {
  const lists = [spec.containers, spec.initContainers, spec.ephemeralContainers]
  return lists.some((list) => list?.some((each) => each.name === name))
}
