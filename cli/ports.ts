/** Ports for API servers: one that is free, whether that of a cluster still is, or is served. */
import { connect, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { CommandError } from './command.ts'

const FIRST_PORT = 6443
const PORTS_TRIED = 100

/** The first one that nobody listens on and nobody has reserved. */
export async function freePort(reserved: readonly number[]): Promise<number> {
  for (let port = FIRST_PORT; port < FIRST_PORT + PORTS_TRIED; port++) {
    if (!reserved.includes(port) && (await isFree(port))) return port
  }
  const last = FIRST_PORT + PORTS_TRIED - 1
  throw new CommandError(
    `API server: all ports from ${FIRST_PORT} to ${last} are taken`,
    'Name a free one: --api-port',
  )
}

/** Fails where somebody else has taken the port while the cluster was stopped. */
export async function checkPort(port: number): Promise<void> {
  if (await isFree(port)) return
  throw new CommandError(
    `API server: port ${port} is taken by another program`,
    'Stop that program, or give the cluster another port: nanokube up --api-port',
  )
}

/** Others reach only addresses that this machine has, and nothing in 127.0.0.0/8. */
export function checkApiAddresses(given: readonly string[]): void {
  const interfaces = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  const ours = interfaces
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address)
  const foreign = given.find((address) => !ours.includes(address))
  if (foreign === undefined) return
  throw new CommandError(
    `--api-address: found "${foreign}", wanted an IPv4 address of this machine that others reach`,
    `There are: ${ours.join(', ') || 'none'}`,
  )
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** Whether somebody takes connections there now. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
