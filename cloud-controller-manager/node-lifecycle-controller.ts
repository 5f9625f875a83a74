/** Deletes nodes whose machines are gone, and marks those whose machines are shut down. */
import { findCondition } from '#api/conditions.ts'
import { Node } from '#api/kinds/core/node.ts'
import { isReason } from '#api/status.ts'
import { type Controller, defineController, type ReconcileContext } from '#client/controller.ts'
import { hasTaint, SHUT_DOWN } from './node-plan.ts'
import type { Instances } from './provider.ts'

export interface CloudLifecycleSettings {
  /** How often the cloud is asked about a node that is not ready. */
  readonly monitorPeriodMs: number
}

export const cloudLifecycleController = (
  instances: Instances,
  { monitorPeriodMs }: CloudLifecycleSettings,
): Controller =>
  defineController<Node>({
    name: 'cloud-node-lifecycle-controller',
    for: Node,
    async reconcile(node, context) {
      if (node.metadata.deletionTimestamp) return undefined
      const ready = findCondition(node.status.conditions, 'Ready')?.status
      if (ready === 'True') {
        if (hasTaint(node, SHUT_DOWN)) await setShutDown(node, false, context)
        return undefined
      }
      if (!(await instances.exists(node))) {
        await remove(node, context)
        return undefined
      }
      const isShutDown = await instances.isShutDown(node)
      if (isShutDown !== hasTaint(node, SHUT_DOWN)) await setShutDown(node, isShutDown, context)
      return { requeueAfterMs: monitorPeriodMs }
    },
  })

async function remove(node: Node, { client, events, log }: ReconcileContext): Promise<void> {
  const { name } = node.metadata
  const message = `Deleting node ${name} because it does not exist in the cloud provider`
  events.normal(node, 'DeletingNode', message)
  log.info('node deleted: its machine is gone')
  try {
    await client.delete(Node, node)
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}

async function setShutDown(
  node: Node,
  isShutDown: boolean,
  { client, log }: ReconcileContext,
): Promise<void> {
  const { resourceVersion } = node.metadata
  const others = (node.spec.taints ?? []).filter(({ key }) => key !== SHUT_DOWN)
  const taints = isShutDown ? [...others, { key: SHUT_DOWN, effect: 'NoSchedule' }] : others
  await client.patch(Node, node, { metadata: { resourceVersion }, spec: { taints } })
  log.info(isShutDown ? 'machine is shut down' : 'machine is up again')
}
