/** Client certificates: the common name is the user, each organisation a group. */
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { type Authenticator, authenticated } from './authenticator.ts'

/** The listener asks for certificates and checks them against the client CA. */
export const clientCertificates: Authenticator = {
  authenticate({ socket }: IncomingMessage) {
    if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
    const { subject } = socket.getPeerCertificate()
    if (!subject?.CN) return undefined
    return authenticated({ name: one(subject.CN), groups: all(subject.O) })
  },
}

const one = (name: string | string[]): string => (Array.isArray(name) ? name[0]! : name)
const all = (names: string | string[] | undefined): string[] =>
  names === undefined ? [] : Array.isArray(names) ? names : [names]
