/**
 * Kills a process that writes, over and over on the same data, and counts what is lost or doubled.
 * `node test/crash/kill-writer-process.ts 2000` does so 2,000 times.
 */
import { spawn } from 'node:child_process'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { systemClock } from '#daemon/clock.ts'
import { type Random, systemRandom } from '#daemon/random.ts'

const CHILD = fileURLToPath(new URL('./kill-writer.ts', import.meta.url))
const WRITERS = 4
/** Lives last up to this long behind the start of the store; some are cut off before it. */
const LIFE_MS_MAX = 60
/** About how long a process takes until its store is open. */
const OPENING_MS = 150
/** A start that takes longer is a failure of its own. */
const START_MS_MAX = 20_000

interface Version {
  readonly revision: number
  readonly count: number
}

interface Found {
  readonly revision: number
  readonly found: readonly (Version & { readonly isTorn: boolean })[]
}

export interface KillReport {
  readonly kills: number
  readonly acknowledged: number
  readonly warnings: number
  readonly seconds: number
  /** What is wrong; empty is what we want. */
  readonly wrong: readonly string[]
}

/** What the killed processes have told so far. */
class Ledger {
  readonly #last: Version[] = Array.from({ length: WRITERS }, () => ({ revision: 0, count: 0 }))
  readonly wrong: string[] = []
  acknowledged = 0
  warnings = 0
  #newest = 1

  hear(line: string): Found | undefined {
    // The kill may come in the middle of a line, which then says nothing.
    if (!line.endsWith('}')) return undefined
    const told: unknown = JSON.parse(line)
    if (typeof told !== 'object' || told === null) throw new Error(`heard "${line}"`)
    if ('warning' in told) this.warnings++
    if ('writer' in told) this.#hearAcknowledged(told as Version & { writer: number })
    if (!('found' in told)) return undefined
    this.#hearFound(told as Found)
    return told as Found
  }

  #hearAcknowledged({ writer, revision, count }: Version & { readonly writer: number }): void {
    this.acknowledged++
    const last = this.#last[writer] as Version
    if (count !== last.count + 1) this.wrong.push(`writer ${writer}: ${last.count} then ${count}`)
    if (revision <= last.revision) this.wrong.push(`revision ${revision} comes again`)
    this.#last[writer] = { revision, count }
    this.#newest = Math.max(this.#newest, revision)
  }

  #hearFound({ revision, found }: Found): void {
    if (revision < this.#newest) this.wrong.push(`restart at ${revision}, seen ${this.#newest}`)
    for (const [writer, { isTorn, ...version }] of found.entries()) {
      const last = this.#last[writer] as Version
      if (isTorn) this.wrong.push(`writer ${writer}: half a transaction`)
      const isLast = version.count === last.count && version.revision === last.revision
      // The write under way when the process died may have happened, but only once.
      const isUnderWay = version.count === last.count + 1 && version.revision > last.revision
      if (!isLast && !isUnderWay) {
        this.wrong.push(`writer ${writer}: found ${version.count}, acknowledged ${last.count}`)
      }
      this.#last[writer] = version
      this.#newest = Math.max(this.#newest, version.revision)
    }
    this.#newest = Math.max(this.#newest, revision)
  }
}

export async function killRepeatedly(kills: number, random: Random): Promise<KillReport> {
  const directory = await fs.mkdtemp(path.join(os.tmpdir(), 'nanokube-kill-'))
  const started = systemClock.monotonic()
  const ledger = new Ledger()
  try {
    for (let kill = 0; kill < kills; kill++) await liveAndDie(directory, ledger, random)
  } finally {
    await fs.rm(directory, { recursive: true })
  }
  const seconds = (systemClock.monotonic() - started) / 1000
  const { acknowledged, warnings, wrong } = ledger
  return { kills, acknowledged, warnings, seconds, wrong }
}

async function liveAndDie(directory: string, ledger: Ledger, random: Random): Promise<void> {
  const child = spawn(process.execPath, [CHILD, directory, `${WRITERS}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const died = new Promise<NodeJS.Signals | null>((resolve) => {
    child.on('close', (_code, signal) => resolve(signal))
  })
  const errors: Buffer[] = []
  child.stderr.on('data', (bytes: Buffer) => errors.push(bytes))
  const kill = (): void => void child.kill('SIGKILL')
  using _limit = systemClock.setTimeout(kill, START_MS_MAX)
  // One life in eight ends while the store is still being opened.
  if (random.below(8) === 0) systemClock.setTimeout(kill, random.fraction() * OPENING_MS)
  for await (const line of createInterface({ input: child.stdout })) {
    if (!ledger.hear(line)) continue
    systemClock.setTimeout(kill, random.fraction() * LIFE_MS_MAX)
  }
  const signal = await died
  const message = Buffer.concat(errors).toString()
  if (signal !== 'SIGKILL') ledger.wrong.push(`the process ended by itself: ${message}`)
}

if (import.meta.main) {
  const report = await killRepeatedly(Number(process.argv[2] ?? 2_000), systemRandom)
  process.stdout.write(`${JSON.stringify(report)}\n`)
  process.exitCode = report.wrong.length === 0 ? 0 : 1
}
