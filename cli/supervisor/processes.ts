/** Processes that are not our children: whether they live, and what the supervisor says of its own. */
import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { ClusterFiles } from '../cluster-files.ts'
import type { SupervisorStatus } from './supervisor.ts'

/** Nothing tells when somebody else's child has ended. */
const LOOK_AGAIN_MS = 20

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

export async function hasEnded(pid: number, signal?: AbortSignal): Promise<void> {
  while (isAlive(pid)) await wait(LOOK_AGAIN_MS, undefined, { ...(signal && { signal }) })
}

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
  signal: AbortSignal,
): Promise<void> {
  const isLeft = async (): Promise<boolean> => {
    const { components = {} } = (await readStatus(files)) ?? {}
    return Object.keys(components).some((name) => name.startsWith(`${node}/`))
  }
  while (await isLeft()) await wait(LOOK_AGAIN_MS, undefined, { signal })
}
