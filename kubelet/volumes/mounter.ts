/** Mounts file systems, by the tools of the node. */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { mountPoints } from './mount-table.ts'

export interface MountRequest {
  readonly type: string
  readonly source: string
  readonly directory: string
  readonly options: readonly string[]
}

export interface Mounter {
  /** Throws with what the tool has said. */
  mount(request: MountRequest): Promise<void>
  unmount(directory: string): Promise<void>
  mountPoints(): Promise<readonly string[]>
}

/** A server that does not answer must not hold a pod for ever. */
const MOUNT_MS = 120_000

export function mountArguments({ type, source, directory, options }: MountRequest): string[] {
  const given = options.length ? ['-o', options.join(',')] : []
  return ['-t', type, ...given, source, directory]
}

export const systemMounter: Mounter = {
  async mount(request) {
    const words = mountArguments(request)
    const problem = await outcomeOf('mount', words)
    if (problem === undefined) return
    const lines = [
      `mount failed: ${problem.outcome}`,
      'Mounting command: mount',
      `Mounting arguments: ${words.join(' ')}`,
      `Output: ${problem.output}`,
    ]
    throw new Error(lines.join('\n'))
  },
  async unmount(directory) {
    const problem = await outcomeOf('umount', [directory])
    if (problem === undefined) return
    const lines = [
      `unmount failed: ${problem.outcome}`,
      `Unmounting arguments: ${directory}`,
      `Output: ${problem.output}`,
    ]
    throw new Error(lines.join('\n'))
  },
  mountPoints,
}

interface Failure {
  readonly outcome: string
  readonly output: string
}

async function outcomeOf(command: string, words: readonly string[]): Promise<Failure | undefined> {
  const child = spawn(command, words, { stdio: ['ignore', 'ignore', 'pipe'], timeout: MOUNT_MS })
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => {
      if (code === 0) resolve(undefined)
      else resolve(code === null ? `signal: ${signal}` : `exit status ${code}`)
    })
  })
  const [outcome, output] = await Promise.all([ended, text(child.stderr)])
  return outcome === undefined ? undefined : { outcome, output: output.trimEnd() }
}
