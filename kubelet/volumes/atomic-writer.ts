/**
 * Writes the files of a volume so that readers see all old files or all new ones, never a mixture.
 *
 *     <volume>/..2026_01_02_15_04_05.42   the files themselves
 *     <volume>/..data -> ..2026_01_02_15_04_05.42
 *     <volume>/name -> ..data/name        what pods read, for each first part of a path
 *
 * Renaming `..data` over its predecessor is the moment of the change.
 */
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock } from '#daemon/clock.ts'
import type { Random } from '#daemon/random.ts'
import { type Payload, type PayloadFile, problemOfPath } from './payload.ts'

export interface AtomicWriterParts {
  readonly clock: Clock
  readonly random: Random
}

const DATA_LINK = '..data'
const NEW_DATA_LINK = '..data_tmp'
const DIRECTORY_MODE = 0o755

/**
 * `prepared`: called with the new files in place but not yet shown, to give them their owners.
 * Resolves with whether anything has changed.
 */
export async function writeAtomically(
  volume: string,
  payload: Payload,
  { clock, random }: AtomicWriterParts,
  prepared: (directory: string) => Promise<void> = async () => undefined,
): Promise<boolean> {
  const wanted = cleaned(payload)
  const current = await currentDirectory(volume)
  const before = current === undefined ? undefined : await filesBelow(join(volume, current))
  if (before && (await isUpToDate(join(volume, current!), before, wanted))) {
    await linkNames(volume, wanted.keys())
    await sweep(volume, current!, wanted)
    return false
  }
  const name = directoryName(clock.now(), random)
  await mkdir(join(volume, name), { mode: DIRECTORY_MODE })
  for (const [path, file] of wanted) await writeOne(join(volume, name, path), file)
  await chmod(join(volume, name), DIRECTORY_MODE)
  await prepared(join(volume, name))
  await rm(join(volume, NEW_DATA_LINK), { force: true })
  await symlink(name, join(volume, NEW_DATA_LINK))
  await rename(join(volume, NEW_DATA_LINK), join(volume, DATA_LINK))
  await linkNames(volume, wanted.keys())
  await sweep(volume, name, wanted)
  return true
}

/** Paths without `./`, doubled slashes and the like; throws for those that lead outside. */
function cleaned(payload: Payload): Payload {
  const result = new Map<string, PayloadFile>()
  for (const [path, file] of payload) {
    const problem = problemOfPath(path)
    if (problem) throw new Error(problem)
    const parts = path.split('/').filter((part) => part !== '' && part !== '.')
    result.set(parts.join('/'), file)
  }
  return result
}

async function currentDirectory(volume: string): Promise<string | undefined> {
  try {
    return await readlink(join(volume, DATA_LINK))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

export const isMissing = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException).code === 'ENOENT'

/** Undefined where the directory is gone, so that everything has to be written anew. */
async function filesBelow(directory: string): Promise<readonly string[] | undefined> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function isUpToDate(
  directory: string,
  before: readonly string[],
  wanted: Payload,
): Promise<boolean> {
  if (before.length !== wanted.size) return false
  for (const path of before) {
    const file = wanted.get(path)
    if (!file || !(await readFile(join(directory, path))).equals(file.data)) return false
  }
  return true
}

/** As upstream names them, with something random behind: two in a second are two. */
function directoryName(nowMs: number, random: Random): string {
  const [date, time] = new Date(nowMs).toISOString().split('T')
  const stamp = `${date!.replaceAll('-', '_')}_${time!.slice(0, 8).replaceAll(':', '_')}`
  return `..${stamp}.${random.uint32()}`
}

async function writeOne(path: string, { data, mode, userId }: PayloadFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE })
  await writeFile(path, data, { mode, flag: 'wx' })
  // What creating a file gives away is cut by the umask of the process.
  await chmod(path, mode)
  if (userId !== undefined) await chown(path, userId, -1)
}

const firstParts = (paths: Iterable<string>): ReadonlySet<string> =>
  new Set(Array.from(paths, (path) => path.split('/', 1)[0]!))

async function linkNames(volume: string, paths: Iterable<string>): Promise<void> {
  for (const name of firstParts(paths)) {
    try {
      await symlink(join(DATA_LINK, name), join(volume, name))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

/** Names that lead nowhere any more, and directories of before: of this write, or of a crash. */
async function sweep(volume: string, current: string, wanted: Payload): Promise<void> {
  const names = firstParts(wanted.keys())
  for (const entry of await readdir(volume, { withFileTypes: true })) {
    const path = join(volume, entry.name)
    if (entry.name === DATA_LINK || entry.name === current) continue
    if (entry.name === NEW_DATA_LINK) await rm(path, { force: true })
    else if (isOldDirectory(entry.name) && entry.isDirectory()) await rm(path, { recursive: true })
    else if (!names.has(entry.name) && (await leadsToData(path))) await unlink(path)
  }
}

const isOldDirectory = (name: string): boolean => /^\.\.\d{4}(_\d\d){5}\.\d+$/.test(name)

async function leadsToData(path: string): Promise<boolean> {
  if (!(await lstat(path)).isSymbolicLink()) return false
  return (await readlink(path)).startsWith(`${DATA_LINK}/`)
}
