/** A cluster as `nanokube up` makes it, for tests that do with it what users do in a shell. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { systemRandom } from '#daemon/random.ts'
import { Engine } from '#engine/engine.ts'
import { ENGINE_PATH } from '../engine/docker-subject.ts'
import { busyboxImage } from '../engine/images.ts'
import { nginxImage } from '../images/nginx.ts'
import { comparableOutput, KUBECTL, outputPattern } from './kubectl.ts'

const run = promisify(execFile)
const NANOKUBE = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
const MANIFESTS = fileURLToPath(new URL('course', import.meta.url))
/** Ample: the machine may have others to serve. */
const PATIENCE_MS = 90_000
const POLL_MS = 200
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024

export interface UpOptions {
  readonly nodes: number
}

/** Components by the names that `nanokube logs` has for them. */
interface Status {
  readonly pid: number
  readonly components: Readonly<Record<string, { readonly state: string; readonly pid?: number }>>
}

export class CourseCluster implements AsyncDisposable {
  readonly name = `course-${systemRandom.hex(6)}`
  readonly engine = new Engine(ENGINE_PATH)
  readonly #folder: string
  readonly #environment: NodeJS.ProcessEnv
  readonly #left: ChildProcess[] = []

  private constructor(folder: string) {
    this.#folder = folder
    this.#environment = {
      ...process.env,
      PATH: [join(folder, 'bin'), dirname(process.execPath), process.env.PATH].join(':'),
      HOME: folder,
      KUBECONFIG: join(folder, 'kubeconfig'),
      CLUSTER: this.name,
      SCRATCH: folder,
      LANG: 'C',
    }
  }

  /** Resolves when all nodes are Ready, and the images are there that manifests name. */
  static async up({ nodes }: UpOptions): Promise<CourseCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'nanokube-course-'))
    const cluster = new CourseCluster(folder)
    try {
      // Another kubectl than the one on the PATH may have been named.
      await mkdir(join(folder, 'bin'))
      if (KUBECTL !== 'kubectl') await symlink(KUBECTL, join(folder, 'bin', 'kubectl'))
      for (const version of ['1', '2']) await nginxImage(cluster.engine, version)
      await busyboxImage(cluster.engine)
      await cluster.nanokube('up', `--nodes=${nodes}`, `--kubeconfig=${join(folder, 'kubeconfig')}`)
      const addresses = '{.items[*].status.addresses[0].address}'
      const found = await cluster.sh(`kubectl get nodes -o jsonpath='${addresses}'`)
      cluster.#environment.NODES = found.trim()
      return cluster
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
  }

  get directory(): string {
    return join(this.#folder, 'data')
  }

  async nanokube(command: string, ...words: readonly string[]): Promise<string> {
    const own = [NANOKUBE, command, `--name=${this.name}`, `--data-dir=${this.directory}`]
    const { stdout } = await run(process.execPath, [...own, ...words], { env: this.#environment })
    return stdout
  }

  /** What a line writes in a shell whose directory has the manifests; how it ended, unless well. */
  async sh(line: string): Promise<string> {
    const options = { cwd: MANIFESTS, env: this.#environment, maxBuffer: OUTPUT_BYTES_MAX }
    try {
      const { stdout, stderr } = await run('bash', ['-c', line], options)
      return stdout + stderr
    } catch (error) {
      const { stdout = '', stderr = '', code } = error as Record<string, string | undefined>
      return `${(stdout + stderr).trimEnd()}\n(exit ${code})\n`
    }
  }

  /** The same line again and again, until it writes what is wanted. */
  async until(line: string, wanted: string): Promise<void> {
    const pattern = outputPattern(wanted)
    const endsAt = performance.now() + PATIENCE_MS
    for (;;) {
      const written = comparableOutput(await this.sh(line))
      if (pattern.test(written)) return
      if (performance.now() > endsAt) {
        throw new Error(`${line}: found\n${written}\nwanted\n${wanted}\n${await this.#logs()}`)
      }
      await sleep(POLL_MS)
    }
  }

  async status(): Promise<Status> {
    return JSON.parse(await readFile(join(this.directory, 'run', 'status.json'), 'utf8')) as Status
  }

  async signal(component: string, signal: NodeJS.Signals): Promise<void> {
    const { pid } = (await this.status()).components[component] ?? {}
    if (pid === undefined) throw new Error(`component ${component}: found no process, wanted one`)
    process.kill(pid, signal)
  }

  /** Goes on until the cluster does not. */
  spawn(program: string, words: readonly string[]): ChildProcess {
    const child = spawn(program, words, { cwd: MANIFESTS, env: this.#environment })
    this.#left.push(child)
    return child
  }

  /** Names of containers of the cluster on the Engine. */
  async containers(): Promise<readonly string[]> {
    const label = [`io.nanokube.cluster=${await this.#id()}`]
    const found = await this.engine.listContainers({ label })
    return found.map(({ Names: names }) => names[0]!.replace('/', '')).sort()
  }

  /** Everything that it has on the machine; empty once it is deleted. */
  async remains(id: string): Promise<readonly string[]> {
    const label = [`io.nanokube.cluster=${id}`]
    const containers = (await this.engine.listContainers({ label })).map(({ Id }) => Id)
    const networks = (await this.engine.listNetworks({ label })).map(({ Name }) => Name)
    const volumes = (await this.engine.listVolumes({ label })).map(({ Name }) => Name)
    const files = await readdir(this.directory).catch(() => [])
    const { stdout } = await run('ps', ['-eo', 'args'])
    const processes = stdout.split('\n').filter((line) => line.includes(this.directory))
    return [...containers, ...networks, ...volumes, ...files, ...processes]
  }

  async #id(): Promise<string> {
    const file = await readFile(join(this.directory, 'cluster.json'), 'utf8')
    return (JSON.parse(file) as { readonly id: string }).id
  }

  /** Deletes it; resolves with what is left, which should be nothing. */
  async delete(): Promise<readonly string[]> {
    const id = await this.#id()
    await this.nanokube('delete', `--kubeconfig=${join(this.#folder, 'kubeconfig')}`)
    return this.remains(id)
  }

  async #logs(): Promise<string> {
    const lines = await this.sh(`grep -rhv '"level":"info"' ${this.directory}/logs | tail -n 20`)
    return `last warnings of components:\n${lines}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#left) child.kill('SIGKILL')
    const isThere = existsSync(join(this.directory, 'cluster.json'))
    if (isThere) await this.delete()
    await this.engine[Symbol.asyncDispose]()
    await rm(this.#folder, { recursive: true })
  }
}
