/** Who we are to the server: headers and certificates, as they are at the moment of asking. */
import { readFile, stat } from 'node:fs/promises'

export interface TlsMaterial {
  readonly ca?: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  readonly servername?: string
  readonly rejectUnauthorized?: boolean
}

export interface Credentials {
  headers(): Promise<Readonly<Record<string, string | readonly string[]>>>
  /** The same value as long as nothing has changed, so that connections can be told to be stale. */
  tls(): Promise<TlsMaterial>
  /** The server did not accept them: true when there are new ones, worth another try. */
  renew(): Promise<boolean>
}

const nothing = {}

export const anonymous: Credentials = {
  headers: async () => nothing,
  tls: async () => nothing,
  renew: async () => false,
}

/** A file that others replace while we run, such as a certificate or a projected token. */
export class RenewedFile {
  readonly path: string
  #version = ''
  #content: Buffer = Buffer.alloc(0)

  constructor(path: string) {
    this.path = path
  }

  /** The same buffer until the file changes; projected files change by a new inode. */
  async read(): Promise<Buffer> {
    const { mtimeMs, ino, size } = await stat(this.path)
    const version = `${mtimeMs} ${ino} ${size}`
    if (version === this.#version) return this.#content
    this.#content = await readFile(this.path)
    this.#version = version
    return this.#content
  }
}
