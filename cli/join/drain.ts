/** Lets the pods of a node go with the node's own rights, as `kubectl drain` does with others. */
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { Eviction } from '#api/kinds/policy/eviction.ts'
import { isReason } from '#api/status.ts'
import type { Client } from '#client/rest.ts'
import type { Clock } from '#daemon/clock.ts'
import { settleAll } from '#daemon/settle-all.ts'

const AGAIN_MS = 1000

/** Resolves when none is left that would go; a budget for disruptions can keep one for long. */
export async function drainNode(
  client: Client,
  name: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  await client.patch(Node, { name }, { spec: { unschedulable: true } }, { signal })
  for (;;) {
    const pods = await client.list(Pod, { fieldSelector: `spec.nodeName=${name}`, signal })
    const left = pods.filter(hasToGo)
    if (left.length === 0) return
    const going = left.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    await settleAll(going.map((pod) => evict(client, pod, signal)))
    await clock.sleep(AGAIN_MS, signal)
  }
}

/** Pure: what is over stays as it is; a DaemonSet would put its pods back at once. */
export function hasToGo({ metadata, status }: Pod): boolean {
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return false
  if (metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return false
  const owner = metadata.ownerReferences?.find(({ controller }) => controller)
  return owner?.kind !== 'DaemonSet'
}

async function evict(client: Client, { metadata }: Pod, signal: AbortSignal): Promise<void> {
  const { name, namespace } = metadata
  const eviction = { metadata: { name, namespace } }
  try {
    await client.createSubresource(Pod, metadata, 'eviction', Eviction, eviction, { signal })
  } catch (error) {
    // Gone already, or kept by its budget until another round.
    if (!isReason(error, 'NotFound', 'TooManyRequests')) throw error
  }
}
