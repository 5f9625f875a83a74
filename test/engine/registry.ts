/** A registry of images on this machine, with or without a password: Debian's docker-registry. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const PROGRAM = 'docker-registry'
const START_TRIES_MAX = 200
const START_POLL_MS = 50

/** "tester" with the password "secret", as `htpasswd -B` writes it. */
const PASSWORDS = 'tester:$2b$05$Cm.PIC9Ai8T5nSIrhPOu9.AQ4BNwiOu3C/ISIozp6kDZZ6EO9LidS\n'

export class Registry implements AsyncDisposable {
  readonly address: string
  readonly #folder: string
  readonly #child: ChildProcess

  private constructor(address: string, folder: string, child: ChildProcess) {
    this.address = address
    this.#folder = folder
    this.#child = child
  }

  static async start({ password = false } = {}): Promise<Registry> {
    const folder = await mkdtemp(join(tmpdir(), 'nanokube-registry-'))
    const address = `127.0.0.1:${await freePort()}`
    await writeFile(join(folder, 'passwords'), PASSWORDS)
    const auth = password ? `auth: {htpasswd: {realm: test, path: ${folder}/passwords}}\n` : ''
    const settings = `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${folder}/data}}\nhttp: {addr: "${address}"}\n${auth}`
    await writeFile(join(folder, 'settings.yml'), settings)
    const child = spawn(PROGRAM, ['serve', join(folder, 'settings.yml')], { stdio: 'ignore' })
    const failed = new Promise<never>((_, reject) => child.once('error', reject))
    const registry = new Registry(address, folder, child)
    await Promise.race([failed, registry.#answers()])
    return registry
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill()
    await ended
    await rm(this.#folder, { recursive: true })
  }

  async #answers(): Promise<void> {
    for (let left = START_TRIES_MAX; left > 0; left--) {
      const answer = await fetch(`http://${this.address}/v2/`).catch(() => undefined)
      await answer?.body?.cancel()
      if (answer) return
      await sleep(START_POLL_MS)
    }
    throw new Error(`registry ${this.address}: no answer, wanted one`)
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}
