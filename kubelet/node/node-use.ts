/** What a node has left and what its pods use, as its statistics tell. */
import { readFile } from 'node:fs/promises'
import type { Pod } from '#api/kinds/core/pod.ts'
import { readFileSystem } from '../stats/node-figures.ts'
import type { Statistics } from '../stats/statistics.ts'
import type { NodeUse } from './pressure-watch.ts'
import type { Supplies, Supply } from './thresholds.ts'

const BYTES_PER_KB = 1024

/** A few small files and two questions to file systems. */
export async function nodeSupplies(
  rootDirectory: string,
  imageDirectory: string,
): Promise<Supplies> {
  const [memory, processes, files, images] = await Promise.all([
    memorySupply(),
    processSupply(),
    readFileSystem(rootDirectory),
    readFileSystem(imageDirectory),
  ])
  return {
    'memory.available': memory,
    ...(processes && { 'pid.available': processes }),
    ...(files && {
      'nodefs.available': { available: files.availableBytes, capacity: files.capacityBytes },
      'nodefs.inodesFree': { available: files.inodesFree, capacity: files.inodes },
    }),
    ...(images && {
      'imagefs.available': { available: images.availableBytes, capacity: images.capacityBytes },
      'imagefs.inodesFree': { available: images.inodesFree, capacity: images.inodes },
    }),
  }
}

async function memorySupply(): Promise<Supply> {
  const text = await readFile('/proc/meminfo', 'utf8')
  const amount = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) * BYTES_PER_KB
  return { available: amount('MemAvailable'), capacity: amount('MemTotal') }
}

async function processSupply(): Promise<Supply | undefined> {
  const [load, most] = await Promise.all([
    readFile('/proc/loadavg', 'utf8'),
    readFile('/proc/sys/kernel/pid_max', 'utf8'),
  ])
  const used = Number(/\d+\/(\d+)/.exec(load)?.[1])
  const capacity = Number(most)
  return Number.isFinite(used) ? { available: capacity - used, capacity } : undefined
}

export async function nodeUse(
  statistics: Statistics,
  pods: readonly Pod[],
  supplies: Supplies,
): Promise<NodeUse> {
  const snapshot = await statistics.read({ volumes: true })
  const measured = new Map(snapshot.pods.map((each) => [each.pod.uid, each]))
  const volumes = new Map(
    snapshot.pods.map((each) => [
      each.pod.uid,
      new Map(each.volumes.map(({ name, usedBytes }) => [name, usedBytes])),
    ]),
  )
  return {
    supplies,
    volumes,
    pods: pods.map((pod) => {
      const found = measured.get(pod.metadata.uid)
      return {
        pod,
        containers: (found?.containers ?? []).map(({ name, figures }) => ({
          name,
          memoryBytes: figures.workingSetBytes,
          diskBytes: figures.writableLayerBytes ?? 0,
          processes: figures.processes,
        })),
        volumeBytes: (found?.volumes ?? []).reduce((sum, { usedBytes }) => sum + usedBytes, 0),
      }
    }),
  }
}
