/** Completes nodes that have joined with what their cloud knows about the machine. */
import { Node } from '#api/kinds/core/node.ts'
import { sameJson } from '#api/patch/same-json.ts'
import { type Controller, defineController, type ReconcileContext } from '#client/controller.ts'
import { hasTaint, initialized, newerLabels, UNINITIALIZED, wantedAddresses } from './node-plan.ts'
import type { Instances } from './provider.ts'

export interface CloudNodeSettings {
  /** How often the cloud is asked about machines that it has told about before. */
  readonly updatePeriodMs: number
}

export const cloudNodeController = (
  instances: Instances,
  { updatePeriodMs }: CloudNodeSettings,
): Controller =>
  defineController<Node>({
    name: 'cloud-node-controller',
    for: Node,
    async reconcile(node, context) {
      if (node.metadata.deletionTimestamp) return undefined
      const isNew = hasTaint(node, UNINITIALIZED)
      const metadata = await instances.metadata(node)
      if (!metadata) {
        if (isNew) context.log.info('node has to wait: the cloud does not know it yet')
        return { requeueAfterMs: updatePeriodMs }
      }
      const { client } = context
      let current = node
      if (isNew) current = await initialize(node, initialized(node, metadata), context)
      const labels = newerLabels(current)
      if (labels) current = await client.patch(Node, current, { metadata: { labels } })
      const addresses = wantedAddresses(current, metadata)
      if (addresses && !sameJson(current.status.addresses ?? [], addresses)) {
        const { resourceVersion } = current.metadata
        const patch = { metadata: { resourceVersion }, status: { addresses } }
        await client.patch(Node, current, patch, { subresource: 'status' })
      }
      return { requeueAfterMs: updatePeriodMs }
    },
  })

async function initialize(
  node: Node,
  patch: object,
  { client, events, log }: ReconcileContext,
): Promise<Node> {
  const done = await client.patch(Node, node, patch)
  events.normal(node, 'Synced', 'Node synced successfully')
  log.info('node is initialized', { providerID: done.spec.providerID })
  return done
}
