/** The user's kubeconfig: entries of a cluster go in and out, everything else stays as it is. */
import {
  type FileHandle,
  lstat,
  mkdir,
  open,
  readFile,
  realpath,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { Document, parseDocument, type YAMLMap, YAMLSeq } from 'yaml'
import type { Clock } from '#daemon/clock.ts'
import { CommandError } from './command.ts'

type Environment = Readonly<Record<string, string | undefined>>
/** All that is wanted of a clock here. */
type Sleeper = Pick<Clock, 'sleep'>

const LOCK_ATTEMPTS = 40
const LOCK_AGAIN_MS = 50

export const contextName = (cluster: string): string => `nanokube-${cluster}`

/** The file that kubectl would change. */
export function userKubeconfig({ KUBECONFIG, HOME }: Environment): string {
  const [first] = (KUBECONFIG ?? '').split(delimiter).filter(Boolean)
  return first ?? join(HOME ?? homedir(), '.kube', 'config')
}

interface Entry {
  readonly name: string
  readonly cluster?: object
  readonly user?: object
  readonly context?: object
}

/** The one cluster, user and context of `source`, under the name of the cluster. */
export interface ClusterEntries {
  readonly cluster: object
  readonly user: object
}

export interface Merged {
  /** What was current before, if that was something else. */
  readonly previousContext: string | undefined
  readonly isCurrent: boolean
}

/** Makes the context current only where none is, or where `isSwitching` says so. */
export async function addToKubeconfig(
  path: string,
  cluster: string,
  entries: ClusterEntries,
  isSwitching: boolean,
  clock: Sleeper,
): Promise<Merged> {
  const name = contextName(cluster)
  return changed(path, clock, (document) => {
    set(document, 'clusters', { name, cluster: entries.cluster })
    set(document, 'users', { name, user: entries.user })
    set(document, 'contexts', { name, context: { cluster: name, user: name } })
    const current = (document.get('current-context') as string | undefined) || undefined
    const isCurrent = isSwitching || !current || current === name
    if (isCurrent) document.set('current-context', name)
    return { previousContext: current === name ? undefined : current, isCurrent }
  })
}

export async function removeFromKubeconfig(
  path: string,
  cluster: string,
  clock: Sleeper,
): Promise<void> {
  const name = contextName(cluster)
  if (!(await isThere(path))) return
  await changed(path, clock, (document) => {
    for (const list of ['clusters', 'users', 'contexts'] as const) {
      const entries = listIn(document, list)
      entries.items = entries.items.filter((each) => each.get('name') !== name)
    }
    if (document.get('current-context') === name) document.set('current-context', '')
  })
}

type List = 'clusters' | 'users' | 'contexts'

function set(document: Document, list: List, entry: Entry): void {
  const entries = listIn(document, list)
  const node = document.createNode(entry) as YAMLMap
  const at = entries.items.findIndex((each) => each.get('name') === entry.name)
  if (at < 0) entries.items.push(node)
  else entries.items[at] = node
}

function listIn(document: Document, list: List): YAMLSeq<YAMLMap> {
  const present = document.get(list)
  if (present instanceof YAMLSeq) return present as YAMLSeq<YAMLMap>
  const made = new YAMLSeq<YAMLMap>()
  document.set(list, made)
  return made
}

/** Under kubectl's own lock, into a draft that takes the file's place, also behind a link. */
async function changed<Result>(
  path: string,
  clock: Sleeper,
  change: (document: Document) => Result,
) {
  const target = (await isThere(path)) ? await realpath(path) : path
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  const lock = `${target}.lock`
  const held = await openLock(lock, path, clock)
  try {
    const source = (await isThere(target)) ? await readFile(target, 'utf8') : ''
    const document = source.trim()
      ? parseDocument(source)
      : new Document({ apiVersion: 'v1', kind: 'Config', preferences: {} })
    const [problem] = document.errors
    if (problem) throw new CommandError(`kubeconfig ${path}: ${problem.message}`)
    const result = change(document)
    const draft = `${target}.nanokube`
    await writeFile(draft, document.toString(), { mode: 0o600 })
    await rename(draft, target)
    return result
  } finally {
    await held.close()
    await rm(lock, { force: true })
  }
}

/** Others hold it for a moment; who died with it in hand is waited for in vain. */
async function openLock(lock: string, path: string, clock: Sleeper): Promise<FileHandle> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await open(lock, 'wx')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    if (attempt === LOCK_ATTEMPTS) {
      throw new CommandError(
        `kubeconfig ${path}: somebody else is changing it`,
        `If nobody is, remove ${lock}.`,
      )
    }
    await clock.sleep(LOCK_AGAIN_MS)
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
