/**
 * Makes mounts below a directory show in the machine and in all containers that have it. Kubelets
 * in containers mount file systems for pods there, and the Engine has to find them.
 */
import { execFile } from 'node:child_process'
import { readFile, readlink } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Most machines share all of theirs already. Wants to see the processes of the machine. */
export async function shareMounts(directory: string): Promise<void> {
  const machine = await processOfMachine()
  if (isShared(await readFile(`${machine}/mountinfo`, 'utf8'), directory)) return
  const script = 'mkdir -p "$0" && mount --bind "$0" "$0" && mount --make-rshared "$0"'
  await run('nsenter', [`--mount=${machine}/ns/mnt`, '--', 'sh', '-c', script, directory])
}

/** One that sees the mounts of the machine: its first, or the kernel's where that is closed. */
async function processOfMachine(): Promise<string> {
  try {
    await readlink('/proc/1/ns/mnt')
    return '/proc/1'
  } catch {
    return '/proc/2'
  }
}

/** Pure: whether the mount around a directory is shared; the last one at a place covers others. */
export function isShared(table: string, directory: string): boolean {
  const mounts = table
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [before = ''] = line.split(' - ')
      const [, , , , place = '', , ...tags] = before.split(' ')
      return { place, isShared: tags.some((tag) => tag.startsWith('shared:')) }
    })
  const around = mounts.filter(
    ({ place }) => place === '/' || directory === place || directory.startsWith(`${place}/`),
  )
  const length = Math.max(...around.map(({ place }) => place.length))
  return around.findLast(({ place }) => place.length === length)?.isShared ?? false
}
