/** Which images a kubelet has brought to its Engine: only those may ever be removed. */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** By id, the names under which it was pulled. */
type Entries = Readonly<Record<string, readonly string[]>>

/** A file: images cannot be labelled, and each kubelet on an Engine has its own. */
export class ImageJournal {
  readonly #path: string
  #entries: Entries
  #writing: Promise<void> = Promise.resolve()

  private constructor(path: string, entries: Entries) {
    this.#path = path
    this.#entries = entries
  }

  static async open(path: string): Promise<ImageJournal> {
    return new ImageJournal(path, await readEntries(path))
  }

  /** Undefined when the image is not ours. */
  names(id: string): readonly string[] | undefined {
    return this.#entries[id]
  }

  async add(id: string, name: string): Promise<void> {
    const names = this.#entries[id] ?? []
    if (names.includes(name)) return
    this.#entries = { ...this.#entries, [id]: [...names, name] }
    await this.#write()
  }

  async remove(id: string): Promise<void> {
    const { [id]: removed, ...rest } = this.#entries
    if (removed === undefined) return
    this.#entries = rest
    await this.#write()
  }

  /** One write after the other, each whole or not at all. */
  #write(): Promise<void> {
    const next = this.#writing
      .catch(() => undefined)
      .then(() => writeEntries(this.#path, this.#entries))
    this.#writing = next
    return next
  }
}

async function readEntries(path: string): Promise<Entries> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw error
  }
  const parsed: unknown = JSON.parse(text)
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) {
    throw new Error(`image journal ${path}: found ${text.slice(0, 40)}, wanted an object`)
  }
  return parsed as Entries
}

async function writeEntries(path: string, entries: Entries): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.new`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(JSON.stringify(entries))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}
