/** Which address of this machine others see, as the way to them tells. */
import { once } from 'node:events'
import { connect } from 'node:net'

export async function addressTowards(server: string, signal: AbortSignal): Promise<string> {
  const { hostname, port } = new URL(server)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const socket = connect({ host, port: Number(port || 443), signal })
  try {
    await once(socket, 'connect', { signal })
    const { localAddress } = socket
    if (localAddress === undefined) throw new Error(`connection to ${server}: it has no address`)
    return localAddress
  } finally {
    socket.destroy()
  }
}
