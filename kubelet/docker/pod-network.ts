/** Gives sandboxes their network: a pair of interfaces, one end in the pod, one at its node. */
import { isIPv6 } from 'node:net'
import type { PodAddress } from './labels.ts'
import { runProgram } from './processes.ts'

/** One value that fits every link between nodes, tunnels too. */
const MTU_BYTES = 1450
/** Names of interfaces have at most 15 characters. */
const ID_CHARACTERS = 12
const INTERFACE_PREFIX = 'nk'

/** The node's end; told from a sandbox's id, so that a kubelet that starts anew finds it. */
export function interfaceName(sandboxId: string): string {
  return `${INTERFACE_PREFIX}${sandboxId.slice(0, ID_CHARACTERS)}`
}

export interface Plumbing {
  readonly interface: string
  readonly processId: number
  readonly addresses: readonly PodAddress[]
}

/**
 * Pure: lines for `ip -batch`, first for the node's namespace, then for the pod's. Every pod's
 * link carries the same address of the node, so that the node answers for it everywhere.
 */
export function plumbingLines(plumbing: Plumbing): { node: string; pod: string } {
  const { interface: name, processId, addresses } = plumbing
  const width = (ip: string): number => (isIPv6(ip) ? 128 : 32)
  // Nobody else can have the address of a link with two ends: there is nothing to ask first.
  const whole = (ip: string): string => `${ip}/${width(ip)}`
  const once = (ip: string): string => (isIPv6(ip) ? ' nodad' : '')
  const node = [
    `link add ${name} mtu ${MTU_BYTES} type veth peer name eth0 mtu ${MTU_BYTES} netns ${processId}`,
    ...addresses.map(({ gateway }) => `addr add ${whole(gateway)} dev ${name}${once(gateway)}`),
    `link set ${name} up`,
    ...addresses.map(
      ({ ip, gateway }) =>
        `route replace ${whole(ip)} dev ${name}${isIPv6(ip) ? '' : ` src ${gateway}`}`,
    ),
  ]
  const pod = [
    'link set lo up',
    ...addresses.map(({ ip }) => `addr add ${whole(ip)} dev eth0${once(ip)}`),
    'link set eth0 up',
    ...addresses.flatMap(({ gateway }) => [
      `route add ${whole(gateway)} dev eth0${isIPv6(gateway) ? '' : ' scope link'}`,
      `route add default via ${gateway} dev eth0`,
    ]),
  ]
  return { node: `${node.join('\n')}\n`, pod: `${pod.join('\n')}\n` }
}

export class PodNetwork {
  /** File of the node's namespace; undefined when the kubelet itself is in it. */
  readonly #nodeNamespace: string | undefined

  constructor(nodeNamespace: string | undefined) {
    this.#nodeNamespace = nodeNamespace
  }

  /** Whatever a broken attempt has left is replaced. */
  async attach(plumbing: Plumbing): Promise<void> {
    const { node, pod } = plumbingLines(plumbing)
    try {
      await this.#inNode(node)
    } catch (error) {
      if (!/File exists/.test(String(error))) throw error
      await this.detach(plumbing.interface)
      await this.#removePodEnd(plumbing.processId)
      await this.#inNode(node)
    }
    await runInNamespace(`/proc/${plumbing.processId}/ns/net`, pod)
  }

  /** Whether the last line of its plumbing has been carried out in the pod. */
  async isComplete({ processId, addresses }: Plumbing): Promise<boolean> {
    const last = addresses.at(-1)
    if (!last) return true
    const family = isIPv6(last.ip) ? '-6' : '-4'
    const inside = [`--net=/proc/${processId}/ns/net`, 'ip', family, 'route', 'show', 'default']
    return (await runProgram('nsenter', inside)).includes(last.gateway)
  }

  /** Takes its end in the pod along. One that is not there is no error. */
  async detach(name: string): Promise<void> {
    try {
      await this.#inNode(`link del ${name}\n`)
    } catch (error) {
      if (!/Cannot find device/.test(String(error))) throw error
    }
  }

  /** Names of the interfaces at the node that may be ours. */
  async interfaces(): Promise<ReadonlySet<string>> {
    const output = await this.#nodeProgram('ip', ['-brief', 'link', 'show', 'type', 'veth'])
    const names = output.split('\n').map((line) => /^[^@\s]+/.exec(line)?.[0] ?? '')
    return new Set(names.filter((name) => name.startsWith(INTERFACE_PREFIX)))
  }

  /** What the interfaces of the node have counted, as /proc/net/dev tells it. */
  counters(): Promise<string> {
    return this.#nodeProgram('cat', ['/proc/self/net/dev'])
  }

  /** A node that was restarted has lost its end while the pod's may linger. */
  async #removePodEnd(processId: number): Promise<void> {
    try {
      await runInNamespace(`/proc/${processId}/ns/net`, 'link del eth0\n')
    } catch (error) {
      if (!/Cannot find device/.test(String(error))) throw error
    }
  }

  async #inNode(lines: string): Promise<void> {
    if (this.#nodeNamespace === undefined) await runProgram('ip', ['-batch', '-'], lines)
    else await runInNamespace(this.#nodeNamespace, lines)
  }

  #nodeProgram(program: string, programArguments: readonly string[]): Promise<string> {
    if (this.#nodeNamespace === undefined) return runProgram(program, programArguments)
    const inside = [`--net=${this.#nodeNamespace}`, program, ...programArguments]
    return runProgram('nsenter', inside)
  }
}

async function runInNamespace(namespace: string, lines: string): Promise<void> {
  await runProgram('nsenter', [`--net=${namespace}`, 'ip', '-batch', '-'], lines)
}
