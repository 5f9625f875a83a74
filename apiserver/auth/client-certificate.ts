/** Client certificates: the common name is the user, each organisation a group. */
import type { Clock } from '#daemon/clock.ts'
import type { Authenticator } from './authenticator.ts'
import type { PeerCertificates } from './peer-certificate.ts'

export function clientCertificates(certificates: PeerCertificates, clock: Clock): Authenticator {
  return {
    authenticate(request) {
      const peer = certificates.peer(request, clock.now())
      if (!peer?.commonName) return undefined
      return { name: peer.commonName, groups: peer.organizations }
    },
  }
}
