/** `nanokube up`: a cluster that runs when the command ends; what runs already stays. */
import { spawn } from 'node:child_process'
import { mkdir, open, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { option } from '#daemon/options.ts'
import { Engine } from '#kubelet/docker/engine/engine.ts'
import { adminAccess, nodesReady, serverReady } from '../api-access.ts'
import { clusterFlags, engineFlags, filesOf } from '../chosen-cluster.ts'
import { type ClusterDescription, NODES_MAX, readCluster } from '../cluster.ts'
import type { ClusterFiles } from '../cluster-files.ts'
import { type CommandContext, CommandError, defineCommand } from '../command.ts'
import { addToKubeconfig, contextName, userKubeconfig } from '../kubeconfig-file.ts'
import { newCluster } from '../new-cluster.ts'
import { runningSupervisor } from '../supervisor/processes.ts'
import { withDeadline } from '../with-deadline.ts'

const SERVER_TIMEOUT_MS = 30_000
const NODES_TIMEOUT_MS = 60_000
const SUPERVISOR = fileURLToPath(new URL('../supervisor/main.ts', import.meta.url))

export const up = defineCommand({
  name: 'up',
  summary: 'Makes a cluster, or starts the one that there is.',
  options: {
    ...clusterFlags,
    ...engineFlags,
    'Flags of a new cluster': {
      nodes: option.integer({ help: 'How many nodes.', default: 1, min: 0, max: NODES_MAX }),
      hollow: option.integer({
        help: 'How many nodes more that only act as if they ran containers.',
        default: 0,
        min: 0,
        max: 10_000,
      }),
      'api-port': option.port({
        help: 'Port of the API server; the first free one from 6443 on unless given.',
      }),
    },
    'Kubeconfig flags': {
      kubeconfig: option.text({
        help: 'File to put the cluster in; that of kubectl unless given.',
      }),
      'switch-context': option.boolean({
        help: 'Make the cluster the current one of kubectl even where another one is.',
      }),
    },
    'Waiting flags': {
      wait: option.boolean({ help: 'Wait until all nodes are Ready.', default: true }),
    },
  },
  async run(values, _words, context) {
    const { progress, clock, signal } = context
    const files = filesOf(values)
    const begunAt = clock.monotonic()
    const present = await readCluster(files.cluster)
    const cluster = present ?? (await newCluster(values, files, context))
    if (cluster.nodes.length > 0) await checkEngine(values.engine)
    await progress.step(`Cluster "${cluster.name}" with ${counted(cluster)}`, async () => {
      if (!(await runningSupervisor(files))) await startSupervisor(files, values.engine)
    })
    await progress.step('API server ready', () =>
      withDeadline((within) => serverReady(files, clock, within), {
        clock,
        signal,
        timeoutMs: SERVER_TIMEOUT_MS,
        failure: 'the API server is not ready',
        logFile: files.log('apiserver'),
      }),
    )
    if (values.wait && cluster.nodes.length > 0) {
      await progress.step('All nodes Ready', () => waitForNodes(cluster, files, context))
    }
    const took = ((clock.monotonic() - begunAt) / 1000).toFixed(1)
    await report(cluster, files, values, context, took)
  },
})

const counted = ({ nodes, hollowNodes }: ClusterDescription): string =>
  `${nodes.length} node${nodes.length === 1 ? '' : 's'}` +
  (hollowNodes > 0 ? ` and ${hollowNodes} hollow ones` : '')

async function checkEngine(address: string): Promise<void> {
  await using engine = new Engine(address)
  try {
    await engine.ping()
  } catch (error) {
    throw new CommandError(
      `Docker Engine at ${address}: ${(error as Error).message}`,
      'Start it, or install it (Debian, Ubuntu: apt-get install docker.io), or make a cluster ' +
        'without containers: nanokube up --nodes 0 --hollow 3',
      error,
    )
  }
}

/** It outlives the command, and the terminal too. */
async function startSupervisor(files: ClusterFiles, engine: string): Promise<void> {
  await mkdir(files.logs, { recursive: true, mode: 0o700 })
  await using log = await open(files.log('supervisor'), 'a', 0o600)
  const words = [SUPERVISOR, `--data-dir=${files.directory}`, `--engine=${engine}`]
  const child = spawn(process.execPath, words, {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  child.unref()
}

async function waitForNodes(
  cluster: ClusterDescription,
  files: ClusterFiles,
  { clock, random, signal }: CommandContext,
): Promise<void> {
  await using access = await adminAccess(files, clock)
  const names = cluster.nodes.map(({ name }) => name)
  await withDeadline((within) => nodesReady(access, names, random, within), {
    clock,
    signal,
    timeoutMs: NODES_TIMEOUT_MS,
    failure: 'not all nodes are Ready',
    logFile: files.log(`${names[0]}/kubelet`),
  })
}

interface KubeconfigValues {
  readonly kubeconfig: string | undefined
  readonly switchContext: boolean
}

async function report(
  cluster: ClusterDescription,
  files: ClusterFiles,
  values: KubeconfigValues,
  { host, progress }: CommandContext,
  tookSeconds: string,
): Promise<void> {
  const path = values.kubeconfig ?? userKubeconfig(host.environment)
  const own = JSON.parse(await readFile(files.adminKubeconfig, 'utf8'))
  const entries = { cluster: own.clusters[0].cluster, user: own.users[0].user }
  const merged = await addToKubeconfig(path, cluster.name, entries, values.switchContext)
  const context = contextName(cluster.name)
  const server = `https://localhost:${cluster.apiPort}`
  progress.report(
    {
      type: 'up',
      cluster: cluster.name,
      server,
      kubeconfig: path,
      context,
      isCurrent: merged.isCurrent,
    },
    `Cluster "${cluster.name}" is up at ${server} (${tookSeconds} s). Its context in ${path}: ${context}`,
  )
  if (merged.isCurrent && merged.previousContext) {
    progress.advise(`kubectl used "${merged.previousContext}" before, and uses "${context}" now.`)
  }
  const flag = merged.isCurrent ? '' : ` --context ${context}`
  progress.advise(`Next: kubectl${flag} get nodes`)
}
