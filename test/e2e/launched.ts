/** Drives the real command line: each call is a process, and its JSON lines are the answer. */
import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'vitest'

const run = promisify(execFile)
const program = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
const PATIENCE = { timeout: 90_000, interval: 200 }

export interface Told {
  readonly type?: string
  readonly name?: string
  readonly tookMs?: number
  readonly server?: string
  /** The command for the machine of a new node. */
  readonly join?: string
}

export interface Process {
  readonly state: string
  readonly pid?: number
  readonly restarts: number
}

export class LaunchedCluster {
  readonly name: string
  readonly directory: string
  readonly kubeconfig: string

  constructor(name: string, folder: string) {
    this.name = name
    this.directory = join(folder, name)
    this.kubeconfig = join(folder, 'kubeconfig')
  }

  /** Each line of what the command told. */
  async cli(...words: readonly string[]): Promise<readonly Told[]> {
    const place = [`--name=${this.name}`, `--data-dir=${this.directory}`, '--json']
    const takesKubeconfig = /^(?:up|start|delete|snapshot restore)\b/.test(words.join(' '))
    const access = takesKubeconfig ? [`--kubeconfig=${this.kubeconfig}`] : []
    const given = [program, ...words, ...place, ...access]
    const { stdout } = await run(process.execPath, given, { maxBuffer: 64 * 1024 * 1024 })
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Told)
  }

  kubectl(...words: readonly string[]): string {
    const place = [`--kubeconfig=${this.kubeconfig}`, `--context=nanokube-${this.name}`]
    return execFileSync('kubectl', [...place, ...words], { encoding: 'utf8', stdio: 'pipe' })
  }

  /** Also those of a supervisor that is no more. */
  processes(): ReadonlyMap<string, Process> {
    const path = join(this.directory, 'run/status.json')
    return new Map(Object.entries(JSON.parse(readFileSync(path, 'utf8')).components))
  }

  get supervisor(): number {
    return Number(readFileSync(join(this.directory, 'run/supervisor.pid'), 'utf8'))
  }

  get id(): string {
    return JSON.parse(readFileSync(join(this.directory, 'cluster.json'), 'utf8')).id
  }

  async nodesAre(...names: readonly string[]): Promise<void> {
    const wanted = names.map((name) => `${name} Ready`).toSorted()
    await expect.poll(() => this.#attempt(() => this.#nodes()), PATIENCE).toEqual(wanted)
  }

  async podsAre(wanted: readonly string[]): Promise<void> {
    await expect.poll(() => this.#attempt(() => this.readyPods()), PATIENCE).toEqual(wanted)
  }

  readyPods(): readonly string[] {
    return this.kubectl('get', 'pods', '--no-headers')
      .split('\n')
      .filter((line) => / 1\/1 +Running /.test(line))
      .map((line) => line.split(' ')[0] ?? '')
      .toSorted()
  }

  #nodes(): readonly string[] {
    return this.kubectl('get', 'nodes', '--no-headers')
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(/ +/).slice(0, 2).join(' '))
      .toSorted()
  }

  #attempt(work: () => readonly string[]): readonly string[] {
    try {
      return work()
    } catch (error) {
      return [(error as Error).message]
    }
  }
}
