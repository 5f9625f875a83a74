/** What the supervisor of a cluster says of itself, as others read it. */
import { readFile } from 'node:fs/promises'
import type { Clock } from '#daemon/clock.ts'
import { isAlive } from '#daemon/other-processes.ts'
import type { ClusterFiles } from '../cluster-files.ts'
import type { SupervisorStatus } from './supervisor.ts'

/** Nothing tells when the supervisor has written what it does. */
const LOOK_AGAIN_MS = 10

export async function readStatus(files: ClusterFiles): Promise<SupervisorStatus | undefined> {
  const text = await textOf(files.status)
  return text === undefined ? undefined : (JSON.parse(text) as SupervisorStatus)
}

/** Its number while it runs. */
export async function runningSupervisor(files: ClusterFiles): Promise<number | undefined> {
  const pid = Number(await textOf(files.supervisorPid))
  if (!pid || !isAlive(pid)) return undefined
  // After a reboot the number may belong to anybody.
  const command = await textOf(`/proc/${pid}/cmdline`)
  return command?.includes(files.directory) ? pid : undefined
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}

/** Resolves when the supervisor keeps nothing of this node any more. */
export async function processesGone(
  files: ClusterFiles,
  node: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const isLeft = async (): Promise<boolean> => {
    const { components = {} } = (await readStatus(files)) ?? {}
    return Object.keys(components).some((name) => name.startsWith(`${node}/`))
  }
  while (await isLeft()) await clock.sleep(LOOK_AGAIN_MS, signal)
}

/** Resolves when nothing of an earlier supervisor is left that could answer in its place. */
export async function takenOver(
  files: ClusterFiles,
  supervisor: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while ((await readStatus(files))?.pid !== supervisor) await clock.sleep(LOOK_AGAIN_MS, signal)
}
