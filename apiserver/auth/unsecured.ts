/** Callers of the listener without TLS: whoever reaches it may do everything, as its flag says. */
import { TLSSocket } from 'node:tls'
import type { Authenticator } from './authenticator.ts'

const user = { name: 'system:unsecured', groups: ['system:masters'] }

export const unsecuredCallers: Authenticator = {
  authenticate: ({ socket }) => (socket instanceof TLSSocket ? undefined : user),
}
