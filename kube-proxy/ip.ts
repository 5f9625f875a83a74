/** Routes and the tunnel of this node, by the programs ip and bridge. */
import type { IpFamily } from '#api/ip.ts'
import type { Commands } from './commands.ts'
import type { HeldAddress } from './held-addresses.ts'
import type { LinkAddress, Route, RoutePlan, Tunnel } from './routes.ts'

/** Tells our routes from those of others: a number that no routing program has. */
const PROTOCOL = '120'
const DEVICE = 'nanokube-vxlan'
const VXLAN_ID = 1
const VXLAN_PORT = 8472
/** 50 bytes of wrapping below the usual 1500. */
const MTU = 1450

interface ShownLink {
  readonly ifname: string
  readonly flags: readonly string[]
  readonly addr_info: readonly {
    readonly local: string
    readonly prefixlen: number
    readonly label?: string
  }[]
}

interface ShownRoute {
  readonly dst: string
  readonly type?: string
}

/** Ends the labels of addresses that we hold: they are nobody else's to take off. */
const HELD_LABEL = ':lb'
const LABEL_LENGTH_MAX = 15

const familyFlag = (family: IpFamily): string => (family === 'IPv4' ? '-4' : '-6')

export async function linkAddresses(
  commands: Commands,
  family: IpFamily,
): Promise<readonly LinkAddress[]> {
  const given = ['-j', familyFlag(family), 'addr', 'show', 'scope', 'global']
  const output = await commands.run({ program: 'ip', arguments: given })
  const links = JSON.parse(output || '[]') as readonly ShownLink[]
  return (
    links
      .filter(({ ifname }) => ifname !== undefined && ifname !== DEVICE)
      .flatMap(({ ifname, addr_info }) =>
        addr_info.map(({ local, prefixlen }) => ({
          device: ifname,
          address: local,
          prefixLength: prefixlen,
        })),
      )
      // The address that every pod's link has in common says nothing about who else is on it.
      .filter(({ prefixLength }) => prefixLength < (family === 'IPv4' ? 32 : 128))
  )
}

/** Addresses of balancers: those that are wanted here, and none that were wanted before. */
export async function applyHeldAddresses(
  commands: Commands,
  wanted: readonly HeldAddress[],
): Promise<void> {
  const output = await commands.run({ program: 'ip', arguments: ['-j', '-4', 'addr', 'show'] })
  const shown = (JSON.parse(output || '[]') as readonly ShownLink[]).flatMap(
    ({ ifname, addr_info }) =>
      addr_info
        .filter(({ label }) => label?.endsWith(HELD_LABEL))
        .map(({ local }) => ({ address: local, device: ifname })),
  )
  const keyOf = ({ address, device }: HeldAddress): string => `${address}/32 dev ${device}`
  const [before, after] = [new Set(shown.map(keyOf)), new Set(wanted.map(keyOf))]
  await batch(
    commands,
    'ip',
    [],
    [
      ...shown.filter((each) => !after.has(keyOf(each))).map((each) => `addr del ${keyOf(each)}`),
      ...wanted
        .filter((each) => !before.has(keyOf(each)))
        .map((each) => `addr add ${keyOf(each)} label ${heldLabel(each.device)}`),
    ],
  )
}

/** The kernel wants the name of the link before the colon, and takes no more than so much. */
const heldLabel = (device: string): string =>
  `${device.slice(0, LABEL_LENGTH_MAX - HELD_LABEL.length)}${HELD_LABEL}`

/** Brings routes and tunnel there; every step may be done twice. */
export async function applyRoutes(
  commands: Commands,
  family: IpFamily,
  plan: RoutePlan,
): Promise<void> {
  if (family === 'IPv4') await applyTunnel(commands, plan.tunnel)
  const wanted = new Map(plan.routes.map((route) => [route.destination, route]))
  const given = ['-j', familyFlag(family), 'route', 'show', 'proto', PROTOCOL]
  const output = await commands.run({ program: 'ip', arguments: given })
  const gone = (JSON.parse(output || '[]') as readonly ShownRoute[]).filter(
    ({ dst, type = 'unicast' }) => {
      const route = wanted.get(withLength(dst, family))
      return !route || (type === 'unicast') !== (route.via !== undefined)
    },
  )
  const lines = [
    ...gone.map(({ dst, type }) => `route del ${type ? `${type} ` : ''}${dst} proto ${PROTOCOL}`),
    ...plan.routes.map((route) => `route replace ${routeText(route, plan.tunnel)}`),
  ]
  await batch(commands, 'ip', [familyFlag(family)], lines)
}

/**
 * Tells what may have cost us routes: one that somebody deletes, and any change of a link or of an
 * address, as the kernel says nothing of the routes that go with a link.
 */
export function followRoutes(
  commands: Commands,
  changed: (what: RouteChange) => void,
  ended: (why: string) => void,
): Disposable {
  const onLine = (line: string): void => {
    const what = routeChange(line)
    if (what) changed(what)
  }
  const given = ['monitor', 'link', 'address', 'route']
  return commands.follow({ program: 'ip', arguments: given }, onLine, ended)
}

export interface RouteChange {
  readonly destination?: string
  readonly device?: string
}

/** Reads a line of `ip monitor`; undefined for what is neither. */
export function routeChange(line: string): RouteChange | undefined {
  const [, destination] = /^Deleted (?:unreachable )?(\S+) .*\bproto 120\b/.exec(line) ?? []
  if (destination !== undefined) return { destination }
  const [, device] = /^(?:Deleted )?\d+: ([^\s:@]+)/.exec(line) ?? []
  return device === undefined ? undefined : { device }
}

function routeText({ destination, via, isInTunnel }: Route, tunnel: Tunnel | undefined): string {
  if (via === undefined) return `unreachable ${destination} proto ${PROTOCOL}`
  const through = isInTunnel ? ` dev ${DEVICE} onlink src ${tunnel!.inside}` : ''
  return `${destination} via ${via}${through} proto ${PROTOCOL}`
}

const withLength = (destination: string, family: IpFamily): string =>
  destination.includes('/') ? destination : `${destination}/${family === 'IPv4' ? 32 : 128}`

async function applyTunnel(commands: Commands, tunnel: Tunnel | undefined): Promise<void> {
  const output = await commands.run({
    program: 'ip',
    arguments: ['-j', 'link', 'show', 'type', 'vxlan'],
  })
  const shown = JSON.parse(output || '[]') as readonly ShownLink[]
  const isThere = shown.some(({ ifname }) => ifname === DEVICE)
  if (!tunnel) {
    if (isThere) await batch(commands, 'ip', [], [`link del ${DEVICE}`])
    return
  }
  // Checksums of the wrapping do not survive a translation of addresses on the way.
  const add = `link add ${DEVICE} type vxlan id ${VXLAN_ID} dstport ${VXLAN_PORT} nolearning noudpcsum`
  await batch(
    commands,
    'ip',
    [],
    [
      ...(isThere ? [] : [add]),
      `link set ${DEVICE} address ${tunnel.hardware} mtu ${MTU} up`,
      `addr replace ${tunnel.inside}/32 dev ${DEVICE}`,
      ...tunnel.peers.map(
        ({ inside, hardware }) =>
          `neigh replace ${inside} lladdr ${hardware} dev ${DEVICE} nud permanent`,
      ),
    ],
  )
  await applyForwarding(commands, tunnel)
}

interface ShownForwarding {
  readonly mac: string
  readonly dst?: string
  /** Left out when it is the usual one. */
  readonly port?: number | string
}

/** Which host a hardware address of the tunnel is on. */
async function applyForwarding(commands: Commands, { peers }: Tunnel): Promise<void> {
  const output = await commands.run({
    program: 'bridge',
    arguments: ['-j', 'fdb', 'show', 'dev', DEVICE],
  })
  const wanted = new Map(peers.map((peer) => [peer.hardware, forwarding(peer.outside, peer.port)]))
  const shown = JSON.parse(output || '[]') as readonly ShownForwarding[]
  const gone = shown.flatMap(({ mac, dst, port }) => {
    if (dst === undefined) return []
    const present = forwarding(dst, port === undefined ? undefined : Number(port))
    return wanted.get(mac) === present ? [] : [`fdb del ${mac} dev ${DEVICE} ${present}`]
  })
  await batch(
    commands,
    'bridge',
    [],
    [
      ...gone,
      ...[...wanted].map(([mac, to]) => `fdb replace ${mac} dev ${DEVICE} ${to} self permanent`),
    ],
  )
}

const forwarding = (outside: string, port: number | undefined): string =>
  port === undefined || port === VXLAN_PORT ? `dst ${outside}` : `dst ${outside} port ${port}`

async function batch(
  commands: Commands,
  program: 'ip' | 'bridge',
  flags: readonly string[],
  lines: readonly string[],
): Promise<void> {
  if (lines.length === 0) return
  const input = `${lines.join('\n')}\n`
  await commands.run({ program, arguments: [...flags, '-batch', '-'], input })
}
