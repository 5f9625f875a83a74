/** Hollow nodes answer as others do: about pods, logs and figures, each on a port of its own. */
import { readFile } from 'node:fs/promises'
import type { Flags } from '../flags.ts'
import type { NodeSettings } from '../node/node-facts.ts'
import type { RunParts } from '../node/open-parts.ts'
import { type KubeletServer, startServer } from '../server/server.ts'
import type { ServerParts } from '../server/server-parts.ts'
import { type ServingCertificate, selfSigned } from '../server/serving-certificate.ts'
import { Statistics } from '../stats/statistics.ts'
import type { HollowNode } from './hollow-node.ts'

export class HollowServer implements AsyncDisposable {
  readonly #values: Flags
  readonly #parts: RunParts
  readonly #settings: NodeSettings
  #server: Promise<KubeletServer> | undefined

  /** `settings`: what all nodes have in common. */
  constructor(values: Flags, parts: RunParts, settings: NodeSettings) {
    this.#values = values
    this.#parts = parts
    this.#settings = settings
  }

  /** Resolves with the port of the node. */
  async serve(node: HollowNode): Promise<number> {
    const about = this.#about(node)
    if (this.#server) return await (await this.#server).serveNode(about)
    this.#server = this.#start(about)
    return (await this.#server).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#server)?.[Symbol.asyncDispose]()
  }

  #about({ kubelet: pods, runtime, context: { nodeName } }: HollowNode): ServerParts {
    const { client, clock, log, metrics } = this.#parts
    const { rootDir: rootDirectory } = this.#values
    const readNode = (nowMs: number) => runtime.nodeFigures(nowMs)
    return {
      ...{ nodeName, pods, runtime, client, clock, log, metrics },
      statistics: new Statistics({ nodeName, runtime, clock, rootDirectory, pods, readNode }),
      configuration: () => ({ ...this.#values }),
    }
  }

  async #start(first: ServerParts): Promise<KubeletServer> {
    const { address: host, anonymousAuth, clientCaFile } = this.#values
    const { ca } = await this.#parts.client.connection.credentials.tls()
    return await startServer({
      ...first,
      tls: await this.#certificate(),
      address: { host, port: 0 },
      clientCertificateAuthority: clientCaFile ? await readFile(clientCaFile) : ca,
      allowsAnonymous: anonymousAuth,
    })
  }

  /** Given, or one that is as short-lived as its nodes: they keep nothing. */
  async #certificate(): Promise<ServingCertificate> {
    const { tlsCertFile, tlsPrivateKeyFile } = this.#values
    if (tlsCertFile && tlsPrivateKeyFile) {
      return {
        cert: await readFile(tlsCertFile, 'utf8'),
        key: await readFile(tlsPrivateKeyFile, 'utf8'),
      }
    }
    const { clock, random } = this.#parts
    const { name: nodeName, addresses } = this.#settings
    return selfSigned({ nodeName, names: addresses.map(({ address }) => address), clock, random })
  }
}
