/** A node with the pods on it, and sums over them that change with each pod. */
import type { Node } from '#api/kinds/core/node.ts'
import { milliValue, quantityValue } from '#api/quantity.ts'
import { ANY_IP, type HostPort, type PodInfo } from './pod-info.ts'

export const HOSTNAME_LABEL = 'kubernetes.io/hostname'
export const ZONE_LABEL = 'topology.kubernetes.io/zone'
const REGION_LABEL = 'topology.kubernetes.io/region'

export interface Allocatable {
  readonly cpu: number
  readonly memory: number
  readonly ephemeralStorage: number
  readonly pods: number
  readonly others: ReadonlyMap<string, number>
}

const nothing: Allocatable = {
  cpu: 0,
  memory: 0,
  ephemeralStorage: 0,
  pods: 0,
  others: new Map(),
}

/** Counts changes of all nodes together, so that a number stands for one state of one node. */
let changes = 0

export class NodeInfo {
  readonly name: string
  /** Its place in tables about all nodes; given again when the node is gone. */
  readonly slot: number
  #version = ++changes
  /** Undefined while only pods are known that run there. */
  #node: Node | undefined
  allocatable: Allocatable = nothing
  /** Bytes of each image, by each of its names. */
  images: ReadonlyMap<string, number> = new Map()
  /** Region and zone, for taking nodes of all zones in turn. */
  zone = ''
  readonly pods = new Map<string, PodInfo>()
  readonly requested = { cpu: 0, memory: 0, ephemeralStorage: 0 }
  readonly requestedOthers = new Map<string, number>()
  readonly scored = { cpu: 0, memory: 0 }
  /** How many pods hold a port, as `protocol/port`, by address. */
  readonly #ports = new Map<string, Map<string, number>>()

  constructor(name: string, slot = 0) {
    this.name = name
    this.slot = slot
  }

  /** Another one after each change of the node, or of the pods on it. */
  get version(): number {
    return this.#version
  }

  get isKnown(): boolean {
    return this.#node !== undefined
  }

  /** Decisions are about known nodes only. */
  get node(): Node {
    return this.#node!
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#node?.metadata.labels ?? {}
  }

  setNode(node: Node | undefined): void {
    this.#version = ++changes
    this.#node = node
    this.allocatable = allocatableOf(node)
    this.images = imagesOf(node)
    const { [REGION_LABEL]: region = '', [ZONE_LABEL]: zone = '' } = this.labels
    this.zone = `${region}/${zone}`
  }

  add(pod: PodInfo): void {
    this.pods.set(pod.key, pod)
    this.#count(pod, 1)
  }

  remove(key: string): void {
    const pod = this.pods.get(key)
    if (!pod) return
    this.pods.delete(key)
    this.#count(pod, -1)
  }

  /** The same pod, seen again with nothing changed that is counted. */
  replace(pod: PodInfo): void {
    this.pods.set(pod.key, pod)
  }

  /** Whether another pod holds the port; an address of its own collides with all addresses. */
  holdsPort({ ip, protocol, port }: HostPort): boolean {
    if (this.#ports.size === 0) return false
    const wanted = `${protocol}/${port}`
    if (ip !== ANY_IP) return this.#isHeld(ip, wanted) || this.#isHeld(ANY_IP, wanted)
    return [...this.#ports.values()].some((held) => held.has(wanted))
  }

  #isHeld(ip: string, wanted: string): boolean {
    return this.#ports.get(ip)?.has(wanted) ?? false
  }

  #count({ requests, scored, hostPorts }: PodInfo, sign: 1 | -1): void {
    this.#version = ++changes
    this.requested.cpu += sign * requests.cpu
    this.requested.memory += sign * requests.memory
    this.requested.ephemeralStorage += sign * requests.ephemeralStorage
    for (const [name, amount] of requests.others) add(this.requestedOthers, name, sign * amount)
    this.scored.cpu += sign * scored.cpu
    this.scored.memory += sign * scored.memory
    for (const { ip, protocol, port } of hostPorts) {
      const held = this.#ports.get(ip) ?? new Map<string, number>()
      this.#ports.set(ip, held)
      add(held, `${protocol}/${port}`, sign)
      if (held.size === 0) this.#ports.delete(ip)
    }
  }
}

function add(sums: Map<string, number>, name: string, amount: number): void {
  const sum = (sums.get(name) ?? 0) + amount
  if (sum === 0) sums.delete(name)
  else sums.set(name, sum)
}

function allocatableOf(node: Node | undefined): Allocatable {
  const others = new Map<string, number>()
  let { cpu, memory, ephemeralStorage, pods } = nothing
  for (const [name, amount] of Object.entries(node?.status.allocatable ?? {})) {
    if (name === 'cpu') cpu = Number(milliValue(amount))
    else if (name === 'memory') memory = Number(quantityValue(amount))
    else if (name === 'ephemeral-storage') ephemeralStorage = Number(quantityValue(amount))
    else if (name === 'pods') pods = Number(quantityValue(amount))
    else others.set(name, Number(quantityValue(amount)))
  }
  return { cpu, memory, ephemeralStorage, pods, others }
}

function imagesOf(node: Node | undefined): ReadonlyMap<string, number> {
  const images = new Map<string, number>()
  for (const { names, sizeBytes } of node?.status.images ?? []) {
    for (const name of names ?? []) images.set(name, sizeBytes ?? 0)
  }
  return images
}
