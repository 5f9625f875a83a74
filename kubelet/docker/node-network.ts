/** Which network namespace is the node's: pods of the host network join it, others hang on it. */
import { stat } from 'node:fs/promises'
import type { Engine } from '#engine/engine.ts'

export type NodeNetwork =
  /** The node is the machine itself, whose network this process shares. */
  | { readonly type: 'host' }
  /** The node is a container, whose network this process shares. */
  | { readonly type: 'container'; readonly id: string }
  /** The node is a namespace with a file, as `ip netns add` makes it; we may be outside. */
  | { readonly type: 'namespace'; readonly path: string }

/** File of the node's namespace; undefined when it is the machine's own. */
export async function nodeNamespaceFile(
  network: NodeNetwork,
  engine: Engine,
): Promise<string | undefined> {
  if (network.type === 'host') return undefined
  if (network.type === 'namespace') return network.path
  const { State: state } = await engine.inspectContainer(network.id)
  if (!state.Running)
    throw new Error(`node container ${network.id} is ${state.Status}, not running`)
  return networkFile(state.Pid)
}

export const networkFile = (processId: number): string => `/proc/${processId}/ns/net`

/** The same number for two files of one namespace; undefined when there is no such file. */
export async function namespaceOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).ino
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** A file or a process that is not there. */
export function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOENT' || code === 'ESRCH'
}
