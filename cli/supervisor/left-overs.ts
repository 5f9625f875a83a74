/** Processes of a supervisor that was killed: they are ended before their successors start. */
import { readFile } from 'node:fs/promises'
import { hasEnded, sendSignal } from '#daemon/other-processes.ts'
import type { ServiceContext } from '#daemon/service.ts'
import { readCluster } from '../cluster.ts'
import type { ClusterFiles } from '../cluster-files.ts'
import { readStatus } from './processes.ts'

/** Only what carries the id of this cluster: the number may be somebody else's by now. */
export async function endLeftOvers(
  files: ClusterFiles,
  { clock, log, signal }: Pick<ServiceContext, 'clock' | 'log' | 'signal'>,
): Promise<void> {
  const cluster = await readCluster(files.cluster)
  const status = await readStatus(files)
  if (!cluster || !status) return
  for (const [component, { pid }] of Object.entries(status.components)) {
    if (pid === undefined || !(await belongsTo(pid, cluster.id))) continue
    log.warn('ending a process of an earlier supervisor', { component, pid })
    sendSignal(pid, 'SIGTERM')
    await hasEnded(pid, clock, signal)
  }
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
