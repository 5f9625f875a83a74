/** Mounts that pods left below a directory, as when their kubelet was killed. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Innermost first; nothing may be removed through a mount that leads elsewhere. */
export async function unmountBelow(directory: string): Promise<void> {
  const table = await readFile('/proc/self/mounts', 'utf8').catch(() => '')
  for (const path of mountsBelow(table, directory)) await run('umount', [path])
}

/** Pure: the paths in a mount table that lie below a directory, innermost first. */
export function mountsBelow(table: string, directory: string): readonly string[] {
  const paths = table.split('\n').map((line) => unescaped(line.split(' ')[1] ?? ''))
  return paths
    .filter((path) => path.startsWith(`${directory}/`))
    .toSorted((a, b) => b.length - a.length)
}

/** The kernel writes spaces and the like as three octal digits. */
const unescaped = (path: string): string =>
  path.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
