/** Brings a cluster up: its supervisor, its API server, access for the user, its nodes. */
import { spawn } from 'node:child_process'
import { mkdir, open, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Clock } from '#daemon/clock.ts'
import type { Host } from '#daemon/host.ts'
import { option } from '#daemon/options.ts'
import { hasEnded } from '#daemon/other-processes.ts'
import { Engine } from '#engine/engine.ts'
import { adminAccess, nodesReady, serverReady } from './api-access.ts'
import { type ClusterDescription, writeWhole } from './cluster.ts'
import type { ClusterFiles } from './cluster-files.ts'
import { type CommandContext, CommandError } from './command.ts'
import { addToKubeconfig, contextName, type Merged, userKubeconfig } from './kubeconfig-file.ts'
import { checkPort } from './ports.ts'
import { livingProcess } from './supervisor/left-overs.ts'
import { runningSupervisor, takenOver } from './supervisor/processes.ts'
import { withDeadline } from './with-deadline.ts'

const SERVER_TIMEOUT_MS = 60_000
const NODES_TIMEOUT_MS = 60_000
const SUPERVISOR = fileURLToPath(new URL('./supervisor/main.ts', import.meta.url))

/** Flags of every command that ends with a cluster that runs. */
export const bringUpFlags = {
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
}

export interface BringUpValues {
  readonly engine: string
  readonly kubeconfig: string | undefined
  readonly switchContext: boolean
  readonly wait: boolean
}

/** Lets go of the lock of the cluster as soon as its supervisor is there. */
export async function bringUp(
  cluster: ClusterDescription,
  files: ClusterFiles,
  values: BringUpValues,
  context: CommandContext,
  lock: Disposable,
): Promise<void> {
  const { progress, clock, signal } = context
  const begunAt = clock.monotonic()
  const startedAtMs = Math.floor(clock.now() / 1000) * 1000
  const { supervisor, isNew } = await progress.step(
    `Cluster "${cluster.name}" with ${counted(cluster)}`,
    () => ensureSupervisor(cluster, files, values.engine, context.host),
  )
  await progress.step('API server ready', () =>
    withDeadline(
      (within) =>
        unlessEnded(supervisor, clock, within, async (until) => {
          await takenOver(files, supervisor, clock, until)
          lock[Symbol.dispose]()
          await serverReady(files, clock, until)
        }),
      {
        clock,
        signal,
        timeoutMs: SERVER_TIMEOUT_MS,
        failure: 'the API server is not ready',
        logFile: files.log('apiserver'),
      },
    ),
  )
  // Before the nodes: whoever interrupts the wait for them has a cluster all the same.
  const merged = await mergeKubeconfig(cluster, files, values, context)
  if (values.wait && cluster.nodes.length > 0) {
    await progress.step('All nodes Ready', () =>
      waitForNodes(cluster, files, isNew ? startedAtMs : 0, context),
    )
  }
  report(cluster, merged, context, clock.monotonic() - begunAt)
}

const counted = ({ nodes, hollowNodes }: ClusterDescription): string =>
  `${nodes.length} node${nodes.length === 1 ? '' : 's'}` +
  (hollowNodes > 0 ? ` and ${hollowNodes} hollow ones` : '')

export async function checkEngine(address: string): Promise<void> {
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

/** The number of its process. It outlives the command, and the terminal too. */
export async function ensureSupervisor(
  cluster: ClusterDescription,
  files: ClusterFiles,
  engine: string,
  { environment }: Host,
): Promise<Supervising> {
  const present = await runningSupervisor(files)
  if (present !== undefined) return { supervisor: present, isNew: false }
  const ours = await livingProcess(files, 'apiserver')
  if (ours === undefined && !cluster.joined) await checkPort(cluster.apiPort)
  await mkdir(files.logs, { recursive: true, mode: 0o700 })
  await using log = await open(files.log('supervisor'), 'a', 0o600)
  const words = [SUPERVISOR, `--data-dir=${files.directory}`, `--engine=${engine}`]
  const child = spawn(process.execPath, words, {
    detached: true,
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'), ...environment },
    stdio: ['ignore', log.fd, log.fd],
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  child.unref()
  const pid = Number(child.pid)
  // By us, so that whoever takes the lock next finds it.
  await writeWhole(files.supervisorPid, `${pid}\n`)
  return { supervisor: pid, isNew: true }
}

interface Supervising {
  /** The number of its process. */
  readonly supervisor: number
  readonly isNew: boolean
}

/** Nobody waits for what a process that has ended would have done. */
export async function unlessEnded(
  supervisor: number,
  clock: Clock,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const ending = new AbortController()
  const within = AbortSignal.any([signal, ending.signal])
  const ended = hasEnded(supervisor, clock, within).then(() => {
    throw new Error(`the supervisor (process ${supervisor}) has ended`)
  })
  try {
    await Promise.race([ended, work(within)])
  } finally {
    ending.abort()
    await ended.catch(() => undefined)
  }
}

async function waitForNodes(
  cluster: ClusterDescription,
  files: ClusterFiles,
  sinceMs: number,
  { clock, random, signal }: CommandContext,
): Promise<void> {
  await using access = await adminAccess(files, clock)
  const names = cluster.nodes.map(({ name }) => name)
  await withDeadline((within) => nodesReady(access, { names, sinceMs }, random, within), {
    clock,
    signal,
    timeoutMs: NODES_TIMEOUT_MS,
    failure: 'not all nodes are Ready',
    logFile: files.log(`${names[0]}/kubelet`),
  })
}

interface InKubeconfig extends Merged {
  readonly path: string
}

async function mergeKubeconfig(
  cluster: ClusterDescription,
  files: ClusterFiles,
  { kubeconfig, switchContext }: BringUpValues,
  { host, clock }: CommandContext,
): Promise<InKubeconfig> {
  const path = kubeconfig ?? userKubeconfig(host.environment)
  const own = JSON.parse(await readFile(files.adminKubeconfig, 'utf8'))
  const entries = { cluster: own.clusters[0].cluster, user: own.users[0].user }
  return { path, ...(await addToKubeconfig(path, cluster.name, entries, switchContext, clock)) }
}

function report(
  { name, apiPort }: ClusterDescription,
  { path, isCurrent, previousContext }: InKubeconfig,
  { progress }: CommandContext,
  tookMs: number,
): void {
  const context = contextName(name)
  const server = `https://localhost:${apiPort}`
  const took = `${(tookMs / 1000).toFixed(1)} s`
  progress.report(
    { type: 'up', cluster: name, server, kubeconfig: path, context, isCurrent },
    `Cluster "${name}" is up at ${server} (${took}). Its context in ${path}: ${context}`,
  )
  if (isCurrent && previousContext) {
    progress.advise(`kubectl used "${previousContext}" before, and uses "${context}" now.`)
  }
  progress.advise(`Next: kubectl${isCurrent ? '' : ` --context ${context}`} get nodes`)
}
