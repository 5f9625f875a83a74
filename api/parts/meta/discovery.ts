/** FIXME: one sentence. */
import { always, optional, type Stored, string, struct } from '../../schema.ts'

export const preconditions = struct('meta.v1.Preconditions', '', {
  uid: optional(1, string, ''),
  resourceVersion: optional(2, string, ''),
})
export interface Preconditions extends Stored<typeof preconditions> {}

export const serverAddressByClientCIDR = struct('meta.v1.ServerAddressByClientCIDR', '', {
  clientCIDR: always(1, string, ''),
  serverAddress: always(2, string, ''),
})
export interface ServerAddressByClientCIDR extends Stored<typeof serverAddressByClientCIDR> {}
