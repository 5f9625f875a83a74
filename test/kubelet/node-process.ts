/** An API server and a kubelet as processes: pods are real containers on a node of their own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Event as CoreEvent } from '#api/kinds/core/event.ts'
import { Node } from '#api/kinds/core/node.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import type { Input } from '#api/schema.ts'
import { type ServerProcess, startServerProcess } from '#bench/server-process.ts'
import { Connection } from '#client/connection.ts'
import { Client } from '#client/rest.ts'
import { systemClock as clock } from '#daemon/clock.ts'
import { systemRandom } from '#daemon/random.ts'
import { Engine } from '#engine/engine.ts'
import { unlessMissing } from '#engine/engine-error.ts'
import { ENGINE_PATH } from '../engine/docker-subject.ts'
import { busyboxImage } from '../engine/images.ts'
import { NodeNamespace } from '../engine/node-namespace.ts'

const program = fileURLToPath(new URL('../../kubelet/main.ts', import.meta.url))
const NODE = 'node-1'
/** Long enough for a machine that does other things too. */
const PATIENCE_MS = 60_000

export type Spec = Partial<NonNullable<Input<typeof Pod>['spec']>>
type ContainerInput = NonNullable<Spec['containers']>[number]

export interface NodeOptions {
  /** For the kubelet, each time that it runs. */
  readonly flags?: readonly string[]
  /** Socket of the Engine; that of the machine unless given. */
  readonly enginePath?: string
}

export class NodeProcess implements AsyncDisposable {
  readonly client: Client
  readonly engine: Engine
  readonly image: string
  readonly rootDirectory: string
  readonly cluster: string
  readonly #parts = new AsyncDisposableStack()
  readonly #namespace: NodeNamespace
  readonly #server: ServerProcess
  readonly #nodeIp: string
  readonly #enginePath: string
  readonly #flags: readonly string[]
  #kubelet: ChildProcess | undefined
  readonly output: string[] = []

  private constructor(
    server: ServerProcess,
    namespace: NodeNamespace,
    engine: Engine,
    image: string,
    nodeIp: string,
    { flags = [], enginePath = ENGINE_PATH }: NodeOptions,
  ) {
    this.#nodeIp = nodeIp
    this.#flags = flags
    this.#enginePath = enginePath
    this.#server = server
    this.#namespace = namespace
    this.engine = engine
    this.image = image
    this.cluster = namespace.name
    this.rootDirectory = mkdtempSync(join(tmpdir(), 'nanokube-node-'))
    const connection = this.#parts.use(
      new Connection({ server: server.url, userAgent: 'tester', clock }),
    )
    this.client = new Client({ connection, namespace: 'default' })
  }

  static async start(options: NodeOptions = {}): Promise<NodeProcess> {
    const engine = new Engine(options.enginePath ?? ENGINE_PATH)
    const image = await busyboxImage(engine)
    const namespace = new NodeNamespace(`nk-${systemRandom.hex(6)}`)
    const link = connectToMachine(namespace)
    const server = await startServerProcess({
      flags: {
        'insecure-bind-address': link.hostIp,
        'insecure-port': '0',
        'insecure-allow-remote': 'true',
        'disable-admission-plugins': 'ServiceAccount,TaintNodesByCondition',
      },
      tls: false,
    })
    const started = new NodeProcess(server, namespace, engine, image, link.nodeIp, options)
    try {
      await started.run()
      return started
    } catch (error) {
      await started[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Of the API server. */
  get url(): string {
    return this.#server.url
  }

  /** Throws with the last words of a kubelet that has ended by itself. */
  checkAlive(): void {
    const { exitCode, signalCode } = this.#kubelet!
    if (exitCode === null && signalCode === null) return
    const said = this.output.join('').slice(-4000)
    throw new Error(`kubelet ended with ${exitCode ?? signalCode}: ${said}`)
  }

  /** Of the kubelet that runs now. */
  get processId(): number {
    return this.#kubelet!.pid!
  }

  /** Starts the kubelet, with `flags` for this time alone; resolves when its node is ready. */
  async run(...flags: readonly string[]): Promise<void> {
    const given = [
      `--hostname-override=${NODE}`,
      `--node-ip=${this.#nodeIp}`,
      `--root-dir=${this.rootDirectory}`,
      `--cluster-name=${this.cluster}`,
      `--container-runtime-endpoint=unix://${this.#enginePath}`,
      `--node-network=namespace:${this.#namespace.path}`,
      '--pod-cidr=10.244.203.0/24',
      '--cluster-dns=10.96.0.10',
      '--port=0',
      '--monitoring-port=0',
      '--logging-format=json',
      '--eviction-hard=',
      // So that the API server may ask for logs and commands.
      `--client-ca-file=${join(this.#server.directory, 'data/pki/ca.crt')}`,
      ...this.#flags,
      ...flags,
    ]
    const command = [process.execPath, program, ...given]
    const environment = { ...process.env, KUBECONFIG: this.#kubeconfig() }
    // Unlike `ip netns exec`, this leaves /sys with its cgroups as it is.
    const net = `--net=/run/netns/${this.#namespace.name}`
    const child = spawn('nsenter', [net, ...command], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#kubelet = child
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => this.output.push(text.toString()))
    }
    this.output.length = 0
    const isAtWork = (): boolean => this.output.join('').includes('node is at work')
    for (const endsAt = clock.monotonic() + PATIENCE_MS; !isAtWork(); await clock.sleep(10)) {
      if (child.exitCode === null && clock.monotonic() < endsAt) continue
      throw new Error(`kubelet not started: ${this.output.join('')}`)
    }
  }

  /** Without warning, as a crash. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#kubelet
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  async create(name: string, spec: Spec = {}): Promise<Pod> {
    const container = { name: 'main', image: this.image, command: ['sleep', '1000'] }
    return this.client.create(Pod, {
      metadata: { name, namespace: 'default' },
      spec: {
        nodeName: NODE,
        terminationGracePeriodSeconds: 2,
        containers: [{ imagePullPolicy: 'IfNotPresent', ...container }],
        ...spec,
      },
    })
  }

  /** A container that runs a script of the shell. */
  script(text: string, more: Partial<ContainerInput> = {}): ContainerInput {
    const { image } = this
    const command = ['sh', '-c', text]
    return { name: 'main', image, imagePullPolicy: 'IfNotPresent', command, ...more }
  }

  get(name: string): Promise<Pod> {
    return this.client.get(Pod, { name, namespace: 'default' })
  }

  find(name: string): Promise<Pod | undefined> {
    return this.client.find(Pod, { name, namespace: 'default' })
  }

  node(): Promise<Node> {
    return this.client.get(Node, { name: NODE })
  }

  /** The pod once it is as wanted; fails with what it is instead. */
  async until(name: string, isSo: (pod: Pod) => boolean): Promise<Pod> {
    const endsAt = clock.monotonic() + PATIENCE_MS
    for (;;) {
      const pod = await this.get(name)
      if (isSo(pod)) return pod
      if (clock.monotonic() > endsAt) {
        const { status } = pod
        const said = this.output.slice(-20).join('')
        throw new Error(`pod ${name} is ${JSON.stringify(status, null, 1)}, its kubelet: ${said}`)
      }
      await clock.sleep(50)
    }
  }

  untilReady(name: string): Promise<Pod> {
    return this.until(name, ({ status }) =>
      (status.conditions ?? []).some((each) => each.type === 'Ready' && each.status === 'True'),
    )
  }

  untilPhase(name: string, phase: string): Promise<Pod> {
    return this.until(name, ({ status }) => status.phase === phase)
  }

  async untilGone(name: string): Promise<void> {
    const endsAt = clock.monotonic() + PATIENCE_MS
    for (let pod = await this.find(name); pod; pod = await this.find(name)) {
      if (clock.monotonic() > endsAt) {
        throw new Error(`pod ${name} is still there: ${JSON.stringify(pod.status, null, 1)}`)
      }
      await clock.sleep(50)
    }
  }

  /** What a command prints in the newest container of that name. */
  inside(pod: Pod, script: string, container = 'main'): string {
    const statuses = [
      ...(pod.status.initContainerStatuses ?? []),
      ...(pod.status.containerStatuses ?? []),
      ...(pod.status.ephemeralContainerStatuses ?? []),
    ]
    const status = statuses.find(({ name }) => name === container)
    const id = status?.containerID?.split('://')[1] ?? ''
    const given = [`--host=unix://${this.#enginePath}`, 'exec', id, 'sh', '-c', script]
    return execFileSync('docker', given, { encoding: 'utf8' }).trim()
  }

  /** What a script writes that runs in the network of the node. */
  onNode(script: string): string {
    return this.#namespace.run('sh', '-c', script)
  }

  /** A file below the folder of the kubelet. */
  file(name: string): string {
    return readFileSync(join(this.rootDirectory, name), 'utf8')
  }

  async eventsOf(name: string): Promise<string[]> {
    const all = await this.client.list(CoreEvent, { namespace: 'default' })
    return all
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason, message }) => `${reason}: ${message}`)
  }

  /** Resolves when Events have told all of that: they come a moment after what they are about. */
  async untilTold(name: string, ...texts: readonly (string | RegExp)[]): Promise<void> {
    const endsAt = clock.monotonic() + PATIENCE_MS
    const isIn = (text: string | RegExp, events: string): boolean =>
      typeof text === 'string' ? events.includes(text) : text.test(events)
    for (;;) {
      const events = (await this.eventsOf(name)).join('\n')
      const missing = texts.filter((text) => !isIn(text, events))
      if (missing.length === 0) return
      if (clock.monotonic() > endsAt) {
        throw new Error(`events of ${name} lack ${missing.join(' and ')}; there are:\n${events}`)
      }
      await clock.sleep(50)
    }
  }

  /** Names of everything of this cluster on the Engine. */
  async leftovers(): Promise<string[]> {
    const label = [`io.nanokube.cluster=${this.cluster}`]
    const containers = await this.engine.listContainers({ label })
    const volumes = await this.engine.listVolumes({ label })
    return [...containers.map(({ Id: id }) => id), ...volumes.map(({ Name: name }) => name)]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    const label = [`io.nanokube.cluster=${this.cluster}`]
    for (const { Id: id } of await this.engine.listContainers({ label })) {
      // What a killed kubelet was removing may go by itself.
      await unlessMissing(this.engine.removeContainer(id, true))
    }
    for (const { Name: name } of await this.engine.listVolumes({ label })) {
      await this.engine.removeVolume(name)
    }
    await this.#parts.disposeAsync()
    await this.#server[Symbol.asyncDispose]()
    await this.engine[Symbol.asyncDispose]()
    this.#namespace[Symbol.dispose]()
    rmSync(this.rootDirectory, { recursive: true, force: true })
  }

  /** Plain HTTP needs no more than an address. */
  #kubeconfig(): string {
    const path = join(this.#server.directory, 'kubelet.kubeconfig')
    execFileSync('sh', ['-c', 'cat > "$1"', 'sh', path], {
      input: JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'c', cluster: { server: this.#server.url } }],
        users: [{ name: 'u', user: {} }],
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'c',
      }),
    })
    return path
  }
}

/** A link between the machine and the namespace of the node, with addresses of its own. */
function connectToMachine({ name }: NodeNamespace): { hostIp: string; nodeIp: string } {
  const link = `v${name.slice(3)}`
  const network = `172.31.${128 + systemRandom.below(128)}`
  const [hostIp, nodeIp] = [`${network}.1`, `${network}.2`]
  const ip = (words: string): void => void execFileSync('ip', words.split(' '))
  ip(`link add ${link} type veth peer name eth0 netns ${name}`)
  ip(`addr add ${hostIp}/30 dev ${link}`)
  ip(`link set ${link} up`)
  ip(`-n ${name} addr add ${nodeIp}/30 dev eth0`)
  ip(`-n ${name} link set eth0 up`)
  return { hostIp, nodeIp }
}
