/** `/stats/summary`: what node and pods use, in the form that clients of kubelets read. */
import type { NetworkFigures } from '../runtime.ts'
import type { FileSystemFigures } from './node-figures.ts'
import type { ContainerSnapshot, PodSnapshot, Snapshot } from './statistics.ts'

const timeText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** Whoever makes rates of totals needs to know when they were taken better than to a second. */
const measuredAt = (ms: number): string => new Date(ms).toISOString()

/** `isShort`: processor and memory alone. */
export function summaryOf(snapshot: Snapshot, isShort: boolean): object {
  const { nodeName, node, nodeNanoCores, pods } = snapshot
  const time = measuredAt(node.atMs)
  return {
    node: {
      nodeName,
      startTime: timeText(node.bootedAtMs),
      cpu: processor(time, node.cpuNs, nodeNanoCores),
      memory: {
        time,
        availableBytes: node.availableBytes,
        usageBytes: node.usageBytes,
        workingSetBytes: node.workingSetBytes,
        rssBytes: node.rssBytes,
        pageFaults: node.pageFaults,
        majorPageFaults: node.majorPageFaults,
      },
      ...(!isShort && nodeRest(snapshot, time)),
    },
    pods: pods.map((pod) => podSummary(pod, snapshot, isShort)),
  }
}

function nodeRest(snapshot: Snapshot, time: string): object {
  const { node, nodeFiles, imageFiles, imageBytes } = snapshot
  const imageFs = imageFiles && { ...files(time, imageFiles), usedBytes: imageBytes }
  return {
    network: network(time, node.networks[0], node.networks),
    ...(nodeFiles && { fs: files(time, nodeFiles) }),
    ...(imageFs && { runtime: { imageFs, containerFs: imageFs } }),
    rlimit: { time, maxpid: node.processesMax, curproc: node.processes },
    swap: {
      time,
      swapAvailableBytes: node.swapAvailableBytes,
      swapUsageBytes: node.swapUsedBytes,
    },
  }
}

const processor = (time: string, cpuNs: number, nanoCores: number | undefined): object => ({
  time,
  ...(nanoCores !== undefined && { usageNanoCores: nanoCores }),
  usageCoreNanoSeconds: cpuNs,
})

const files = (time: string, figures: FileSystemFigures): object => ({ time, ...figures })

function network(
  time: string,
  first: NetworkFigures | undefined,
  all: readonly NetworkFigures[],
): object {
  return { time, ...(first && oneNetwork(first)), interfaces: all.map(oneNetwork) }
}

const oneNetwork = (figures: NetworkFigures): object => ({
  name: figures.interface,
  rxBytes: figures.receivedBytes,
  rxErrors: figures.receiveErrors,
  txBytes: figures.sentBytes,
  txErrors: figures.sendErrors,
})

function podSummary(
  { pod, startedAtMs, containers, network: used, volumes }: PodSnapshot,
  { node, nodeFiles }: Snapshot,
  isShort: boolean,
): object {
  const time = measuredAt(node.atMs)
  const sum = (read: (container: ContainerSnapshot) => number): number =>
    containers.reduce((total, each) => total + read(each), 0)
  const isRated = containers.length > 0 && containers.every((each) => each.nanoCores !== undefined)
  const rate = isRated ? sum(({ nanoCores }) => nanoCores ?? 0) : undefined
  const written = sum(({ figures }) => figures.writableLayerBytes ?? 0)
  const stored = volumes.filter(({ claim }) => !claim)
  const usedBytes = written + stored.reduce((total, each) => total + each.usedBytes, 0)
  const inodesUsed = stored.reduce((total, each) => total + each.inodesUsed, 0)
  return {
    podRef: { name: pod.name, namespace: pod.namespace, uid: pod.uid },
    startTime: timeText(startedAtMs),
    containers: containers.map((each) => containerSummary(each, nodeFiles, isShort)),
    cpu: processor(
      time,
      sum(({ figures }) => figures.cpuNs),
      rate,
    ),
    memory: {
      time,
      usageBytes: sum(({ figures }) => figures.memoryBytes),
      workingSetBytes: sum(({ figures }) => figures.workingSetBytes),
      rssBytes: sum(({ figures }) => figures.rssBytes),
      pageFaults: sum(({ figures }) => figures.pageFaults),
      majorPageFaults: sum(({ figures }) => figures.majorPageFaults),
    },
    ...(!isShort && {
      ...(used && { network: network(time, used, [used]) }),
      volume: volumes.map(({ name, claim, ...usage }) => ({
        ...(nodeFiles ? files(time, { ...nodeFiles, ...usage }) : { time, ...usage }),
        name,
        ...(claim && { pvcRef: claim }),
      })),
      'ephemeral-storage': nodeFiles
        ? files(time, { ...nodeFiles, usedBytes, inodesUsed })
        : { time, usedBytes, inodesUsed },
      process_stats: { process_count: sum(({ figures }) => figures.processes) },
      swap: { time, swapUsageBytes: 0 },
    }),
  }
}

function containerSummary(
  { name, startedAtMs, figures, nanoCores }: ContainerSnapshot,
  nodeFiles: FileSystemFigures | undefined,
  isShort: boolean,
): object {
  const time = measuredAt(figures.atMs)
  const { memoryBytes, workingSetBytes, rssBytes, pageFaults, majorPageFaults } = figures
  const usedBytes = figures.writableLayerBytes
  return {
    name,
    startTime: timeText(startedAtMs),
    cpu: processor(time, figures.cpuNs, nanoCores),
    memory: {
      time,
      usageBytes: memoryBytes,
      workingSetBytes,
      rssBytes,
      pageFaults,
      majorPageFaults,
    },
    ...(!isShort && {
      ...(usedBytes !== undefined && {
        rootfs: nodeFiles ? files(time, { ...nodeFiles, usedBytes }) : { time, usedBytes },
      }),
      swap: { time, swapUsageBytes: 0 },
    }),
  }
}
