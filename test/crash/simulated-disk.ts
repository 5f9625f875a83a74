/**
 * A disk in memory that can fail and crash. It knows what a flush has made certain, so it can show
 * what a reader would find after the process dies, or after the power goes.
 */
import path from 'node:path'
import type { Disk, DiskFile } from '#apiserver/store/file/disk.ts'
import type { Random } from '#daemon/random.ts'

/** Power cuts tear writes at sector borders: each sector is old or new. */
const SECTOR_BYTES = 512

export type DiskAction = 'create' | 'write' | 'sync' | 'rename' | 'remove' | 'truncate'

/** Says which action fails, and how: a failing write first writes `written` bytes. */
export type DiskFault = (
  action: DiskAction,
  file: string,
  bytes: number,
) => { readonly code: string; readonly written?: number } | undefined

export type Files = ReadonlyMap<string, Buffer>

interface Content {
  /** What reads see. */
  now: Buffer
  /** What is certain to survive a power cut. */
  durable: Buffer
}

/** One change of the names in a directory: happens as a whole or not at all. */
interface Naming {
  readonly removed?: string
  readonly added?: readonly [file: string, content: Content]
}

export class SimulatedDisk implements Disk {
  readonly #random: Random
  readonly #names = new Map<string, Content>()
  readonly #durableNames = new Map<string, Content>()
  /** Changes of names since the last flush of their directory, in order. */
  #namings: Naming[] = []
  readonly #locked = new Set<string>()
  #dead = false
  /** How many actions have been started; crash points are counted in these. */
  actions = 0
  /** Called before each action; a test kills the disk from here. */
  onAction: () => void = () => {}
  fault: DiskFault = () => undefined

  constructor(random: Random, files: Files = new Map()) {
    this.#random = random
    for (const [file, bytes] of files) {
      const content = { now: Buffer.from(bytes), durable: Buffer.from(bytes) }
      this.#names.set(file, content)
      this.#durableNames.set(file, content)
    }
  }

  /** The process is gone: whatever it still waits for never comes. */
  kill(): void {
    this.#dead = true
  }

  /** What the next process finds when only this one died. */
  afterKill(): Files {
    return new Map([...this.#names].map(([file, { now }]) => [file, Buffer.from(now)]))
  }

  /** What a machine may find after a power cut: flushed things, and any part of the others. */
  afterPowerCut(): Files {
    const names = new Map(this.#durableNames)
    // POSIX promises no order among changes that were not flushed, so any of them may be missing.
    for (const naming of this.#namings) if (this.#random.below(2) === 0) rename(names, naming)
    return new Map([...names].map(([file, content]) => [file, this.#torn(content)]))
  }

  async makeDirectory(): Promise<void> {
    await this.#begin('create', '', 0)
  }

  async list(directory: string): Promise<string[]> {
    const prefix = `${directory}${path.sep}`
    return [...this.#names.keys()]
      .filter((file) => file.startsWith(prefix))
      .map((file) => file.slice(prefix.length))
  }

  async create(file: string): Promise<DiskFile> {
    await this.#begin('create', file, 0)
    const content = { now: Buffer.alloc(0), durable: Buffer.alloc(0) }
    this.#rename({ added: [file, content] })
    return this.#handle(file, content)
  }

  async open(file: string): Promise<DiskFile> {
    return this.#handle(file, this.#existing(file))
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#begin('rename', to, 0)
    this.#rename({ removed: from, added: [to, this.#existing(from)] })
  }

  async remove(file: string): Promise<void> {
    await this.#begin('remove', file, 0)
    if (this.#names.has(file)) this.#rename({ removed: file })
  }

  async syncDirectory(directory: string): Promise<void> {
    await this.#begin('sync', directory, 0)
    for (const naming of this.#namings) rename(this.#durableNames, naming)
    this.#namings = []
  }

  lock(directory: string): Disposable {
    if (this.#locked.has(directory)) throw new Error(`"${directory}" is locked`)
    this.#locked.add(directory)
    return { [Symbol.dispose]: () => void this.#locked.delete(directory) }
  }

  #rename(naming: Naming): void {
    rename(this.#names, naming)
    this.#namings.push(naming)
  }

  #existing(file: string): Content {
    const content = this.#names.get(file)
    if (!content) throw Object.assign(new Error(`no such file "${file}"`), { code: 'ENOENT' })
    return content
  }

  #handle(file: string, content: Content): DiskFile {
    return {
      size: async () => content.now.length,
      read: async (target, position) => content.now.copy(target, 0, position),
      write: (buffers, position) => this.#write(file, content, Buffer.concat(buffers), position),
      sync: async () => {
        await this.#begin('sync', file, 0)
        content.durable = Buffer.from(content.now)
      },
      truncate: async (length) => {
        await this.#begin('truncate', file, length)
        content.now = Buffer.from(content.now.subarray(0, length))
      },
      close: async () => {},
    }
  }

  async #write(file: string, content: Content, bytes: Buffer, position: number): Promise<void> {
    const fault = this.fault('write', file, bytes.length)
    if (fault) put(content, bytes.subarray(0, fault.written ?? 0), position)
    // A process that dies in the middle of a write leaves the front part of it.
    const torn = this.#random.below(bytes.length + 1)
    await this.#begin('write', file, bytes.length, () => {
      put(content, bytes.subarray(0, torn), position)
    })
    put(content, bytes, position)
  }

  /** Lets others run first, fails as told, and never comes back on a dead disk. */
  async #begin(
    action: DiskAction,
    file: string,
    bytes: number,
    onDeath: () => void = () => {},
  ): Promise<void> {
    if (this.#dead) await never()
    this.actions++
    this.onAction()
    if (this.#dead) {
      if (this.#random.below(2) === 0) onDeath()
      await never()
    }
    for (let turns = this.#random.below(3); turns > 0; turns--) await nextTurn()
    if (this.#dead) await never()
    const fault = this.fault(action, file, bytes)
    if (fault) throw Object.assign(new Error(`${fault.code}: ${action}`), { code: fault.code })
  }

  #torn({ now, durable }: Content): Buffer {
    const isGrown = this.#random.below(2) === 0
    const result = Buffer.alloc(isGrown ? now.length : Math.min(durable.length, now.length))
    durable.copy(result)
    for (let at = 0; at < result.length; at += SECTOR_BYTES) {
      if (this.#random.below(2) === 0) now.copy(result, at, at, at + SECTOR_BYTES)
    }
    return result
  }
}

/** A promise of its own each time: one shared by all would keep every dead process in memory. */
function never(): Promise<never> {
  return new Promise(() => {})
}

function rename(names: Map<string, Content>, { removed, added }: Naming): void {
  if (removed !== undefined) names.delete(removed)
  if (added) names.set(...added)
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function put(content: Content, bytes: Buffer, position: number): void {
  if (bytes.length === 0) return
  const length = Math.max(content.now.length, position + bytes.length)
  const grown = Buffer.alloc(length)
  content.now.copy(grown)
  bytes.copy(grown, position)
  content.now = grown
}
