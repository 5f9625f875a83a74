/** What a new cluster becomes: a port and a network that nobody else has. */
import { networkInterfaces } from 'node:os'
import { Engine } from '#engine/engine.ts'
import {
  CLUSTER_NETWORK,
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
  readonly apiAddresses?: readonly string[]
  readonly engine: string
}

const SUBNETS = 256

export async function newCluster(
  { name, nodeNames, hollow, apiPort, apiAddresses = [], engine }: Wanted,
  files: ClusterFiles,
  { random }: CommandContext,
): Promise<ClusterDescription> {
  // Those that are stopped use nothing now, and want their own back later.
  const others = await clustersBeside(files)
  const wishes = {
    name,
    nodeNames,
    hollowNodes: hollow,
    apiAddresses,
    apiPort: apiPort ?? (await freePort(others.map((each) => each.apiPort))),
    subnetNumber:
      nodeNames.length > 0
        ? await freeSubnet(
            engine,
            CLUSTER_NETWORK,
            others.map(({ network }) => network.subnet),
          )
        : 0,
  }
  const cluster = describeCluster(wishes, random.uuid())
  await writeCluster(files.cluster, cluster)
  return cluster
}

/** One that neither the Engine nor the machine itself uses. */
export async function freeSubnet(
  address: string,
  network: string,
  reserved: readonly string[],
): Promise<number> {
  await using engine = new Engine(address)
  const networks = await engine.listNetworks()
  const ofEngine = networks.flatMap(({ IPAM }) =>
    (IPAM.Config ?? []).map(({ Subnet = '' }) => Subnet),
  )
  const ofMachine = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).map((each) => each.address),
  )
  const taken = new Set(
    [...ofEngine, ...ofMachine, ...reserved].flatMap((text) => subnetNumbers(network, text)),
  )
  for (let number = 0; number < SUBNETS; number++) if (!taken.has(number)) return number
  throw new CommandError(`network: every subnet of ${network}.0.0/16 is taken`)
}

/** Of an address or a subnet in such a network; a wider one takes all that it covers. */
function subnetNumbers(network: string, text: string): readonly number[] {
  const match = /^(\d+\.\d+)\.(\d+)\.\d+(?:\/(\d+))?$/.exec(text)
  if (match?.[1] !== network) return []
  const first = Number(match[2])
  const bits = Number(match[3] ?? 32)
  const count = bits >= 24 ? 1 : 2 ** (24 - bits)
  return Array.from({ length: count }, (_, index) => first + index)
}
