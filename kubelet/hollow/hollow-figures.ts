/** Figures of containers that only pretend: as much as they were told to use, all the time. */
import { milliValue, quantityValue } from '#api/quantity.ts'
import type { ContainerFigures, PodFigures } from '../runtime.ts'
import type { NodeFigures } from '../stats/node-figures.ts'
import type { Behaviour } from './behaviour.ts'
import type { HollowContainer } from './hollow-pods.ts'

const NANOS_PER_MILLI_MS = 1000
const PROCESSES_MAX = 32_768

export function hollowFigures(
  containers: readonly HollowContainer[],
  behaviourOf: (container: HollowContainer) => Behaviour,
  nowMs: number,
): readonly PodFigures[] {
  const running = containers.filter(({ state }) => state === 'running')
  const byPod = Map.groupBy(running, ({ pod }) => pod.uid)
  return Array.from(byPod, ([uid, list]) => ({
    uid,
    containers: list.map((container) => figuresOf(container, behaviourOf(container), nowMs)),
    network: {
      interface: 'eth0',
      receivedBytes: 0,
      receiveErrors: 0,
      sentBytes: 0,
      sendErrors: 0,
    },
  }))
}

/** The node as a whole: as large as its capacity says, and busy with its pods alone. */
export class HollowNodeMeter {
  #cpuNs = 0
  #atMs: number | undefined

  /** `busy`: what each running container uses now. */
  read(
    busy: readonly Pick<Behaviour, 'cpu' | 'memory'>[],
    { cpus, memoryBytes }: { readonly cpus: number; readonly memoryBytes: number },
    nowMs: number,
  ): NodeFigures {
    const milli = busy.reduce((sum, { cpu }) => sum + Number(milliValue(cpu)), 0)
    const usedBytes = busy.reduce((sum, { memory }) => sum + Number(quantityValue(memory)), 0)
    // Kept apart from the containers: the time that those took who are gone stays taken.
    this.#cpuNs += milli * Math.max(nowMs - (this.#atMs ?? nowMs), 0) * NANOS_PER_MILLI_MS
    this.#atMs = nowMs
    return {
      ...{ atMs: nowMs, cpus, memoryBytes, usageBytes: usedBytes, workingSetBytes: usedBytes },
      cpuNs: this.#cpuNs,
      availableBytes: Math.max(memoryBytes - usedBytes, 0),
      rssBytes: usedBytes,
      ...{ pageFaults: 0, majorPageFaults: 0, swapUsedBytes: 0, swapAvailableBytes: 0 },
      ...{ bootedAtMs: 0, networks: [], processes: busy.length, processesMax: PROCESSES_MAX },
    }
  }
}

/** A thousandth of a processor for a millisecond is a thousand nanoseconds of it. */
function figuresOf(
  container: HollowContainer,
  { cpu, memory }: Behaviour,
  nowMs: number,
): ContainerFigures {
  const bytes = Number(quantityValue(memory))
  // What it is told may change, and what it has taken never becomes less.
  const { atMs, cpuNs: before } = container.meter ?? {
    atMs: container.startedAtMs ?? nowMs,
    cpuNs: 0,
  }
  const tookMs = Math.max(nowMs - atMs, 0)
  const cpuNs = before + Number(milliValue(cpu)) * tookMs * NANOS_PER_MILLI_MS
  container.meter = { atMs: nowMs, cpuNs }
  return {
    id: container.id,
    atMs: nowMs,
    cpuNs,
    memoryBytes: bytes,
    workingSetBytes: bytes,
    rssBytes: bytes,
    pageFaults: 0,
    majorPageFaults: 0,
    processes: 1,
    writableLayerBytes: 0,
  }
}
