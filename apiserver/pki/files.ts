/** Files of keys and certificates: only their owner may read keys; none is ever half written. */
import { constants } from 'node:fs'
import {
  chmod,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  unlink,
} from 'node:fs/promises'
import { join } from 'node:path'

const DIRECTORY_MODE = 0o700
export const KEY_MODE = 0o600
export const CERTIFICATE_MODE = 0o644

/** Far longer than a file takes to be written: who began a draft this old is no more. */
const ABANDONED_MS = 600_000

/** Permissions of anybody but the owner. */
const OTHERS = 0o077

export async function makePrivateDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: DIRECTORY_MODE })
  await closeToOthers(path)
}

/** Undefined when there is no such file. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** A file with a secret in it, however it was left to us. */
export async function readPrivate(path: string): Promise<string | undefined> {
  const text = await readText(path)
  if (text !== undefined) await closeToOthers(path)
  return text
}

/** Replaces the file at once: readers see the old text or the new one. */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const draft = await writeDraft(path, text, mode)
  await rename(draft, path)
}

/** The text that is in the file in the end: that of another process, if it was quicker. */
export async function createOnce(path: string, text: string, mode: number): Promise<string> {
  const draft = await writeDraft(path, text, mode)
  try {
    await link(draft, path)
    return text
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
    return await readFile(path, 'utf8')
  } finally {
    await unlink(draft)
  }
}

let drafts = 0
const DRAFT_NAME = /\.new-\d+-\d+$/

/** Beside the file, with the mode it shall have; whatever an earlier try has left is replaced. */
async function writeDraft(path: string, text: string, mode: number): Promise<string> {
  const draft = `${path}.new-${process.pid}-${++drafts}`
  const flags = constants.O_CREAT | constants.O_TRUNC | constants.O_WRONLY | constants.O_NOFOLLOW
  await using file = await open(draft, flags, mode)
  await file.chmod(mode)
  await file.writeFile(text)
  await file.sync()
  return draft
}

/** A process that dies while it writes leaves a draft, which may be a copy of a key. */
export async function removeAbandonedDrafts(directory: string, nowMs: number): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!DRAFT_NAME.test(name)) continue
    const path = join(directory, name)
    if (nowMs - (await modifiedMs(path)) > ABANDONED_MS) await rm(path, { force: true })
  }
}

/** Infinite for a file that is no more, so that it never counts as old. */
async function modifiedMs(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs
  } catch (error) {
    if (isCode(error, 'ENOENT')) return Number.POSITIVE_INFINITY
    throw error
  }
}

async function closeToOthers(path: string): Promise<void> {
  const { mode } = await stat(path)
  if (mode & OTHERS) await chmod(path, mode & ~OTHERS)
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
