/** Looks on while a cluster is at work, for what the end alone would not show. */
import { Pod } from '#api/kinds/core/pod.ts'
import type { Change } from '#client/informer.ts'
import { type Connected, connect } from '../connect.ts'
import type { World } from './world.ts'

export class Observer implements AsyncDisposable {
  readonly problems: string[] = []
  readonly #connected: Connected
  readonly #nodes = new Map<string, string>()
  readonly #phases = new Map<string, string>()

  constructor({ server, clock }: Pick<World, 'server' | 'clock'>) {
    this.#connected = connect(server.url, { clock })
    this.#connected.informers.get(Pod).onChange((change) => this.#seen(change))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connected[Symbol.asyncDispose]()
  }

  #seen({ object: { metadata, spec, status } }: Change<Pod>): void {
    const { uid, namespace, name } = metadata
    const what = `Pod ${namespace}/${name}`
    const node = this.#nodes.get(uid) ?? spec.nodeName
    if (node) this.#nodes.set(uid, node)
    if (node !== spec.nodeName) this.problems.push(`${what}: on ${node}, then ${spec.nodeName}`)
    const phase = this.#phases.get(uid)
    const isOver = phase === 'Succeeded' || phase === 'Failed'
    if (isOver && status.phase !== phase) {
      this.problems.push(`${what}: ${phase}, then ${status.phase}`)
    }
    this.#phases.set(uid, status.phase ?? '')
  }
}
