/** Nodes on the real Engine for tests: each with a namespace, and a runtime that can crash. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#daemon/clock.ts'
import { systemRandom } from '#daemon/random.ts'
import { Engine } from '#engine/engine.ts'
import { CgroupFiles } from '#kubelet/docker/cgroup-files.ts'
import { type DockerRuntimeOptions, startDockerRuntime } from '#kubelet/docker/docker-runtime.ts'
import type { Runtime } from '#kubelet/runtime.ts'
import { collectingLog } from '../collecting-log.ts'
import type { RuntimeSubject } from '../runtime-suite.ts'
import { busyboxImage } from './images.ts'
import { NodeNamespace } from './node-namespace.ts'

export const ENGINE_PATH = '/var/run/docker.sock'

/** A cluster of its own on the Engine; whatever of it is left at the end is removed. */
export class DockerSubject implements RuntimeSubject {
  readonly cluster: string
  readonly engine: Engine
  readonly node: NodeNamespace
  readonly image: string
  readonly rootDirectory: string
  readonly warnings: string[] = []
  readonly lacks: string[] = []
  readonly #opened: Runtime[] = []
  readonly #address: string
  #runtime: Runtime | undefined

  private constructor(cluster: string, engine: Engine, image: string, address: string) {
    this.#address = address
    this.cluster = cluster
    this.engine = engine
    this.image = image
    this.node = new NodeNamespace(`nk-${cluster}`)
    this.rootDirectory = mkdtempSync(join(tmpdir(), 'nanokube-kubelet-'))
  }

  static async start(more: Partial<DockerRuntimeOptions> = {}): Promise<DockerSubject> {
    const { engineAddress = ENGINE_PATH } = more
    const engine = new Engine(engineAddress)
    const cluster = `test-${systemRandom.hex(6)}`
    const image = await busyboxImage(engine)
    const subject = new DockerSubject(cluster, engine, image, engineAddress)
    subject.#runtime = await subject.open(more)
    return subject
  }

  get runtime(): Runtime {
    if (!this.#runtime) throw new Error('subject: it has no runtime, wanted start() first')
    return this.#runtime
  }

  restart(): Promise<Runtime> {
    return this.open()
  }

  neighbour(): Promise<Runtime> {
    return this.open({ node: 'node-2', podCidrs: () => ['10.244.202.0/24'] })
  }

  async open(more: Partial<DockerRuntimeOptions> = {}): Promise<Runtime> {
    const runtime = await startDockerRuntime({
      cluster: this.cluster,
      node: 'node-1',
      engineAddress: this.#address,
      rootDirectory: this.rootDirectory,
      clock: systemClock,
      log: collectingLog(this.warnings),
      nodeNetwork: { type: 'namespace', path: this.node.path },
      podCidrs: () => ['10.244.201.0/24'],
      containerLogs: { maxBytes: 1024 * 1024, maxFiles: 2 },
      onLack: (_pod, container, lack) => this.lacks.push(`${container}: ${lack}`),
      ...more,
    })
    this.#opened.push(runtime)
    return runtime
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const label = [`io.nanokube.cluster=${this.cluster}`]
    for (const { Id: id } of await this.engine.listContainers({ label })) {
      await this.engine.removeContainer(id, true)
    }
    for (const { Name: name } of await this.engine.listVolumes({ label })) {
      await this.engine.removeVolume(name)
    }
    const { CgroupVersion: version, CgroupDriver: driver } = await this.engine.info()
    const root = '/sys/fs/cgroup'
    const cgroups = new CgroupFiles({ version: version === '2' ? 2 : 1, driver, root })
    await cgroups.removeParent(`/${this.cluster}`)
    await Promise.all(this.#opened.map((runtime) => runtime[Symbol.asyncDispose]()))
    await this.engine[Symbol.asyncDispose]()
    this.node[Symbol.dispose]()
    rmSync(this.rootDirectory, { recursive: true })
  }
}
