/** A disk in memory that never fails: for runs that are about everything but the disk. */
import path from 'node:path'
import type { Disk, DiskFile } from '#apiserver/store/file/disk.ts'

const FIRST_BYTES = 64 * 1024

interface Content {
  bytes: Buffer
  length: number
}

export class MemoryDisk implements Disk {
  readonly #files = new Map<string, Content>()

  async makeDirectory(): Promise<void> {}

  async list(directory: string): Promise<string[]> {
    const prefix = `${directory}${path.sep}`
    const files = [...this.#files.keys()].filter((file) => file.startsWith(prefix))
    return files.map((file) => file.slice(prefix.length))
  }

  async create(file: string): Promise<DiskFile> {
    this.#files.set(file, { bytes: Buffer.alloc(FIRST_BYTES), length: 0 })
    return this.open(file)
  }

  async open(file: string): Promise<DiskFile> {
    const content = this.#existing(file)
    return {
      size: async () => content.length,
      read: async (target, position) => content.bytes.copy(target, 0, position, content.length),
      write: async (buffers, position) => put(content, buffers, position),
      sync: async () => {},
      truncate: async (length) => {
        content.length = length
      },
      close: async () => {},
    }
  }

  async rename(from: string, to: string): Promise<void> {
    this.#files.set(to, this.#existing(from))
    this.#files.delete(from)
  }

  async remove(file: string): Promise<void> {
    this.#files.delete(file)
  }

  async syncDirectory(): Promise<void> {}

  lock(): Disposable {
    return { [Symbol.dispose]: () => undefined }
  }

  #existing(file: string): Content {
    const content = this.#files.get(file)
    if (!content) throw Object.assign(new Error(`no such file "${file}"`), { code: 'ENOENT' })
    return content
  }
}

function put(content: Content, buffers: readonly Uint8Array[], position: number): void {
  const end = buffers.reduce((at, { length }) => at + length, position)
  if (end > content.bytes.length) {
    const larger = Buffer.alloc(end * 2)
    content.bytes.copy(larger, 0, 0, content.length)
    content.bytes = larger
  }
  let at = position
  for (const buffer of buffers) {
    content.bytes.set(buffer, at)
    at += buffer.length
  }
  content.length = Math.max(content.length, end)
}
