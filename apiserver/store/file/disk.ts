/** The few things the file driver asks of a disk; tests put a failing one in its place. */
import fs from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { StoreError } from '../store-error.ts'
import { lockDirectory } from './directory-lock.ts'

/** Only the owner may look at a store: it holds Secrets. */
const DIRECTORY_MODE = 0o700
const FILE_MODE = 0o600

export interface DiskFile {
  size(): Promise<number>
  /** Fills the buffer from the position; fewer bytes only at the end of the file. */
  read(target: Buffer, position: number): Promise<number>
  /** Writes everything or throws; after a throw, any part of it may have been written. */
  write(buffers: readonly Buffer[], position: number): Promise<void>
  /** Makes what was written survive a power cut (fdatasync). */
  sync(): Promise<void>
  truncate(length: number): Promise<void>
  close(): Promise<void>
}

export interface Disk {
  /** Makes the directory and its parents if they are missing, for the owner alone. */
  makeDirectory(directory: string): Promise<void>
  list(directory: string): Promise<string[]>
  /** Makes an empty file, whatever was there before. */
  create(file: string): Promise<DiskFile>
  open(file: string): Promise<DiskFile>
  rename(from: string, to: string): Promise<void>
  remove(file: string): Promise<void>
  /** Makes creations, renames and removals in it survive a power cut. */
  syncDirectory(directory: string): Promise<void>
  /** Keeps other processes out until disposed; throws `Locked` when one is in. */
  lock(directory: string): Disposable
}

const open = promisify(fs.open)
const close = promisify(fs.close)
const read = promisify(fs.read)
const writev = promisify(fs.writev)
const fdatasync = promisify(fs.fdatasync)
const fsync = promisify(fs.fsync)
const ftruncate = promisify(fs.ftruncate)
const fstat = promisify(fs.fstat)

export const systemDisk: Disk = {
  async makeDirectory(directory) {
    const full = path.resolve(directory)
    const first = await fs.promises.mkdir(full, { recursive: true, mode: DIRECTORY_MODE })
    await fs.promises.chmod(full, DIRECTORY_MODE)
    if (first === undefined) return
    for (let made = full; ; made = path.dirname(made)) {
      await syncDirectory(path.dirname(made))
      if (made === path.resolve(first)) return
    }
  },
  list: (directory) => fs.promises.readdir(directory),
  create: async (file) => new SystemFile(await open(file, 'w+', FILE_MODE)),
  open: async (file) => new SystemFile(await open(file, 'r+')),
  rename: (from, to) => fs.promises.rename(from, to),
  remove: (file) => fs.promises.rm(file, { force: true }),
  syncDirectory,
  lock: lockDirectory,
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await fsync(handle)
  } finally {
    await close(handle)
  }
}

class SystemFile implements DiskFile {
  readonly #handle: number

  constructor(handle: number) {
    this.#handle = handle
  }

  async size(): Promise<number> {
    return (await fstat(this.#handle)).size
  }

  async read(target: Buffer, position: number): Promise<number> {
    let filled = 0
    while (filled < target.length) {
      const left = target.length - filled
      const { bytesRead } = await read(this.#handle, target, filled, left, position + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return filled
  }

  async write(buffers: readonly Buffer[], position: number): Promise<void> {
    let rest = [...buffers]
    let at = position
    while (rest.length > 0) {
      const { bytesWritten } = await writev(this.#handle, rest, at)
      if (bytesWritten === 0) throw new StoreError('ReadOnly', 'write: the disk takes no bytes')
      at += bytesWritten
      rest = skipBytes(rest, bytesWritten)
    }
  }

  async sync(): Promise<void> {
    await fdatasync(this.#handle)
  }

  async truncate(length: number): Promise<void> {
    await ftruncate(this.#handle, length)
  }

  async close(): Promise<void> {
    await close(this.#handle)
  }
}

function skipBytes(buffers: readonly Buffer[], count: number): Buffer[] {
  let skip = count
  const rest: Buffer[] = []
  for (const buffer of buffers) {
    if (buffer.length > skip) rest.push(skip === 0 ? buffer : buffer.subarray(skip))
    skip = Math.max(skip - buffer.length, 0)
  }
  return rest
}
