/** What a new cluster becomes: a port and a network that nobody else has. */
import { networkInterfaces } from 'node:os'
import { Engine } from '#engine/engine.ts'
import {
  type ClusterDescription,
  clustersBeside,
  describeCluster,
  writeCluster,
} from './cluster.ts'
import type { ClusterFiles } from './cluster-files.ts'
import { type CommandContext, CommandError } from './command.ts'
import { freePort } from './ports.ts'

interface Wanted {
  readonly name: string
  readonly nodeNames: readonly string[]
  readonly hollow: number
  readonly apiPort: number | undefined
  readonly engine: string
}

const SUBNETS = 256

export async function newCluster(
  { name, nodeNames, hollow, apiPort, engine }: Wanted,
  files: ClusterFiles,
  { random }: CommandContext,
): Promise<ClusterDescription> {
  // Those that are stopped use nothing now, and want their own back later.
  const others = await clustersBeside(files)
  const wishes = {
    name,
    nodeNames,
    hollowNodes: hollow,
    apiPort: apiPort ?? (await freePort(others.map((each) => each.apiPort))),
    subnetNumber:
      nodeNames.length > 0
        ? await freeSubnet(
            engine,
            others.map(({ network }) => network.subnet),
          )
        : 0,
  }
  const cluster = describeCluster(wishes, random.uuid())
  await writeCluster(files.cluster, cluster)
  return cluster
}

/** One that neither the Engine nor the machine itself uses. */
async function freeSubnet(address: string, reserved: readonly string[]): Promise<number> {
  await using engine = new Engine(address)
  const networks = await engine.listNetworks()
  const ofEngine = networks.flatMap(({ IPAM }) =>
    (IPAM.Config ?? []).map(({ Subnet = '' }) => Subnet),
  )
  const ofMachine = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).map((each) => each.address),
  )
  const taken = new Set([...ofEngine, ...ofMachine, ...reserved].flatMap(subnetNumbers))
  for (let number = 0; number < SUBNETS; number++) if (!taken.has(number)) return number
  throw new CommandError('network: every subnet of 172.31.0.0/16 is taken')
}

/** Of an address or a subnet in 172.31.0.0/16; a wider one takes all that it covers. */
function subnetNumbers(text: string): readonly number[] {
  const match = /^172\.31\.(\d+)\.\d+(?:\/(\d+))?$/.exec(text)
  if (!match) return []
  const first = Number(match[1])
  const bits = Number(match[2] ?? 32)
  const count = bits >= 24 ? 1 : 2 ** (24 - bits)
  return Array.from({ length: count }, (_, index) => first + index)
}
