/** Small parts of delete requests and of discovery documents. */
import { always, optional, type Stored, string, struct } from '../../schema.ts'

export const preconditions = struct(
  'meta.v1.Preconditions',
  'What must hold for a delete to be carried out.',
  {
    uid: optional(1, string, 'The UID that the object must have.'),
    resourceVersion: optional(2, string, 'The resource version that the object must have.'),
  },
)
export interface Preconditions extends Stored<typeof preconditions> {}

export const serverAddressByClientCIDR = struct(
  'meta.v1.ServerAddressByClientCIDR',
  'The address of the server to use from one network.',
  {
    clientCIDR: always(1, string, 'The network of the clients, in CIDR notation.'),
    serverAddress: always(
      2,
      string,
      'Host name or IP address of the server, with a port if needed.',
    ),
  },
)
export interface ServerAddressByClientCIDR extends Stored<typeof serverAddressByClientCIDR> {}
