/** What the node as a whole uses, as the kernel and its file systems tell it. */
import { readFile, statfs } from 'node:fs/promises'
import type { NetworkFigures } from '../runtime.ts'

export interface FileSystemFigures {
  readonly capacityBytes: number
  readonly availableBytes: number
  readonly usedBytes: number
  readonly inodes: number
  readonly inodesFree: number
  readonly inodesUsed: number
}

export interface NodeFigures {
  readonly atMs: number
  readonly cpuNs: number
  readonly memoryBytes: number
  readonly availableBytes: number
  readonly usageBytes: number
  readonly workingSetBytes: number
  readonly rssBytes: number
  readonly pageFaults: number
  readonly majorPageFaults: number
  readonly swapUsedBytes: number
  readonly swapAvailableBytes: number
  readonly bootedAtMs: number
  readonly cpus: number
  readonly networks: readonly NetworkFigures[]
  readonly processes: number
  readonly processesMax: number
}

/** The kernel counts processor time in hundredths of a second, on every machine of today. */
const TICK_NS = 10_000_000

export async function readNodeFigures(nowMs: number, proc = '/proc'): Promise<NodeFigures> {
  const names = ['stat', 'meminfo', 'vmstat', 'net/dev', 'loadavg', 'sys/kernel/pid_max']
  const texts = await Promise.all(names.map((name) => readFile(`${proc}/${name}`, 'utf8')))
  const [stat = '', meminfo = '', vmstat = '', networks = '', load = '', processesMax = ''] = texts
  const memory = keyedNumbers(meminfo, 1024)
  const virtual = keyedNumbers(vmstat, 1)
  const total = memory.get('MemTotal') ?? 0
  const available = memory.get('MemAvailable') ?? 0
  return {
    atMs: nowMs,
    ...processorFigures(stat),
    memoryBytes: total,
    availableBytes: available,
    usageBytes: total - (memory.get('MemFree') ?? 0),
    workingSetBytes: Math.max(total - available, 0),
    rssBytes: memory.get('AnonPages') ?? 0,
    pageFaults: virtual.get('pgfault') ?? 0,
    majorPageFaults: virtual.get('pgmajfault') ?? 0,
    swapUsedBytes: (memory.get('SwapTotal') ?? 0) - (memory.get('SwapFree') ?? 0),
    swapAvailableBytes: memory.get('SwapFree') ?? 0,
    networks: networksIn(networks),
    processes: Number(/ \d+\/(\d+) /.exec(load)?.[1] ?? 0),
    processesMax: Number(processesMax),
  }
}

/** Time that the processors were at work, together. */
export function processorFigures(stat: string) {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = (
    /^cpu .*$/m.exec(stat)?.[0] ?? ''
  )
    .split(/\s+/)
    .map(Number)
  return {
    cpuNs: (user + nice + system + irq + softIrq + steal) * TICK_NS,
    bootedAtMs: Number(/^btime (\d+)$/m.exec(stat)?.[1] ?? 0) * 1000,
    cpus: stat.match(/^cpu\d+ /gm)?.length ?? 1,
  }
}

function keyedNumbers(text: string, unit: number): ReadonlyMap<string, number> {
  const lines = text.matchAll(/^([\w()]+):?\s+(\d+)/gm)
  return new Map(Array.from(lines, ([, key, value]) => [key!, Number(value) * unit]))
}

export function networksIn(text: string): readonly NetworkFigures[] {
  const lines = Array.from(text.matchAll(/^\s*([^\s:|]+):\s*(.*)$/gm))
  return lines
    .filter(([, name]) => name !== 'lo')
    .map(([, name, rest]) => {
      const numbers = rest!.trim().split(/\s+/).map(Number)
      return {
        interface: name!,
        receivedBytes: numbers[0] ?? 0,
        receiveErrors: numbers[2] ?? 0,
        sentBytes: numbers[8] ?? 0,
        sendErrors: numbers[10] ?? 0,
      }
    })
}

/** Undefined where the kubelet cannot see the path. */
export async function readFileSystem(path: string): Promise<FileSystemFigures | undefined> {
  try {
    const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(path)
    return {
      capacityBytes: blocks * bsize,
      availableBytes: bavail * bsize,
      usedBytes: (blocks - bfree) * bsize,
      inodes: files,
      inodesFree: ffree,
      inodesUsed: files - ffree,
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'EACCES') return undefined
    throw error
  }
}
