/** Looks at the machine: programs, kernel, Engine, disk, memory, ports, networks. */
import { execFile } from 'node:child_process'
import { access, constants, readFile, statfs } from 'node:fs/promises'
import { freemem, networkInterfaces } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Host } from '#daemon/host.ts'
import { Engine } from '#engine/engine.ts'
import { freePort } from '../ports.ts'
import type { MachineFacts } from './verdicts.ts'

const run = promisify(execFile)
const PROGRAMS = ['nft', 'ip', 'conntrack', 'nsenter', 'mount', 'kubectl']
/** Where system programs lie, also when the PATH of a user leaves it out. */
const SYSTEM_PATHS = ['/usr/sbin', '/sbin']

export async function examine(
  address: string,
  directory: string,
  { environment }: Host,
): Promise<MachineFacts> {
  const places = [...(environment.PATH ?? '').split(delimiter), ...SYSTEM_PATHS]
  const programs = new Map(
    await Promise.all(PROGRAMS.map(async (name) => [name, await whereIs(name, places)] as const)),
  )
  await using engine = new Engine(address)
  const own = Object.entries(networkInterfaces()).flatMap(([name, all]) =>
    (all ?? []).flatMap(({ cidr }) => (cidr ? [{ name, range: cidr }] : [])),
  )
  return {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    engine: await engineFacts(engine),
    programs,
    nftProblem: await problemOf(programs.get('nft'), ['list', 'tables']),
    fileSystems: await fileSystems(),
    disk: await diskFacts(directory),
    freeMemoryBytes: freemem(),
    freePort: await freePort([]).catch(() => undefined),
    networks: [...own, ...(await engineNetworks(engine))],
  }
}

async function whereIs(name: string, places: readonly string[]): Promise<string | undefined> {
  for (const place of places) {
    const path = join(place, name)
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return path
  }
  return undefined
}

async function engineFacts(engine: Engine): Promise<MachineFacts['engine']> {
  try {
    await engine.ping()
    const info = await engine.info()
    const { ServerVersion: version, CgroupVersion: cgroups = '1' } = info
    const limits = { memory: info.MemoryLimit, 'CPU quota': info.CpuCfsQuota, pids: info.PidsLimit }
    const lacks = Object.entries(limits).flatMap(([name, isThere]) =>
      isThere === false ? [`limit of ${name}`] : [],
    )
    return { version, cgroups, lacks }
  } catch (error) {
    return { problem: (error as Error).message }
  }
}

async function engineNetworks(engine: Engine): Promise<MachineFacts['networks']> {
  const networks = await engine.listNetworks().catch(() => [])
  return networks.flatMap(({ Name: name, IPAM }) =>
    (IPAM.Config ?? []).flatMap(({ Subnet: range }) =>
      range ? [{ name: `Docker network ${name}`, range }] : [],
    ),
  )
}

async function problemOf(
  program: string | undefined,
  words: readonly string[],
): Promise<string | undefined> {
  if (!program) return 'cannot be asked without the program'
  try {
    await run(program, words)
    return undefined
  } catch (error) {
    return (error as Error).message.trim().split('\n').at(-1)
  }
}

async function fileSystems(): Promise<readonly string[]> {
  const table = await readFile('/proc/filesystems', 'utf8').catch(() => '')
  return table.split('\n').map((line) => line.replace(/^nodev/, '').trim())
}

/** Of the nearest directory that is there. */
async function diskFacts(path: string): Promise<MachineFacts['disk']> {
  try {
    const { bsize, bavail, blocks } = await statfs(path)
    return { path, freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return diskFacts(dirname(path))
  }
}
