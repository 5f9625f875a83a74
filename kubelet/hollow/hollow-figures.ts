/** Figures of containers that only pretend: as much as they were told to use, all the time. */
import { milliValue, quantityValue } from '#api/quantity.ts'
import type { ContainerFigures, PodFigures } from '../runtime.ts'
import type { Behaviour } from './behaviour.ts'
import type { HollowContainer } from './hollow-pods.ts'

const NANOS_PER_MILLI_MS = 1000

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

/** A thousandth of a processor for a millisecond is a thousand nanoseconds of it. */
function figuresOf(
  { id, startedAtMs = 0 }: HollowContainer,
  { cpu, memory }: Behaviour,
  nowMs: number,
): ContainerFigures {
  const bytes = Number(quantityValue(memory))
  return {
    id,
    atMs: nowMs,
    cpuNs: Number(milliValue(cpu)) * (nowMs - startedAtMs) * NANOS_PER_MILLI_MS,
    memoryBytes: bytes,
    workingSetBytes: bytes,
    rssBytes: bytes,
    pageFaults: 0,
    majorPageFaults: 0,
    processes: 1,
    writableLayerBytes: 0,
  }
}
