/** Client certificates: the common name is the user, each organisation a group. */
import type { Clock } from '#daemon/clock.ts'
import type { User } from '../request-context.ts'
import { type Authenticator, authenticated } from './authenticator.ts'
import type { Peer, PeerCertificates } from './peer-certificate.ts'

export function clientCertificates(certificates: PeerCertificates, clock: Clock): Authenticator {
  // The same object for all requests of a connection, so that others can remember facts about it.
  const users = new WeakMap<Peer, User>()
  return {
    authenticate(request) {
      const peer = certificates.peer(request, clock.now())
      if (!peer?.commonName) return undefined
      const known = users.get(peer)
      if (known) return known
      const user = authenticated({ name: peer.commonName, groups: peer.organizations })
      users.set(peer, user)
      return user
    },
  }
}
