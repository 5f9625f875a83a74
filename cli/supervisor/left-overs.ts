/** Processes of a supervisor that was killed: they are ended before their successors start. */
import { readFile } from 'node:fs/promises'
import { hasEnded, sendSignal } from '#daemon/other-processes.ts'
import type { ServiceContext } from '#daemon/service.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { readCluster } from '../cluster.ts'
import type { ClusterFiles } from '../cluster-files.ts'
import { readStatus } from './processes.ts'

/** Longer than the grace of any service whose pods go on. */
const GRACE_MS = 35_000

type Parts = Pick<ServiceContext, 'clock' | 'log' | 'signal'>

/** The API server last, so that the others can still say good-bye. */
export async function endLeftOvers(files: ClusterFiles, parts: Parts): Promise<void> {
  const cluster = await readCluster(files.cluster)
  const status = await readStatus(files)
  if (!cluster || !status) return
  const found = Object.entries(status.components)
  const isServer = ([name]: (typeof found)[number]): boolean => name === 'apiserver'
  for (const some of [found.filter((each) => !isServer(each)), found.filter(isServer)]) {
    await settleAll(some.map(([name, { pid }]) => end(name, pid, cluster.id, parts)))
  }
}

/** Only what carries the id of this cluster: the number may be somebody else's by now. */
async function end(
  component: string,
  pid: number | undefined,
  cluster: string,
  { clock, log, signal }: Parts,
): Promise<void> {
  if (pid === undefined || !(await belongsTo(pid, cluster))) return
  log.warn('ending a process of an earlier supervisor', { component, pid })
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
    if (code === 'ENOENT' || code === 'ESRCH') return false
    throw error
  }
}
