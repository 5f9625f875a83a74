/** The sandboxes of pods: made, plumbed, stopped, removed, and put right after a restart. */
import { readFile } from 'node:fs/promises'
import { getSystemErrorMessage } from 'node:util'
import type { Clock } from '#daemon/clock.ts'
import type { Log } from '#daemon/log.ts'
import { settleAll } from '#daemon/settle-all.ts'
import type { Engine } from '#engine/engine.ts'
import { hasStatus, unlessMissing } from '#engine/engine-error.ts'
import { READY_NAME } from '#engine/pause/pause-program.ts'
import type { ContainerDetails } from '#engine/types.ts'
import type { ObservedSandbox, SandboxSpec } from '../runtime.ts'
import type { AddressBook } from './address-book.ts'
import type { CgroupFiles } from './cgroup-files.ts'
import { endContainer } from './ending.ts'
import {
  isOfScope,
  labelNames,
  memoryVolumeName,
  ofScope,
  type Scope,
  sandboxName,
  volumeLabels,
} from './labels.ts'
import {
  isMissing,
  type NodeNetwork,
  namespaceOf,
  networkFile,
  nodeNamespaceFile,
} from './node-network.ts'
import { type SandboxFacts, sandboxFrom } from './observed.ts'
import { interfaceName, type Plumbing, type PodNetwork } from './pod-network.ts'
import { cgroupParentFor, type SandboxNetwork, sandboxBody } from './sandbox-body.ts'
import type { Seats } from './seats.ts'

export interface SandboxesOptions {
  readonly engine: Engine
  readonly scope: Scope
  readonly clock: Clock
  readonly log: Log
  readonly addresses: AddressBook
  readonly network: PodNetwork
  readonly nodeNetwork: NodeNetwork
  readonly cgroups: CgroupFiles
  /** Starts in flight on the Engine. */
  readonly starts: Seats
  /** Name of the image; it is there when this resolves. */
  readonly image: () => Promise<string>
  readonly cgroupDriver: string
}

/** It is usually ready before the Engine has answered. */
const READY_POLL_MS = 1
const READY_TIMEOUT_MS = 10_000
/** Exit code of a sandbox that was not allowed to make its network: errno EPERM. */
const NOT_PERMITTED = 1

export class Sandboxes {
  readonly #options: SandboxesOptions
  readonly #facts = new Map<string, SandboxFacts>()
  /** Names of those that run already but are not ready yet. */
  readonly #starting = new Set<string>()
  /** Ids of those that were stopped, and have no end of a link at the node any more. */
  readonly #detached = new Set<string>()
  #canUnshare = true

  constructor(options: SandboxesOptions) {
    this.#options = options
  }

  /**
   * Takes over what is there: keeps its addresses, and gives back the network of those whose node
   * has lost its end, as it does when the node is started anew.
   */
  async takeOver(all: readonly ContainerDetails[]): Promise<void> {
    const { addresses, network, engine, scope } = this.#options
    for (const details of all) {
      const { ips } = sandboxFrom(details)
      if (!hasEnded(details)) addresses.keep(nameOf(details), ips)
    }
    const interfaces = await network.interfaces()
    const running = all.map(sandboxFrom).filter((facts) => facts.isReady && hasOwnNetwork(facts))
    await settleAll(running.map((facts) => this.#repair(facts, interfaces)))
    const used = new Set(all.flatMap((details) => sandboxFrom(details).volumes))
    const filter = { label: ofScope(scope, `${labelNames.type}=memory-volume`) }
    for (const { Name: volume } of await engine.listVolumes(filter)) {
      if (!used.has(volume)) await this.#removeVolume(volume)
    }
  }

  async start(spec: SandboxSpec): Promise<ObservedSandbox> {
    const name = sandboxName(spec)
    this.#starting.add(name)
    try {
      return await this.#start(spec, name)
    } finally {
      this.#starting.delete(name)
    }
  }

  async stop(id: string): Promise<void> {
    const { network, addresses } = this.#options
    const details = await this.#ours(id)
    if (!details) return
    const facts = sandboxFrom(details)
    // It has nothing to put in order, so it is not asked.
    if (details.State.Running) await endContainer(this.#options, id)
    if (hasOwnNetwork(facts) && !this.#detached.has(id)) {
      await network.detach(interfaceName(id))
      this.#detached.add(id)
    }
    addresses.free(nameOf(details), facts.ips)
  }

  async remove(id: string): Promise<void> {
    await this.stop(id)
    const { engine, cgroups } = this.#options
    const details = await this.#ours(id)
    if (!details) return
    const { volumes, cgroupParent } = sandboxFrom(details)
    await unlessMissing(engine.removeContainer(id))
    this.#facts.delete(id)
    this.#detached.delete(id)
    await settleAll(volumes.map((volume) => this.#removeVolume(volume)))
    if (cgroupParent !== undefined) await cgroups.removeParent(cgroupParent)
  }

  /** What later containers of its pod have to know. */
  async facts(id: string): Promise<SandboxFacts> {
    const known = this.#facts.get(id)
    if (known) return known
    const details = await this.#ours(id)
    if (!details) throw new Error(`sandbox ${id}: there is none of this id`)
    const facts = sandboxFrom(details)
    this.#facts.set(id, facts)
    return facts
  }

  /** The process that holds the namespaces; undefined when it does not run. */
  async processId(id: string): Promise<number | undefined> {
    const details = await this.#ours(id)
    return details?.State.Running ? details.State.Pid : undefined
  }

  /** Ready: it runs, is plumbed, and is still in the network that it should be in. */
  async observed(details: ContainerDetails): Promise<ObservedSandbox> {
    const facts = sandboxFrom(details)
    const isRunning = facts.isReady && !this.#starting.has(nameOf(details))
    const isReady = isRunning && (hasOwnNetwork(facts) || (await this.#isInNode(facts)))
    return { ...observedFrom(facts), isReady }
  }

  async #start(spec: SandboxSpec, name: string): Promise<ObservedSandbox> {
    const { engine, starts } = this.#options
    const { id, isNew } = await this.#create(spec, name)
    if (!isNew) await this.#refuseEnded(id)
    await starts.run(() => engine.startContainer(id))
    const details = await engine.inspectContainer(id)
    const facts = sandboxFrom(details)
    if (!(await this.#waitUntilReady(id, facts))) {
      // This host lets nobody make a network, so the Engine does it from now on.
      this.#canUnshare = false
      await this.remove(id)
      return this.#start(spec, name)
    }
    this.#facts.set(id, facts)
    if (hasOwnNetwork(facts)) await this.#plumb(facts, isNew)
    else await this.#refuseElsewhere(facts)
    return { ...observedFrom(facts), isReady: true }
  }

  async #create(spec: SandboxSpec, name: string): Promise<{ id: string; isNew: boolean }> {
    const { engine, scope, addresses, image, cgroupDriver } = this.#options
    const existing = await this.#existing(name)
    if (existing !== undefined) return { id: existing, isNew: false }
    for (const { name: volume, sizeBytes } of spec.memoryVolumes) {
      const size = sizeBytes === undefined ? '' : `size=${sizeBytes},`
      const options = { type: 'tmpfs', device: 'tmpfs', o: `${size}mode=1777` }
      const full = memoryVolumeName(spec.pod, spec.attempt, volume)
      await engine.createVolume(full, options, volumeLabels(scope, spec.pod))
    }
    const taken = spec.network === 'pod' ? addresses.take(name) : []
    try {
      const body = sandboxBody(spec, {
        scope,
        image: await image(),
        network: await this.#networkFor(spec),
        addresses: taken,
        cgroupParent: cgroupParentFor(cgroupDriver, spec.cgroupParent),
      })
      return { id: await engine.createContainer(name, body), isNew: true }
    } catch (error) {
      addresses.free(
        name,
        taken.map(({ ip }) => ip),
      )
      throw error
    }
  }

  async #networkFor({ network }: SandboxSpec): Promise<SandboxNetwork> {
    if (network === 'pod') return this.#canUnshare ? 'unshare' : 'none'
    const { nodeNetwork, engine } = this.#options
    const file = await nodeNamespaceFile(nodeNetwork, engine)
    return file === undefined ? 'host' : { file }
  }

  /** False when it was not permitted to make its network. */
  async #waitUntilReady(id: string, { processId }: SandboxFacts): Promise<boolean> {
    const { clock, engine } = this.#options
    const deadlineMs = clock.monotonic() + READY_TIMEOUT_MS
    while ((await processName(processId)) !== READY_NAME) {
      const { State: state } = await engine.inspectContainer(id)
      if (!state.Running) {
        if (state.ExitCode === NOT_PERMITTED && this.#canUnshare) return false
        const why = state.Error || getSystemErrorMessage(-state.ExitCode)
        throw new Error(`sandbox ${id}: it ended with ${state.ExitCode} at its start: ${why}`)
      }
      if (clock.monotonic() > deadlineMs) {
        throw new Error(
          `sandbox ${id}: process ${processId} is not ready after ${READY_TIMEOUT_MS} ms, or ` +
            `cannot be seen: a kubelet has to see all processes of its machine`,
        )
      }
      await clock.sleep(READY_POLL_MS)
    }
    return true
  }

  async #plumb(facts: SandboxFacts, isNew: boolean): Promise<void> {
    const { network } = this.#options
    const plumbing = plumbingOf(facts)
    const own = await namespaceOf(networkFile(facts.processId))
    if (own === undefined || own === (await namespaceOf(networkFile(process.pid)))) {
      throw new Error(`sandbox ${facts.id}: it has no network of its own, its process ended`)
    }
    if (!isNew && (await network.interfaces()).has(plumbing.interface)) {
      if (await network.isComplete(plumbing)) return
    }
    await network.attach(plumbing)
  }

  async #repair(facts: SandboxFacts, interfaces: ReadonlySet<string>): Promise<void> {
    const { network, log, starts } = this.#options
    const plumbing = plumbingOf(facts)
    await starts.run(async () => {
      if (interfaces.has(plumbing.interface) && (await network.isComplete(plumbing))) return
      if ((await namespaceOf(networkFile(facts.processId))) === undefined) return
      await network.attach(plumbing)
      log.info('network of a sandbox put right', { sandbox: facts.id, ips: facts.ips })
    })
  }

  /** A node that was started anew has another network than the one its pods are in. */
  async #isInNode({ processId }: SandboxFacts): Promise<boolean> {
    const { nodeNetwork, engine } = this.#options
    const file = (await nodeNamespaceFile(nodeNetwork, engine)) ?? networkFile(process.pid)
    return (await namespaceOf(networkFile(processId))) === (await namespaceOf(file))
  }

  /** Told of another network than the Engine has, a kubelet could never make one ready. */
  async #refuseElsewhere(facts: SandboxFacts): Promise<void> {
    const { type } = this.#options.nodeNetwork
    if ((await this.#isInNode(facts)) || !(await namespaceOf(networkFile(facts.processId)))) return
    throw new Error(
      `sandbox ${facts.id}: it is in the network of the Engine, wanted that of the node, which ` +
        `this kubelet takes to be "${type}"`,
    )
  }

  async #existing(name: string): Promise<string | undefined> {
    const details = await unlessMissing(this.#options.engine.inspectContainer(name))
    if (!details) return undefined
    if (isOfScope(details.Config.Labels, this.#options.scope)) return details.Id
    throw new Error(`sandbox "${name}": a container of this name is there and is not ours`)
  }

  async #refuseEnded(id: string): Promise<void> {
    const details = await this.#options.engine.inspectContainer(id)
    if (hasEnded(details)) {
      throw new Error(`sandbox ${id}: it has ended, wanted a new attempt`)
    }
  }

  /** Undefined when it is gone. Anything that is not ours is never touched. */
  async #ours(id: string): Promise<ContainerDetails | undefined> {
    const details = await unlessMissing(this.#options.engine.inspectContainer(id))
    if (details && !isOfScope(details.Config.Labels, this.#options.scope)) {
      throw new Error(`sandbox ${id}: it is not ours`)
    }
    return details
  }

  /** One that a container of the pod still holds is taken away at the next start of the kubelet. */
  async #removeVolume(name: string): Promise<void> {
    try {
      await this.#options.engine.removeVolume(name)
    } catch (error) {
      if (hasStatus(error, 409))
        this.#options.log.warn('memory volume still in use', { name, error })
      else if (!hasStatus(error, 404)) throw error
    }
  }
}

function nameOf({ Name: name }: ContainerDetails): string {
  return name.replace(/^\//, '')
}

function hasOwnNetwork({ network }: SandboxFacts): boolean {
  return network === 'pod'
}

function hasEnded({ State: state }: ContainerDetails): boolean {
  return !state.Running && state.Status !== 'created'
}

function observedFrom({ id, attempt, createdAtMs, ips, isReady }: SandboxFacts): ObservedSandbox {
  return { id, attempt, createdAtMs, ips, isReady }
}

function plumbingOf({ id, processId, addresses }: SandboxFacts): Plumbing {
  return { interface: interfaceName(id), processId, addresses }
}

/** What a process calls itself; undefined when it is gone. */
async function processName(processId: number): Promise<string | undefined> {
  try {
    return (await readFile(`/proc/${processId}/comm`, 'utf8')).trim()
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
