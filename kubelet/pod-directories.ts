/**
 * Where the files of pods lie on the node.
 *
 *     <root>/pods/<uid>/volumes/<type>/<name>/
 *     <root>/pods/<uid>/etc-hosts, resolv.conf
 *     <root>/pods/<uid>/containers/<name>/<attempt>-termination
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing } from './volumes/atomic-writer.ts'

const podsDirectory = (root: string): string => join(root, 'pods')

export function podDirectory(root: string, podUid: string): string {
  // Manifests on disk may name any uid.
  if (!/^[\w-][\w.-]*$/.test(podUid)) {
    throw new Error(`directory of a pod: uid is "${podUid}", wanted letters, digits and dashes`)
  }
  return join(podsDirectory(root), podUid)
}

export const volumesDirectory = (root: string, podUid: string): string =>
  join(podDirectory(root, podUid), 'volumes')

/** The uids of all pods that have files. */
export async function podsWithFiles(root: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(podsDirectory(root), { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
