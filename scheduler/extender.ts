/** Somebody outside who has a say, over HTTP: which nodes will do, how good they are, who binds. */
import { Pod } from '#api/kinds/core/pod.ts'
import { Connection } from '#client/connection.ts'
import { anonymous, RenewedFile, type TlsMaterial } from '#client/credentials.ts'
import type { Clock } from '#daemon/clock.ts'
import type { Advice } from './decide.ts'
import type { NodeInfo } from './node-info.ts'
import { EXTENDER, type Refusal, SCORE_MAX } from './plugin.ts'
import type { PodInfo } from './pod-info.ts'

export interface ExtenderSettings {
  readonly urlPrefix: string
  readonly filterVerb?: string
  readonly prioritizeVerb?: string
  readonly bindVerb?: string
  /** By which its scores are multiplied. */
  readonly weight: number
  readonly timeoutMs: number
  /** It knows nodes by their names. */
  readonly isNodeCacheCapable: boolean
  /** It is asked only about pods that ask for one of these; about all if there are none. */
  readonly managedResources: ReadonlySet<string>
  /** Without it goes on as if it had nothing to say. */
  readonly isIgnorable: boolean
  readonly tls: ExtenderTls
}

export interface ExtenderTls {
  readonly fixed: TlsMaterial
  /** Paths, read again when the files change. */
  readonly files: { readonly ca?: string; readonly cert?: string; readonly key?: string }
}

/** The scores of extenders end at 10. */
const SCORE_FACTOR = SCORE_MAX / 10

export class Extender implements AsyncDisposable {
  readonly settings: ExtenderSettings
  readonly #connection: Connection
  readonly #clock: Clock

  constructor(settings: ExtenderSettings, clock: Clock) {
    this.settings = settings
    this.#clock = clock
    const { urlPrefix, tls } = settings
    const credentials = { ...anonymous, tls: tlsReader(tls) }
    this.#connection = new Connection({
      server: urlPrefix,
      userAgent: 'kube-scheduler',
      credentials,
      clock,
    })
  }

  isInterestedIn({ requests }: PodInfo): boolean {
    const { managedResources } = this.settings
    if (managedResources.size === 0) return true
    return [...requests.others].some(([name, amount]) => amount > 0 && managedResources.has(name))
  }

  /** What it says of nodes that all others would take. */
  async advise(pod: PodInfo, nodes: readonly NodeInfo[], signal: AbortSignal): Promise<Advice> {
    const { filterVerb, prioritizeVerb } = this.settings
    const filtered = filterVerb ? await this.#filter(filterVerb, pod, nodes, signal) : undefined
    const allowed = filtered?.allowed ?? new Set(nodes.map(({ name }) => name))
    const left = nodes.filter(({ name }) => allowed.has(name))
    const scores =
      prioritizeVerb && left.length > 0
        ? await this.#prioritize(prioritizeVerb, pod, left, signal)
        : new Map<string, number>()
    return { allowed, refusals: filtered?.refusals ?? new Map(), scores }
  }

  async bind(verb: string, { pod, uid }: PodInfo, node: string): Promise<void> {
    const { name: podName, namespace: podNamespace } = pod.metadata
    const never = new AbortController().signal
    const result = await this.#ask(verb, { podName, podNamespace, podUID: uid, node }, never)
    const { error } = result as { readonly error?: string }
    if (error) throw new Error(error)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]()
  }

  async #filter(
    verb: string,
    pod: PodInfo,
    nodes: readonly NodeInfo[],
    signal: AbortSignal,
  ): Promise<Pick<Advice, 'allowed' | 'refusals'>> {
    const result = (await this.#ask(verb, this.#question(pod, nodes), signal)) as FilterResult
    if (result.error) throw new Error(result.error)
    const names = this.settings.isNodeCacheCapable
      ? result.nodenames
      : result.nodes?.items?.map(({ metadata }) => metadata.name)
    const allowed = new Set(names ?? [])
    const final = result.failedAndUnresolvableNodes ?? {}
    const failed = { ...result.failedNodes, ...final }
    const refusals = new Map<string, Refusal>()
    for (const { name } of nodes) {
      if (allowed.has(name)) continue
      const reason = failed[name] || 'node(s) were filtered out by the extender'
      const isUnresolvable = Object.hasOwn(final, name)
      refusals.set(name, { plugin: EXTENDER, reasons: [reason], isUnresolvable })
    }
    return { allowed, refusals }
  }

  async #prioritize(
    verb: string,
    pod: PodInfo,
    nodes: readonly NodeInfo[],
    signal: AbortSignal,
  ): Promise<Advice['scores']> {
    const result = await this.#ask(verb, this.#question(pod, nodes), signal)
    const scored = result as readonly { readonly host: string; readonly score: number }[]
    const { weight } = this.settings
    return new Map(scored.map(({ host, score }) => [host, score * weight * SCORE_FACTOR]))
  }

  #question({ pod }: PodInfo, nodes: readonly NodeInfo[]): object {
    const identified = { ...pod, kind: Pod.kind, apiVersion: Pod.apiVersion }
    if (this.settings.isNodeCacheCapable) {
      return { pod: identified, nodenames: nodes.map(({ name }) => name) }
    }
    const items = nodes.map(({ node }) => node)
    return { pod: identified, nodes: { kind: 'NodeList', apiVersion: 'v1', metadata: {}, items } }
  }

  async #ask(verb: string, body: object, stopping: AbortSignal): Promise<unknown> {
    const { timeoutMs, urlPrefix } = this.settings
    const over = new AbortController()
    const late = new Error(`extender ${urlPrefix}: no answer to ${verb} within ${timeoutMs} ms`)
    using _timer = this.#clock.setTimeout(() => over.abort(late), timeoutMs)
    const answer = await this.#connection.call({
      method: 'POST',
      path: `/${verb}`,
      accept: 'application/json',
      contentType: 'application/json',
      body: JSON.stringify(body),
      signal: AbortSignal.any([stopping, over.signal]),
    })
    if (answer.code === 200) return JSON.parse(answer.body.toString())
    throw new Error(`extender ${urlPrefix}: ${verb} answered ${answer.code}, wanted 200`)
  }
}

/** The same material as long as the files are the same. */
function tlsReader({ fixed, files }: ExtenderTls): () => Promise<TlsMaterial> {
  const renewed = Object.entries(files).map(([name, path]) => ({
    name,
    file: new RenewedFile(path),
  }))
  let contents: readonly Buffer[] = []
  let material: TlsMaterial = fixed
  return async () => {
    const read = await Promise.all(renewed.map(({ file }) => file.read()))
    if (read.every((content, at) => content === contents[at])) return material
    contents = read
    const named = renewed.map(({ name }, at) => [name, read[at]])
    material = { ...fixed, ...Object.fromEntries(named) }
    return material
  }
}

interface FilterResult {
  readonly nodes?: { readonly items?: readonly { readonly metadata: { readonly name: string } }[] }
  readonly nodenames?: readonly string[]
  readonly failedNodes?: Readonly<Record<string, string>>
  readonly failedAndUnresolvableNodes?: Readonly<Record<string, string>>
  readonly error?: string
}

/** One after the other: each hears only of nodes that those before it have left. */
export async function adviceOf(
  extenders: readonly Extender[],
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  signal: AbortSignal,
): Promise<Advice> {
  let left = nodes
  const refusals = new Map<string, Refusal>()
  const scores = new Map<string, number>()
  for (const extender of extenders) {
    if (left.length === 0) break
    try {
      const advice = await extender.advise(pod, left, signal)
      for (const [name, refusal] of advice.refusals) refusals.set(name, refusal)
      for (const [name, score] of advice.scores) scores.set(name, (scores.get(name) ?? 0) + score)
      left = left.filter(({ name }) => advice.allowed.has(name))
    } catch (error) {
      if (!extender.settings.isIgnorable || signal.aborted) throw error
    }
  }
  return { allowed: new Set(left.map(({ name }) => name)), refusals, scores }
}
