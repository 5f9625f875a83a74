/**
 * An Engine of a test's own, which it may stop and kill. It lives in a network of its own: one
 * without a bridge removes the bridge that it finds, which would be that of the machine's Engine.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemRandom } from '#daemon/random.ts'
import { Engine } from '#engine/engine.ts'
import { NodeNamespace } from './node-namespace.ts'

interface Kind {
  readonly isLiveRestoring?: boolean
  readonly isBridged?: boolean
}

const STARTS_MAX = 5
const START_POLL_MS = 50

export class OwnEngine implements AsyncDisposable {
  readonly path: string
  readonly #folder: string
  readonly #network: NodeNamespace
  readonly #isLiveRestoring: boolean
  readonly #isBridged: boolean
  #child: ChildProcess | undefined

  private constructor({ isLiveRestoring = false, isBridged = false }: Kind) {
    this.#folder = mkdtempSync(join(tmpdir(), 'nanokube-engine-'))
    this.#network = new NodeNamespace(`nk-engine-${systemRandom.hex(4)}`)
    this.path = join(this.#folder, 'docker.sock')
    this.#isLiveRestoring = isLiveRestoring
    this.#isBridged = isBridged
  }

  /** `isLiveRestoring`: its containers outlive it. */
  static async start(isLiveRestoring: boolean): Promise<OwnEngine> {
    const own = new OwnEngine({ isLiveRestoring })
    await own.start()
    return own
  }

  /** With networks as any Engine has them, on a machine that `ready` connects with others. */
  static async bridged(ready: (network: NodeNamespace) => void): Promise<OwnEngine> {
    const own = new OwnEngine({ isBridged: true })
    ready(own.#network)
    await own.start()
    return own
  }

  /** Again where it ends at once: what a killed one has left takes a moment to go. */
  async start(): Promise<void> {
    for (let left = STARTS_MAX; left > 0; left--) if (await this.#startOnce()) return
    throw new Error(`dockerd on ${this.path} does not answer, wanted it to`)
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGTERM')
    // An Engine that was killed leaves some of them behind, which hold nothing any more.
    for (const id of this.#shims()) process.kill(id, 'SIGKILL')
    const mounted = readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '')
      .filter((path) => path.startsWith(`${this.#folder}/`))
    for (const path of mounted.toReversed()) execFileSync('umount', ['--lazy', path])
    this.#network[Symbol.dispose]()
    rmSync(this.#folder, { recursive: true })
  }

  /** The processes that stand between this Engine and its containers. */
  #shims(): number[] {
    return processIds().filter((id) => {
      const command = commandOf(id)
      return command.includes('containerd-shim') && command.includes(`${this.#folder}/`)
    })
  }

  async #startOnce(): Promise<boolean> {
    const folder = this.#folder
    const flags = [
      ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
      ...['--pidfile', join(folder, 'pid'), '--host', `unix://${this.path}`],
      ...(this.#isBridged ? [] : ['--bridge=none', '--iptables=false', '--ip-forward=false']),
      '--userland-proxy=false',
      `--live-restore=${this.#isLiveRestoring}`,
    ]
    const inside = [`--net=${this.#network.path}`, 'dockerd', ...flags]
    const child = spawn('nsenter', inside, { stdio: 'ignore' })
    this.#child = child
    await using engine = new Engine(this.path)
    while (child.exitCode === null) {
      try {
        await engine.ping()
        return true
      } catch {
        // It is not there yet.
        await sleep(START_POLL_MS)
      }
    }
    return false
  }
}

const processIds = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

/** Of a process that may have ended: then there is nothing to say. */
function commandOf(processId: number): string {
  try {
    return readFileSync(`/proc/${processId}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
