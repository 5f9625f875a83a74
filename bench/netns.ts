/** Nodes and pods as network namespaces of this machine: a cluster without containers. */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Answer, Order } from './netns-agent.ts'

const AGENT = fileURLToPath(new URL('./netns-agent.ts', import.meta.url))
const PROGRAMS = ['ip', 'nft', 'conntrack', 'bridge']

export type Request = Omit<Order, 'id'>

/** A namespace with a process inside that does what it is told. */
class Namespace implements AsyncDisposable {
  readonly name: string
  readonly #child: ChildProcessWithoutNullStreams
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #lastId = 0

  constructor(name: string) {
    this.name = name
    ip(`netns add ${name}`)
    ip(`-n ${name} link set lo up`)
    this.#child = spawn('ip', ['netns', 'exec', name, process.execPath, AGENT])
    this.#child.stderr.pipe(process.stderr)
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const answer = JSON.parse(line) as Answer
      this.#waiting.get(answer.id)?.(answer)
      this.#waiting.delete(answer.id)
    })
  }

  do(request: Request): Promise<Answer> {
    const id = ++this.#lastId
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#child.stdin.write(`${JSON.stringify({ id, ...request })}\n`)
    })
  }

  /** Who answers, and which address it saw; or the code of the error. */
  async ask(host: string, port: number, more: Partial<Request> = {}): Promise<string> {
    const { text, error } = await this.do({ action: 'ask', host, port, ...more })
    return text ?? error ?? ''
  }

  /** How often each answer came, and how long one took. */
  async flood(host: string, port: number, count: number, more: Partial<Request> = {}) {
    const { text, error } = await this.do({ action: 'flood', host, port, count, ...more })
    if (text === undefined) throw new Error(`flood ${host}:${port}: ${error}`)
    return JSON.parse(text) as { seen: Record<string, number>; medianMs: number }
  }

  /** Answers every TCP and UDP client at a port with its own name and the client's address. */
  async serve(port: number, name: string): Promise<void> {
    for (const protocol of ['tcp', 'udp'] as const) {
      const { error } = await this.do({ action: 'serve', protocol, port, name })
      if (error) throw new Error(`serve ${protocol} ${port} in ${this.name}: ${error}`)
    }
  }

  exec(program: string, ...given: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.name, program, ...given], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exit = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.stdin.end()
    await exit
    ip(`netns del ${this.name}`)
  }
}

const ip = (line: string): void => {
  execFileSync('ip', line.split(' '), { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Traffic tests mean nothing where there is no traffic: they fail, and say what is missing. */
function requireNetwork(): void {
  if (process.getuid?.() !== 0) throw new Error('network namespaces: found no root, wanted root')
  for (const program of PROGRAMS) {
    try {
      execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    } catch {
      throw new Error(`network namespaces: found no program "${program}", wanted it installed`)
    }
  }
}

export interface NodeSpace {
  readonly space: Namespace
  readonly address: string
  readonly podCidr: string
  /** Pods by name. */
  readonly pods: Map<string, PodSpace>
}

export interface PodSpace {
  readonly space: Namespace
  readonly address: string
}

const LAN_ADDRESS = '172.28.0.1'
const lanAddress = (index: number): string => `172.28.0.${10 + index}`

const nodeSpace = (space: Namespace, index: number, address: string): NodeSpace => ({
  space,
  address,
  podCidr: `10.244.${index}.0/24`,
  pods: new Map(),
})

/** Nodes on one link, with somebody outside who is on it too. */
export class Lan implements AsyncDisposable {
  readonly outside: Namespace
  readonly outsideAddress = LAN_ADDRESS
  readonly #prefix = `nk${process.pid}`
  readonly #stack = new AsyncDisposableStack()

  constructor() {
    requireNetwork()
    this.outside = this.#stack.use(new Namespace(`${this.#prefix}-lan`))
    const { name } = this.outside
    ip(`-n ${name} link add br0 type bridge`)
    ip(`-n ${name} addr add ${LAN_ADDRESS}/24 dev br0`)
    ip(`-n ${name} link set br0 up`)
  }

  /** A node at 172.28.0.(10 + index) with the pods 10.244.(index).0/24, as the kubelet makes it. */
  addNode(index: number): NodeSpace {
    const space = this.#stack.use(new Namespace(`${this.#prefix}-n${index}`))
    const lan = this.outside.name
    ip(`-n ${lan} link add v${index} type veth peer name eth0 netns ${space.name}`)
    ip(`-n ${lan} link set v${index} master br0 up`)
    ip(`-n ${space.name} addr add ${lanAddress(index)}/24 dev eth0`)
    ip(`-n ${space.name} link set eth0 up`)
    ip(`-n ${space.name} route add default via ${LAN_ADDRESS}`)
    return nodeSpace(space, index, lanAddress(index))
  }

  /** A node on a link of its own: whoever is outside routes packets between it and the others. */
  addFarNode(index: number): NodeSpace {
    const space = this.#stack.use(new Namespace(`${this.#prefix}-n${index}`))
    const lan = this.outside.name
    const [gateway, address] = [`192.168.${index}.1`, `192.168.${index}.2`]
    this.outside.exec('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward')
    ip(`-n ${lan} link add v${index} type veth peer name eth0 netns ${space.name}`)
    ip(`-n ${lan} addr add ${gateway}/24 dev v${index}`)
    ip(`-n ${lan} link set v${index} up`)
    ip(`-n ${space.name} addr add ${address}/24 dev eth0`)
    ip(`-n ${space.name} link set eth0 up`)
    ip(`-n ${space.name} route add default via ${gateway}`)
    return nodeSpace(space, index, address)
  }

  /** A link between a node and this machine; the address of the machine on it. */
  joinHost(node: NodeSpace): string {
    const name = `nkhost${process.pid}`
    ip(`link add ${name} type veth peer name host0 netns ${node.space.name}`)
    // A namespace lives as long as any process in it: the link does not wait for that.
    this.#stack.defer(() => ip(`link del ${name}`))
    ip(`addr add 172.29.77.1/30 dev ${name}`)
    ip(`link set ${name} up`)
    ip(`-n ${node.space.name} addr add 172.29.77.2/30 dev host0`)
    ip(`-n ${node.space.name} link set host0 up`)
    return '172.29.77.1'
  }

  /** A pod on its own point-to-point link, that serves its name on port 8080. */
  async addPod(node: NodeSpace, name: string, last: number): Promise<PodSpace> {
    const space = this.#stack.use(new Namespace(`${this.#prefix}-${name}`))
    const gateway = node.podCidr.replace('0/24', '1')
    const address = node.podCidr.replace('0/24', String(last))
    const [pod, host] = [space.name, node.space.name]
    ip(`-n ${host} link add v${name} mtu 1450 type veth peer name eth0 mtu 1450 netns ${pod}`)
    ip(`-n ${host} addr add ${gateway}/32 dev v${name}`)
    ip(`-n ${host} link set v${name} up`)
    ip(`-n ${host} route add ${address}/32 dev v${name} src ${gateway}`)
    ip(`-n ${pod} addr add ${address}/32 dev eth0`)
    ip(`-n ${pod} link set eth0 up`)
    ip(`-n ${pod} route add ${gateway} dev eth0 scope link`)
    ip(`-n ${pod} route add default via ${gateway} dev eth0`)
    await space.serve(8080, name)
    const made = { space, address }
    node.pods.set(name, made)
    return made
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]()
  }
}

/** Empty namespaces for commands alone. */
export class Namespaces implements AsyncDisposable {
  readonly #names: string[] = []

  constructor() {
    requireNetwork()
  }

  /** Makes one; what each command line in it begins with. */
  prefix(name: string): readonly string[] {
    const full = `nk${process.pid}-${name}`
    ip(`netns add ${full}`)
    this.#names.push(full)
    return ['ip', 'netns', 'exec', full]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#names) ip(`netns del ${name}`)
  }
}
