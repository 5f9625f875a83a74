/** Gives each node addresses for its pods: a block of each range of the cluster. */
import { type Cidr, parseCidr } from '#api/ip.ts'
import { Node } from '#api/kinds/core/node.ts'
import { isReason } from '#api/status.ts'
import type { CacheReader, Index } from '#client/cache.ts'
import {
  type Controller,
  defineController,
  type ReconcileContext,
  type Watched,
} from '#client/controller.ts'
import type { Change } from '#client/informer.ts'
import { recordNodeStatus } from './node-facts.ts'
import { type BlockRange, freeBlock, overlap } from './node-ipam-ranges.ts'

export interface NodeIpamSettings {
  readonly ranges: readonly BlockRange[]
  /** Addresses of Services, which no pod may have. */
  readonly serviceCidrs: readonly Cidr[]
}

/** As upstream. Drawing a block waits for nothing, so that no two nodes draw the same. */
const WORKERS = 30

const NONE = 'none'
/** Blocks of another size than those that are given now, as after a change of flags. */
const OTHER = 'other'

const freed: Watched = {
  kind: Node,
  *references({ type }: Change<Node>, { cached }) {
    if (type !== 'removed') return
    for (const node of cached(Node).by(withoutBlocks, NONE)) yield node.metadata
  },
}

const withoutBlocks: Index<Node> = {
  name: 'without blocks',
  values: ({ spec }) => (spec.podCIDRs?.length ? [] : [NONE]),
}

export const nodeIpamController = (settings: NodeIpamSettings): Controller => {
  const blocks = new Blocks(settings)
  return defineController<Node>({
    name: 'cidrAllocator',
    for: Node,
    watches: [freed],
    workers: WORKERS,
    async removed({ name }) {
      blocks.forget(name)
    },
    async reconcile(node, context) {
      const { name } = node.metadata
      if (node.spec.podCIDRs?.length) return blocks.forget(name)
      const drawn = blocks.drawn(name, context.cached(Node))
      if (drawn) return assign(node, drawn, blocks, context)
      // Whoever goes gives back a block, and brings this node here again.
      context.log.warn('no block of addresses is left for the node')
      recordNodeStatus(context.events, node, 'CIDRNotAvailable')
    },
  })
}

async function assign(
  node: Node,
  drawn: readonly string[],
  blocks: Blocks,
  { client, events, log }: ReconcileContext,
): Promise<void> {
  const { name, uid } = node.metadata
  try {
    const spec = { podCIDR: drawn[0], podCIDRs: drawn }
    await client.patch(Node, node, { metadata: { uid }, spec }, { type: 'strategic' })
    log.info('node has addresses for its pods', { podCIDRs: drawn })
  } catch (error) {
    // The name may belong to another node by now: what was drawn is free again.
    if (isReason(error, 'NotFound')) return blocks.forget(name)
    // Somebody else has given it some, which the cache is about to show.
    if (isReason(error, 'Invalid', 'Conflict')) blocks.forget(name)
    else recordNodeStatus(events, node, 'CIDRAssignmentFailed')
    throw error
  }
}

/** Which blocks are in use follows from the nodes; only what they do not show yet is kept here. */
class Blocks {
  readonly #settings: NodeIpamSettings
  readonly #assumed = new Map<string, readonly string[]>()
  /** Where the next search begins: a block that is given back rests for as long as it can. */
  readonly #next: number[]
  readonly #index: Index<Node>

  constructor(settings: NodeIpamSettings) {
    this.#settings = settings
    this.#next = settings.ranges.map(() => 0)
    const lengths = settings.ranges.map(({ blockLength }) => `/${blockLength}`)
    this.#index = {
      name: 'blocks',
      values: ({ spec }) =>
        (spec.podCIDRs ?? []).flatMap((text) =>
          lengths.some((length) => text.endsWith(length)) ? [text] : [text, OTHER],
        ),
    }
  }

  /** One of each range; the same as before while the node is not seen to have it. */
  drawn(name: string, nodes: CacheReader<Node>): readonly string[] | undefined {
    const known = this.#assumed.get(name)
    if (known?.every((text) => nodes.by(this.#index, text).length === 0)) return known
    const others = nodes
      .by(this.#index, OTHER)
      .flatMap(({ spec }) => (spec.podCIDRs ?? []).flatMap((text) => parseCidr(text) ?? []))
    const avoided = [...this.#settings.serviceCidrs, ...others]
    const assumed = new Set([...this.#assumed.values()].flat())
    const isUsed = (block: Cidr, text: string): boolean =>
      assumed.has(text) ||
      nodes.by(this.#index, text).length > 0 ||
      avoided.some((each) => overlap(each, block))
    const { ranges } = this.#settings
    const found = ranges.map((range, at) => freeBlock(range, this.#next[at]!, isUsed))
    const drawn = found.flatMap((each) => each?.text ?? [])
    if (drawn.length < ranges.length) return undefined
    for (const [at, each] of found.entries()) this.#next[at] = each!.index + 1
    this.#assumed.set(name, drawn)
    return drawn
  }

  forget(name: string): void {
    this.#assumed.delete(name)
  }
}
