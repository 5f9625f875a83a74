/** Processes of a supervisor or a service that was killed: nobody else would end them. */
import { readdir, readFile } from 'node:fs/promises'
import type { Log } from '#daemon/log.ts'
import { hasEnded, sendSignal } from '#daemon/other-processes.ts'
import type { ServiceContext } from '#daemon/service.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { readCluster } from '../cluster.ts'
import type { ClusterFiles } from '../cluster-files.ts'
import { readStatus } from './processes.ts'

/** Longer than the grace of any service whose pods go on. */
const GRACE_MS = 35_000

type Parts = Pick<ServiceContext, 'clock' | 'signal'> & { readonly log?: Log }

/** The API server last, so that the others can still say good-bye. */
export async function endLeftOvers(files: ClusterFiles, parts: Parts): Promise<void> {
  const cluster = await readCluster(files.cluster)
  if (!cluster) return
  const server = (await readStatus(files))?.components.apiserver?.pid
  const found = await processesOf(cluster.id)
  for (const some of [
    found.filter((pid) => pid !== server),
    found.filter((pid) => pid === server),
  ]) {
    await settleAll(some.map((pid) => end(pid, parts)))
  }
}

/**
 * Those that carry the id of this cluster, which no number that now belongs to somebody else does.
 * Among them are small programs that a service had started before it was killed.
 */
async function processesOf(cluster: string): Promise<readonly number[]> {
  const names = await readdir('/proc').catch(() => [])
  const numbers = names.map(Number).filter((pid) => pid > 0 && pid !== process.pid)
  const found = await Promise.all(
    numbers.map(async (pid) => ((await belongsTo(pid, cluster)) ? [pid] : [])),
  )
  return found.flat()
}

async function end(pid: number, { clock, log, signal }: Parts): Promise<void> {
  log?.warn('ending a process that was left over', { pid })
  sendSignal(pid, 'SIGTERM')
  using _force = clock.setTimeout(() => sendSignal(pid, 'SIGKILL'), GRACE_MS)
  await hasEnded(pid, clock, signal)
}

/** Of a component whose supervisor was killed, or of a supervisor that runs. */
export async function livingProcess(
  files: ClusterFiles,
  component: string,
): Promise<number | undefined> {
  const cluster = await readCluster(files.cluster)
  const pid = (await readStatus(files))?.components[component]?.pid
  return cluster && pid !== undefined && (await belongsTo(pid, cluster.id)) ? pid : undefined
}

async function belongsTo(pid: number, cluster: string): Promise<boolean> {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8')
    return environment.split('\0').includes(`NANOKUBE_CLUSTER=${cluster}`)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // One that has just ended, or that is not ours to read.
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return false
    throw error
  }
}
