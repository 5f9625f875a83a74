/** What a machine lacks for running clusters, and what to do about it. Pure. */
import { cidrContains, parseCidr } from '#api/ip.ts'

/** How grave: nothing works without it, something does not, all is well. */
export type Grade = 'missing' | 'limited' | 'good'

export interface Verdict {
  readonly subject: string
  readonly grade: Grade
  readonly found: string
  readonly advice?: string
}

export interface MachineFacts {
  readonly platform: string
  readonly isRoot: boolean
  /** Answer of the Engine, or why there is none. */
  readonly engine:
    | { readonly version: string; readonly cgroups: string; readonly lacks: readonly string[] }
    | { readonly problem: string }
  /** By name: where it is. */
  readonly programs: ReadonlyMap<string, string | undefined>
  /** Why rules cannot be read or written; undefined where they can. */
  readonly nftProblem: string | undefined
  readonly fileSystems: readonly string[]
  readonly disk: { readonly path: string; readonly freeBytes: number; readonly totalBytes: number }
  readonly freeMemoryBytes: number
  /** The first one for an API server. */
  readonly freePort: number | undefined
  /** Addresses and networks of the machine and of its Engine, by what they belong to. */
  readonly networks: readonly { readonly name: string; readonly range: string }[]
}

const GIB = 2 ** 30
const DISK_SHARE_MIN = 0.1
const DISK_FREE_MIN_BYTES = 5 * GIB
const MEMORY_FREE_MIN_BYTES = GIB / 2

/** What kubelets and kube-proxies call, and the Debian packages that bring it. */
const needed: Readonly<Record<string, string>> = {
  nft: 'nftables',
  ip: 'iproute2',
  conntrack: 'conntrack',
  nsenter: 'util-linux',
  mount: 'mount',
}

/** Used by every cluster for pods and Services. */
const usedRanges = { pods: '10.244.0.0/16', Services: '10.96.0.0/16' }

export function verdictsOn(facts: MachineFacts): readonly Verdict[] {
  return [
    platform(facts),
    engine(facts),
    ...programs(facts),
    rules(facts),
    nfs(facts),
    disk(facts),
    memory(facts),
    port(facts),
    ...clashes(facts),
  ]
}

const good = (subject: string, found: string): Verdict => ({ subject, grade: 'good', found })

function platform({ platform: name, isRoot }: MachineFacts): Verdict {
  if (name !== 'linux') {
    const advice =
      'Run nodes in containers: docker compose up. Without nodes: nanokube up --nodes 0'
    return { subject: 'System', grade: 'missing', found: `${name}, wanted Linux`, advice }
  }
  if (isRoot) return good('System', 'Linux, as root')
  const advice = 'Run nanokube as root (sudo), or without nodes: nanokube up --nodes 0 --hollow 3'
  return { subject: 'System', grade: 'missing', found: 'Linux, but not root', advice }
}

function engine({ engine: told }: MachineFacts): Verdict {
  const subject = 'Docker Engine'
  if ('problem' in told) {
    const advice = 'Start it, or install it (Debian, Ubuntu: apt-get install docker.io)'
    return { subject, grade: 'missing', found: told.problem, advice }
  }
  const found = `${told.version}, cgroups ${told.cgroups}`
  if (told.lacks.length === 0) return good(subject, found)
  const advice = 'Limits of that kind in pods have no effect until the kernel offers them'
  return { subject, grade: 'limited', found: `${found}, no ${told.lacks.join(', no ')}`, advice }
}

function programs({ programs: found }: MachineFacts): Verdict[] {
  const wanted = Object.entries(needed).map(([name, debianPackage]): Verdict => {
    const path = found.get(name)
    if (path) return good(name, path)
    const advice = `Install it (Debian, Ubuntu: apt-get install ${debianPackage})`
    return { subject: name, grade: 'missing', found: 'not on the PATH', advice }
  })
  const kubectl = found.get('kubectl')
  const advice = 'Install it (Debian: apt-get install kubernetes-client), or use any other client'
  return [
    ...wanted,
    kubectl
      ? good('kubectl', kubectl)
      : { subject: 'kubectl', grade: 'limited', found: 'not on the PATH', advice },
  ]
}

function rules({ nftProblem }: MachineFacts): Verdict {
  const subject = 'nftables in the kernel'
  if (nftProblem === undefined) return good(subject, 'answers')
  const advice = 'Services need it: load it (modprobe nf_tables), or use a kernel that has it'
  return { subject, grade: 'missing', found: nftProblem, advice }
}

function nfs({ fileSystems }: MachineFacts): Verdict {
  const subject = 'NFS in the kernel'
  const present = fileSystems.filter((each) => each.startsWith('nfs'))
  if (present.length > 0) return good(subject, present.join(', '))
  const advice = 'Only volumes of type nfs need it: modprobe nfs, apt-get install nfs-common'
  return { subject, grade: 'limited', found: 'not there', advice }
}

function disk({ disk: { path, freeBytes, totalBytes } }: MachineFacts): Verdict {
  const subject = 'Disk'
  const share = totalBytes > 0 ? freeBytes / totalBytes : 0
  const found = `${gib(freeBytes)} of ${gib(totalBytes)} free for ${path}`
  if (share >= DISK_SHARE_MIN && freeBytes >= DISK_FREE_MIN_BYTES) return good(subject, found)
  // From there on a kubelet says that it is under pressure, and takes no pods.
  const grade = share < DISK_SHARE_MIN ? 'missing' : 'limited'
  const advice = 'Make room, such as with: docker system df; or give another place: --data-dir'
  return { subject, grade, found, advice }
}

function memory({ freeMemoryBytes }: MachineFacts): Verdict {
  const found = `${gib(freeMemoryBytes)} free`
  if (freeMemoryBytes >= MEMORY_FREE_MIN_BYTES) return good('Memory', found)
  const advice = 'A cluster of three nodes wants about 1 GiB: end something, or use fewer nodes'
  return { subject: 'Memory', grade: 'limited', found, advice }
}

function port({ freePort }: MachineFacts): Verdict {
  if (freePort !== undefined) return good('Port for an API server', String(freePort))
  const advice = 'Name a free one: nanokube up --api-port'
  return { subject: 'Port for an API server', grade: 'limited', found: 'none free', advice }
}

function clashes({ networks }: MachineFacts): Verdict[] {
  return Object.entries(usedRanges).map(([users, range]) => {
    const subject = `Addresses of ${users}`
    // The default route covers everything, and gives way to whatever is more exact.
    const others = networks.filter(
      (each) => !each.range.endsWith('/0') && overlap(each.range, range),
    )
    if (others.length === 0) return good(subject, `${range} is used by nobody else`)
    const names = others.map((each) => `${each.name} (${each.range})`).join(', ')
    const advice = `What lies there cannot be reached from ${users === 'pods' ? 'nodes and pods' : 'pods'}`
    return { subject, grade: 'limited', found: `${range} is also used by ${names}`, advice }
  })
}

function overlap(one: string, other: string): boolean {
  const [a, b] = [parseCidr(one), parseCidr(other)]
  if (!a || !b || a.ip.family !== b.ip.family) return false
  return cidrContains(a, b.ip) || cidrContains(b, a.ip)
}

const gib = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`
