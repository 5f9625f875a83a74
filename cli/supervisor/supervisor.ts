/** Keeps a cluster running: its containers on the Engine, its processes, its basic objects. */
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Connection } from '#client/connection.ts'
import { loadTarget } from '#client/load-kubeconfig.ts'
import { Client } from '#client/rest.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import type { Random } from '#daemon/random.ts'
import { settleAll } from '#daemon/settle-all.ts'
import { serverReady } from '../api-access.ts'
import { type ClusterDescription, type ClusterNode, readCluster, writeWhole } from '../cluster.ts'
import type { ClusterFiles } from '../cluster-files.ts'
import { isListening } from '../ports.ts'
import { applyAddOns } from './add-ons.ts'
import { API_SERVER, type Component, componentsOf, kubeProxyKubeconfig } from './components.ts'
import { fileThere } from './file-there.ts'
import { Keeper, type Kept, type Start } from './keeper.ts'
import type { Machine } from './machine.ts'
import {
  ensureJoinKubeconfig,
  entryForNodes,
  updateServer,
  writeForNodes,
} from './node-credentials.ts'

export interface SupervisorParts {
  readonly files: ClusterFiles
  readonly machine: Machine
  /** The root of the project, with the programs. */
  readonly root: string
  /** The Node that runs them. */
  readonly node: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly signal: AbortSignal
}

/** What `nanokube status` shows. */
export interface SupervisorStatus {
  readonly pid: number
  readonly components: Readonly<Record<string, Kept>>
  /** What went wrong last in the supervisor's own work. */
  readonly problem?: string
}

/** Answers of the API server that is still starting come again after it. */
const RETRY_MS = 50
/** Nothing tells when a port is served. */
const LOOK_AGAIN_MS = 20
const RETRY_MAX_MS = 5000

export class Supervisor implements AsyncDisposable {
  readonly #parts: SupervisorParts
  readonly #keepers = new Map<string, { readonly keeper: Keeper; readonly component: Component }>()
  #cluster!: ClusterDescription
  #problem: string | undefined
  #listening: Promise<void> | undefined
  #writing: Promise<void> = Promise.resolve()
  #isStale = false

  constructor(parts: SupervisorParts) {
    this.#parts = parts
  }

  /** Makes what runs equal to what the cluster's file says; called again when it has changed. */
  async apply(): Promise<void> {
    const { files, machine } = this.#parts
    const cluster = await readCluster(files.cluster)
    if (!cluster) throw new Error(`${files.cluster}: no such file`)
    this.#cluster = cluster
    if (cluster.nodes.length > 0) await machine.ensureNetwork(cluster)
    const wanted = componentsOf(cluster, files)
    const isWanted = (component: Component): boolean =>
      wanted.some((each) => isDeepStrictEqual(each, component))
    const gone = [...this.#keepers].filter(([, { component }]) => !isWanted(component))
    for (const [name] of gone) this.#keepers.delete(name)
    await settleAll(gone.map(([, { keeper }]) => keeper[Symbol.asyncDispose]()))
    this.#changed()
    for (const component of wanted) {
      if (!this.#keepers.has(component.name)) this.#keep(component)
    }
    for (const node of cluster.nodes) this.#enterAhead(node)
  }

  /** Its container starts while the API server does; whoever wants the node waits for it less. */
  #enterAhead(node: ClusterNode): void {
    const { machine, log } = this.#parts
    machine.enter(this.#cluster, node).catch((error) => {
      log.debug('the container of a node does not start yet', { node: node.name, error })
    })
  }

  /** What runs in a network that is gone starts anew in the next one. */
  async keepNodes(signal: AbortSignal): Promise<void> {
    for await (const node of this.#parts.machine.lostNodes(this.#cluster, signal)) {
      this.#parts.log.warn('the network of a node is gone', { node })
      for (const { keeper, component } of this.#keepers.values()) {
        if (component.node === node) keeper.restart()
      }
    }
  }

  /** Kept up as long as the supervisor lives; tried again until the API server takes it. */
  async keepObjects(): Promise<void> {
    const { files, clock, random, log, signal } = this.#parts
    // The control plane keeps them, and it is elsewhere.
    if (this.#cluster.joined) return
    await fileThere(files.adminKubeconfig, signal)
    const target = await loadTarget({ path: files.adminKubeconfig, environment: {}, clock })
    await using connection = new Connection({ ...target, userAgent: 'nanokube', clock })
    const client = new Client({ connection })
    for (let delayMs = RETRY_MS; !signal.aborted; delayMs = Math.min(delayMs * 2, RETRY_MAX_MS)) {
      try {
        await serverReady(files, clock, signal)
        await ensureJoinKubeconfig(client, this.#cluster, files, random)
        const proxy = join(files.pki, 'kube-proxy.kubeconfig')
        await writeForNodes(proxy, kubeProxyKubeconfig(files), this.#cluster)
        await applyAddOns(client, this.#cluster, await entryForNodes(this.#cluster, files))
        this.#say(undefined)
        return
      } catch (error) {
        if (signal.aborted) return
        log.debug('basic objects are not there yet', { error })
        this.#say((error as Error).message)
        await clock.sleep(delayMs, signal).catch(() => undefined)
      }
    }
  }

  /** Nodes first, so that they can still say good-bye; the API server last. */
  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#keepers.values()]
    const isServer = ({ component }: { readonly component: Component }): boolean =>
      component.name === API_SERVER
    const stop = (some: typeof all) =>
      settleAll(some.map(({ keeper }) => keeper[Symbol.asyncDispose]()))
    await stop(all.filter((each) => !isServer(each)))
    await stop(all.filter(isServer))
    await this.#writing
  }

  #keep(component: Component): void {
    const { clock, log } = this.#parts
    const keeper = new Keeper({
      name: component.name,
      prepare: (signal) => this.#prepare(component, signal),
      changed: () => this.#changed(),
      clock,
      log,
    })
    this.#keepers.set(component.name, { keeper, component })
  }

  async #prepare(component: Component, signal: AbortSignal): Promise<Start> {
    const { machine, root, node, files } = this.#parts
    for (const needed of component.needs) await fileThere(needed, signal)
    if (component.name !== API_SERVER && !this.#cluster.joined) await this.#serverListens()
    const place = this.#cluster.nodes.find(({ name }) => name === component.node)
    if (place) await updateServer(files.node(place.name).kubeconfig, this.#cluster)
    const inside = place ? await machine.enter(this.#cluster, place) : []
    const [command = node, ...words] = [...inside, node, join(root, component.program)]
    return {
      command,
      arguments: [...words, ...component.arguments],
      environment: {
        ...this.#parts.environment,
        NANOKUBE_CLUSTER: this.#cluster.id,
      },
      logFile: files.log(component.name),
    }
  }

  /** Before it does for the first time, all others would only take its processors from it. */
  #serverListens(): Promise<void> {
    const { clock, signal } = this.#parts
    const listens = async (): Promise<void> => {
      while (!(await isListening(this.#cluster.apiPort))) await clock.sleep(LOOK_AGAIN_MS, signal)
    }
    this.#listening ??= listens()
    return this.#listening
  }

  #say(problem: string | undefined): void {
    if (this.#problem === problem) return
    this.#problem = problem
    this.#changed()
  }

  /** Several changes at once are one file. */
  #changed(): void {
    if (this.#isStale) return
    this.#isStale = true
    this.#writing = this.#writing.then(() => {
      this.#isStale = false
      return this.#write()
    })
  }

  async #write(): Promise<void> {
    const { files, log } = this.#parts
    const components = [...this.#keepers].map(([name, { keeper }]) => [name, keeper.kept] as const)
    const status: SupervisorStatus = {
      pid: process.pid,
      components: Object.fromEntries(components),
      ...(this.#problem && { problem: this.#problem }),
    }
    try {
      await writeWhole(files.status, `${JSON.stringify(status, undefined, 2)}\n`)
    } catch (error) {
      log.error('cannot write status', { error })
    }
  }
}
