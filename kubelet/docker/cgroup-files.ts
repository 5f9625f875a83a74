/** What the kernel has counted for a container, read from its cgroup, in both versions. */
import { readFile, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContainerFigures } from '../runtime.ts'
import { isMissing } from './node-network.ts'

export interface CgroupOptions {
  readonly version: 1 | 2
  /** `cgroupfs` or `systemd`. */
  readonly driver: string
  /** Where the kernel shows its cgroups. */
  readonly root: string
}

/** Where a container lies that has no parent of its own. */
const DEFAULT_PARENT = '/docker'
const DEFAULT_SLICE = 'system.slice'
/** Controllers of version 1, each with a tree of its own. */
const controllers = [
  'blkio',
  'cpu',
  'cpuacct',
  'cpu,cpuacct',
  'cpuset',
  'devices',
  'freezer',
  'hugetlb',
  'memory',
  'net_cls',
  'net_prio',
  'net_cls,net_prio',
  'perf_event',
  'pids',
  'rdma',
  'misc',
  'systemd',
] as const
const NS_PER_US = 1000

export type UsageFigures = Omit<ContainerFigures, 'id' | 'atMs' | 'writableLayerBytes'>

export class CgroupFiles {
  readonly #options: CgroupOptions

  constructor(options: CgroupOptions) {
    this.#options = options
  }

  /** Undefined when the container does not run, or its files are not to be seen. */
  async usage(id: string, parent: string | undefined): Promise<UsageFigures | undefined> {
    const path = containerPath(this.#options.driver, parent, id)
    const { root, version } = this.#options
    try {
      return version === 2 ? await readUnified(join(root, path)) : await readSplit(root, path)
    } catch (error) {
      // ENODEV: it is being removed just now.
      if (
        isMissing(error) ||
        (error instanceof Error && 'code' in error && error.code === 'ENODEV')
      )
        return undefined
      throw error
    }
  }

  /** The cgroup of a pod stays behind when its last container goes; systemd removes its own. */
  async removeParent(parent: string): Promise<void> {
    const { driver, root, version } = this.#options
    if (driver === 'systemd') return
    const roots = version === 2 ? [root] : controllers.map((name) => join(root, name))
    for (const each of [...roots, join(root, 'unified')]) {
      try {
        await rmdir(join(each, parent))
      } catch (error) {
        if (!isMissing(error) && !isKept(error)) throw error
      }
    }
  }
}

/** In use, or shown to us for reading only: an empty cgroup costs nothing but its name. */
function isKept(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return ['EBUSY', 'EROFS', 'EACCES', 'EPERM', 'ENOTEMPTY', 'ENOTDIR'].includes(code)
}

/** Pure: where the files of a container lie, below the root or the tree of a controller. */
export function containerPath(driver: string, parent: string | undefined, id: string): string {
  if (driver !== 'systemd') return join(parent ?? DEFAULT_PARENT, id)
  return join(slicePath(parent ?? DEFAULT_SLICE), `docker-${id}.scope`)
}

/** Slices of systemd lie in each other: `a-b.slice` in `a.slice`. */
function slicePath(slice: string): string {
  const parts = slice.replace(/\.slice$/, '').split('-')
  return parts.map((_, index) => `${parts.slice(0, index + 1).join('-')}.slice`).join('/')
}

async function readSplit(root: string, path: string): Promise<UsageFigures> {
  const read = (controller: string, file: string): Promise<string> =>
    readFile(join(root, controller, path, file), 'utf8')
  const [cpu, memory, statistics, processes] = await Promise.all([
    read('cpuacct', 'cpuacct.usage'),
    read('memory', 'memory.usage_in_bytes'),
    read('memory', 'memory.stat'),
    read('pids', 'pids.current'),
  ])
  const of = fieldsOf(statistics)
  return {
    cpuNs: Number(cpu),
    processes: Number(processes),
    ...memoryFigures(Number(memory), of('total_inactive_file')),
    rssBytes: of('total_rss'),
    pageFaults: of('total_pgfault'),
    majorPageFaults: of('total_pgmajfault'),
  }
}

async function readUnified(path: string): Promise<UsageFigures> {
  const read = (file: string): Promise<string> => readFile(join(path, file), 'utf8')
  const [cpu, memory, statistics, processes] = await Promise.all([
    read('cpu.stat'),
    read('memory.current'),
    read('memory.stat'),
    read('pids.current'),
  ])
  const of = fieldsOf(statistics)
  return {
    cpuNs: fieldsOf(cpu)('usage_usec') * NS_PER_US,
    processes: Number(processes),
    ...memoryFigures(Number(memory), of('inactive_file')),
    rssBytes: of('anon'),
    pageFaults: of('pgfault'),
    majorPageFaults: of('pgmajfault'),
  }
}

/** Pages of files that nobody has used lately can be had back at once. */
function memoryFigures(memoryBytes: number, inactiveBytes: number) {
  return { memoryBytes, workingSetBytes: Math.max(memoryBytes - inactiveBytes, 0) }
}

/** Lines of a name and a number. */
function fieldsOf(text: string): (name: string) => number {
  const fields = new Map(
    text.split('\n').map((line) => {
      const [name = '', value = '0'] = line.split(' ')
      return [name, Number(value)]
    }),
  )
  return (name) => fields.get(name) ?? 0
}
