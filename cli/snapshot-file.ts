/** Snapshots of clusters: what they hold, where they lie, and how they are packed. */
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type ClusterDescription, writeWhole } from './cluster.ts'
import { CommandError } from './command.ts'

const run = promisify(execFile)

/** Raised when the form changes so that older programs could not read it. */
const FORMAT = 1
const ENDING = '.snapshot.tar.gz'
const FACTS = 'snapshot.json'

export interface SnapshotFacts {
  readonly format: number
  readonly madeAt: string
  readonly cluster: ClusterDescription
}

export interface Snapshot {
  readonly path: string
  readonly bytes: number
  readonly facts: SnapshotFacts
}

/** As `2026-01-31T12-00-00Z`: no colons, which some file systems and tools do not like. */
export const snapshotName = (cluster: string, time: string): string =>
  `${cluster}-${time.replaceAll(':', '-')}${ENDING}`

/**
 * Packs what `fill` puts into an empty directory. The file holds the keys of the cluster, so that
 * its owner alone may read it; it is there whole, or not at all.
 */
export async function packSnapshot(
  path: string,
  facts: Omit<SnapshotFacts, 'format'>,
  fill: (directory: string) => Promise<void>,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const directory = await mkdtemp(`${path}.draft-`)
  try {
    const content = join(directory, 'content')
    await mkdir(content, { mode: 0o700 })
    await writeWhole(join(content, FACTS), `${JSON.stringify({ format: FORMAT, ...facts })}\n`)
    await fill(content)
    const archive = join(directory, 'archive')
    // The facts first, so that a list need not unpack everything.
    const names = [FACTS, ...(await readdir(content)).filter((name) => name !== FACTS)]
    await run('tar', ['-czf', archive, '-C', content, ...names])
    await chmod(archive, 0o600)
    await rename(archive, path)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

export async function unpackSnapshot(path: string, directory: string): Promise<SnapshotFacts> {
  const facts = await readFacts(path)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await run('tar', ['-xzf', path, '-C', directory, '--no-same-owner'])
  await rm(join(directory, FACTS))
  return facts
}

export async function readFacts(path: string): Promise<SnapshotFacts> {
  await stat(path).catch((error: Error) => {
    throw new CommandError(`snapshot ${path}: ${error.message}`, undefined, error)
  })
  // --occurrence ends the reading behind the first file, which these are.
  const { stdout } = await run('tar', ['-xzOf', path, '--occurrence=1', FACTS]).catch((error) => {
    throw new CommandError(`snapshot ${path}: found no snapshot in it`, undefined, error)
  })
  const facts = JSON.parse(stdout) as SnapshotFacts
  if (facts.format === FORMAT) return facts
  throw new CommandError(
    `snapshot ${path}: its form is ${facts.format}, wanted ${FORMAT}`,
    'It was made by another version of nanokube: restore it with that one.',
  )
}

/** Newest last. */
export async function listSnapshots(directory: string): Promise<readonly Snapshot[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const snapshots = await Promise.all(
    names
      .filter((name) => name.endsWith(ENDING))
      .map(async (name): Promise<Snapshot> => {
        const path = join(directory, name)
        return { path, bytes: (await stat(path)).size, facts: await readFacts(path) }
      }),
  )
  return snapshots.toSorted((a, b) => a.facts.madeAt.localeCompare(b.facts.madeAt))
}

/** A word may be the name of a file in `directory`, or any path. */
export async function findSnapshot(directory: string, word: string): Promise<string> {
  for (const path of [join(directory, word), join(directory, `${word}${ENDING}`), word]) {
    const found = await stat(path).catch(() => undefined)
    if (found?.isFile()) return path
  }
  throw new CommandError(
    `snapshot "${word}": there is no such file, and none of that name in ${directory}`,
    'See what there is: nanokube snapshot list',
  )
}
