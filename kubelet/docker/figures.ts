/** What pods use: processors and memory from cgroups, network from the node's interfaces. */
import type { Clock } from '#daemon/clock.ts'
import { settleAll } from '#daemon/settle-all.ts'
import type { ContainerSummary } from '#engine/types.ts'
import type { ContainerFigures, NetworkFigures, PodFigures } from '../runtime.ts'
import type { CgroupFiles } from './cgroup-files.ts'
import { labelNames } from './labels.ts'
import { interfaceName, type PodNetwork } from './pod-network.ts'

export interface FiguresOptions {
  readonly clock: Clock
  readonly cgroups: CgroupFiles
  readonly network: PodNetwork
  /** Cgroup parent of a sandbox. */
  readonly parentOf: (sandboxId: string) => Promise<string | undefined>
}

/** Of what runs, as a list of the Engine with sizes says. */
export async function podFigures(
  running: readonly ContainerSummary[],
  layers: ReadonlyMap<string, number>,
  options: FiguresOptions,
): Promise<readonly PodFigures[]> {
  const counters = interfaceCounters(await options.network.counters())
  const uidOf = ({ Labels: labels }: ContainerSummary): string => labels[labelNames.podUid] ?? ''
  const sandboxes = running.filter(({ Labels: labels }) => labels[labelNames.type] === 'sandbox')
  return settleAll(
    sandboxes.map(async (sandbox): Promise<PodFigures> => {
      const uid = uidOf(sandbox)
      const parent = await options.parentOf(sandbox.Id)
      const members = running.filter(
        (each) => uidOf(each) === uid && each.Labels[labelNames.type] === 'container',
      )
      const figures = await settleAll(
        members.map(({ Id: id }) => containerFigures(id, parent, layers.get(id), options)),
      )
      const containers = figures.filter((each) => each !== undefined)
      const network = counters.get(interfaceName(sandbox.Id))
      return { uid, containers, ...(network && { network }) }
    }),
  )
}

async function containerFigures(
  id: string,
  parent: string | undefined,
  writableLayerBytes: number | undefined,
  { cgroups, clock }: FiguresOptions,
): Promise<ContainerFigures | undefined> {
  const usage = await cgroups.usage(id, parent)
  return usage && { id, atMs: clock.now(), ...usage, writableLayerBytes }
}

/** Columns of /proc/net/dev behind the name. */
const RECEIVED = { bytes: 0, errors: 2 }
const SENT = { bytes: 8, errors: 10 }

/** Pure: by the name of the node's end. What the node sends there, the pod receives. */
export function interfaceCounters(text: string): ReadonlyMap<string, NetworkFigures> {
  const counters = new Map<string, NetworkFigures>()
  for (const line of text.split('\n')) {
    const [, name, rest] = /^\s*([^:\s]+):\s*(.*)$/.exec(line) ?? []
    if (name === undefined || rest === undefined) continue
    const numbers = rest.split(/\s+/).map(Number)
    const at = (column: number): number => numbers[column] ?? 0
    counters.set(name, {
      interface: 'eth0',
      receivedBytes: at(SENT.bytes),
      receiveErrors: at(SENT.errors),
      sentBytes: at(RECEIVED.bytes),
      sendErrors: at(RECEIVED.errors),
    })
  }
  return counters
}
