/** `nanokube node add|remove|list`: nodes of this machine. */

import { rm } from 'node:fs/promises'
import { Node } from '#api/kinds/core/node.ts'
import { isReason } from '#api/status.ts'
import { option } from '#daemon/options.ts'
import { sendSignal } from '#daemon/other-processes.ts'
import { Engine } from '#engine/engine.ts'
import { adminAccess, isNodeReady, nodesReady } from '../api-access.ts'
import { clusterFlags, engineFlags, existingHere } from '../chosen-cluster.ts'
import { type ClusterDescription, withNode, writeCluster } from '../cluster.ts'
import type { ClusterFiles } from '../cluster-files.ts'
import { lockCluster } from '../cluster-lock.ts'
import { type CommandContext, CommandError, defineCommand } from '../command.ts'
import { unmountBelow } from '../mounts.ts'
import { hollowName } from '../supervisor/components.ts'
import { removeContainers } from '../supervisor/machine.ts'
import { processesGone, runningSupervisor } from '../supervisor/processes.ts'
import { withDeadline } from '../with-deadline.ts'
import { HOLLOW_MAX } from './up.ts'

const READY_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 40_000

export const nodeAdd = defineCommand({
  name: 'node add',
  summary: 'Adds a node, or several, to a cluster.',
  words: { usage: '[NAME]', min: 0, max: 1 },
  options: {
    ...clusterFlags,
    'Node flags': {
      count: option.integer({ help: 'How many nodes.', default: 1, min: 1, max: 100 }),
      hollow: option.integer({
        help: 'Add so many nodes that only act as if they ran containers, in place of real ones.',
        default: 0,
        min: 0,
        max: HOLLOW_MAX,
      }),
    },
  },
  async run(values, [name], context) {
    const { clock, random, progress, signal } = context
    const { files } = await existingHere(values)
    if (name && (values.count > 1 || values.hollow > 0)) {
      throw new CommandError('node add: a name is for one real node alone')
    }
    using lock = await lockCluster(files, context)
    const { cluster } = await existingHere(values)
    const grown =
      values.hollow > 0 ? withHollow(cluster, values.hollow) : grownBy(cluster, values.count, name)
    await change(files, grown)
    lock[Symbol.dispose]()
    if (values.hollow > 0) {
      const total = grown.hollowNodes
      progress.report({ hollowNodes: total }, `There are ${total} hollow nodes now.`)
      return
    }
    const added = grown.nodes.slice(cluster.nodes.length).map((node) => node.name)
    await progress.step(`Ready: ${added.join(', ')}`, async () => {
      await using access = await adminAccess(files, clock)
      await withDeadline(
        (within) => nodesReady(access, { names: added, sinceMs: 0 }, random, within),
        {
          clock,
          signal,
          timeoutMs: READY_TIMEOUT_MS,
          failure: `${added.join(', ')} not Ready`,
          logFile: files.log(`${added[0]}/kubelet`),
        },
      )
    })
  },
})

function grownBy(cluster: ClusterDescription, count: number, name?: string): ClusterDescription {
  return Array.from({ length: count }).reduce<ClusterDescription>(
    (so) => withNode(so, name),
    cluster,
  )
}

function withHollow(cluster: ClusterDescription, more: number): ClusterDescription {
  const hollowNodes = cluster.hollowNodes + more
  if (hollowNodes <= HOLLOW_MAX) return { ...cluster, hollowNodes }
  throw new CommandError(`node add: found ${hollowNodes} hollow nodes, wanted up to ${HOLLOW_MAX}`)
}

export const nodeRemove = defineCommand({
  name: 'node remove',
  summary: 'Takes a node, and every pod on it, out of a cluster.',
  words: { usage: '[NAME]', min: 0, max: 1 },
  options: {
    ...clusterFlags,
    ...engineFlags,
    'Node flags': {
      hollow: option.integer({
        help: 'Take away so many of the nodes that only act as if they ran containers.',
        default: 0,
        min: 0,
        max: HOLLOW_MAX,
      }),
    },
  },
  async run(values, [name], context) {
    const { clock, progress, signal } = context
    const { files } = await existingHere(values)
    using _lock = await lockCluster(files, context)
    const { cluster } = await existingHere(values)
    if ((name === undefined) === (values.hollow === 0)) {
      throw new CommandError('node remove: wanted either the name of a node or --hollow')
    }
    if (name === undefined) return removeHollow(files, cluster, values.hollow, context)
    if (!cluster.nodes.some((node) => node.name === name)) {
      const known = cluster.nodes.map((node) => node.name).join(', ')
      throw new CommandError(`node remove: there is no node "${name}"`, `There are: ${known}`)
    }
    await change(files, { ...cluster, nodes: cluster.nodes.filter((node) => node.name !== name) })
    await progress.step(`Processes of ${name} stopped`, () =>
      withDeadline((within) => processesGone(files, name, clock, within), {
        clock,
        signal,
        timeoutMs: STOP_TIMEOUT_MS,
        failure: `the processes of ${name} do not end`,
        logFile: files.log(`${name}/kubelet`),
      }),
    )
    await progress.step(`Removed: ${name}`, async () => {
      await using engine = new Engine(values.engine)
      await removeContainers(engine, cluster, name)
      const { directory } = files.node(name)
      await unmountBelow(directory)
      await rm(directory, { recursive: true, force: true })
      await deleteNodes(files, [name], context)
    })
  },
})

async function removeHollow(
  files: ClusterFiles,
  cluster: ClusterDescription,
  count: number,
  context: CommandContext,
): Promise<void> {
  const left = cluster.hollowNodes - count
  if (left < 0) {
    throw new CommandError(
      `node remove: there are ${cluster.hollowNodes} hollow nodes, found ${count}`,
    )
  }
  await change(files, { ...cluster, hollowNodes: left })
  const names = Array.from({ length: count }, (_, index) => hollowName(left + index))
  await deleteNodes(files, names, context)
  context.progress.report({ hollowNodes: left }, `There are ${left} hollow nodes now.`)
}

async function deleteNodes(
  files: ClusterFiles,
  names: readonly string[],
  { clock }: CommandContext,
): Promise<void> {
  await using access = await adminAccess(files, clock)
  for (const name of names) {
    await access.client.delete(Node, { name }).catch((error) => {
      if (!isReason(error, 'NotFound')) throw error
    })
  }
}

export const nodeList = defineCommand({
  name: 'node list',
  summary: 'Lists the nodes of a cluster.',
  options: clusterFlags,
  async run(values, _words, { clock, progress }) {
    const { files, cluster } = await existingHere(values)
    await using access = await adminAccess(files, clock)
    const nodes = (await access.client.list(Node)).map((node) => ({
      name: node.metadata.name,
      isReady: isNodeReady(node),
      isLocal: cluster.nodes.some(({ name }) => name === node.metadata.name),
    }))
    const lines = nodes.map(
      ({ name, isReady, isLocal }) =>
        `${name}  ${isReady ? 'Ready' : 'NotReady'}  ${isLocal ? 'this machine' : 'joined'}`,
    )
    progress.report({ nodes }, lines.join('\n'))
  },
})

/** Who runs already takes over what has changed. */
async function change(files: ClusterFiles, cluster: ClusterDescription): Promise<void> {
  const supervisor = await runningSupervisor(files)
  if (supervisor === undefined) {
    throw new CommandError(`cluster "${cluster.name}" is stopped`, 'Start it with: nanokube up')
  }
  await writeCluster(files.cluster, cluster)
  sendSignal(supervisor, 'SIGHUP')
}
