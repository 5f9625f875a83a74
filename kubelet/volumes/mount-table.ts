/** What is mounted where, as the kernel tells it. */
import { readFile } from 'node:fs/promises'

const MOUNT_TABLE = '/proc/self/mountinfo'

/** Paths of mounts, outermost first. */
export async function mountPoints(): Promise<readonly string[]> {
  return mountPointsIn(await readFile(MOUNT_TABLE, 'utf8'))
}

/** Field 5 of each line; blanks and the like stand there as octal numbers. */
export function mountPointsIn(table: string): readonly string[] {
  const lines = table.split('\n').filter(Boolean)
  return lines.map((line) => unescaped(line.split(' ')[4] ?? ''))
}

const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)))

/** Those at a path or below it, innermost first: in that order they can be taken off. */
export function mountsBelow(points: readonly string[], path: string): readonly string[] {
  const found = points.filter((point) => point === path || point.startsWith(`${path}/`))
  return found.toSorted((a, b) => b.length - a.length)
}
