/** The certificate that a client shows, and which authority it leads to. */
import type { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { CredentialError } from './authenticator.ts'

export interface Peer {
  readonly commonName: string
  readonly organizations: readonly string[]
}

/** Longer chains lead nowhere. */
const CHAIN_MAX = 8

/** The client shows no certificate. */
const none = Symbol('none')

interface Judged {
  readonly peer: Peer
  /** Milliseconds since 1970 at which the first certificate of the chain expires. */
  readonly notAfter: number
}

/**
 * Looks at certificates once for each connection. The listener has OpenSSL check every chain
 * against all authorities that the server knows; here it is found out which one it leads to.
 */
export class PeerCertificates {
  readonly #authorities: readonly X509Certificate[]
  readonly #judged = new WeakMap<TLSSocket, Judged | CredentialError | typeof none>()

  constructor(authorities: readonly X509Certificate[]) {
    this.#authorities = authorities
  }

  /** Undefined when the client shows none; throws a CredentialError for one that is not good. */
  peer({ socket }: IncomingMessage, nowMs: number): Peer | undefined {
    if (!(socket instanceof TLSSocket)) return undefined
    let judged = this.#judged.get(socket)
    if (!judged) {
      const leaf = socket.getPeerX509Certificate()
      judged = leaf ? this.#judge(socket, leaf) : none
      this.#judged.set(socket, judged)
    }
    if (judged === none) return undefined
    if (judged instanceof CredentialError) throw judged
    // The handshake may have been long ago.
    if (nowMs > judged.notAfter) throw new CredentialError('x509: certificate has expired')
    return judged.peer
  }

  #judge(socket: TLSSocket, leaf: X509Certificate): Judged | CredentialError {
    const name = `verifying certificate SN=${BigInt(`0x${leaf.serialNumber}`)} failed`
    if (!socket.authorized) return new CredentialError(`${name}: ${socket.authorizationError}`)
    const chain = this.#chain(leaf)
    if (!chain) return new CredentialError(`${name}: x509: certificate signed by unknown authority`)
    const { subject } = socket.getPeerCertificate()
    return {
      peer: { commonName: all(subject?.CN)[0] ?? '', organizations: all(subject?.O) },
      notAfter: Math.min(...chain.map(({ validToDate }) => validToDate.getTime())),
    }
  }

  /** From the leaf up to one of the authorities. */
  #chain(leaf: X509Certificate): X509Certificate[] | undefined {
    const chain = [leaf]
    for (let top = leaf; chain.length <= CHAIN_MAX; ) {
      const anchor = this.#authorities.find((each) => isSignedBy(top, each))
      if (anchor) return [...chain, anchor]
      const issuer = top.issuerCertificate
      if (!issuer || issuer.fingerprint256 === top.fingerprint256) return undefined
      if (!isSignedBy(top, issuer)) return undefined
      chain.push(issuer)
      top = issuer
    }
    return undefined
  }
}

const isSignedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)

const all = (names: string | string[] | undefined): string[] =>
  names === undefined ? [] : [names].flat()
