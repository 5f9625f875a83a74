/** Asks whether a port accepts connections. */
import { connect } from 'node:net'
import {
  dialText,
  failure,
  hostAndPort,
  type Limits,
  type Outcome,
  success,
  within,
} from './outcome.ts'

export function askTcp(host: string, port: number, limits: Limits): Promise<Outcome> {
  const address = hostAndPort(host, port)
  const late = (): Outcome => failure(`dial tcp ${address}: i/o timeout`)
  return within(
    limits,
    (signal) =>
      new Promise<Outcome>((resolve, reject) => {
        const socket = connect({ host, port })
        const give = (): void => {
          socket.destroy()
          reject(signal.reason)
        }
        signal.addEventListener('abort', give, { once: true })
        socket.once('connect', () => {
          socket.destroy()
          resolve(success())
        })
        socket.once('error', (error) => resolve(failure(dialText(error, address))))
      }),
    late,
  )
}
