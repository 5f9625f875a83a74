/** Tries how long tokens of service accounts are used, and where they come from. */
import { expect, test } from 'vitest'
import { ServiceAccount } from '#api/kinds/core/service-account.ts'
import { startCluster } from '#test/cluster.ts'
import { AccountCredentials } from './account-credentials.ts'

const account = { name: 'some-controller', namespace: 'kube-system' }
const MINUTE_MS = 60_000

test('makes the account, asks once for many, and renews the token in time', async () => {
  await using cluster = await startCluster()
  const { client, clock } = cluster
  const credentials = new AccountCredentials(client, account, clock)
  const [first, same] = await Promise.all([credentials.headers(), credentials.headers()])
  expect(first.authorization).toMatch(/^Bearer ey/)
  expect(same).toEqual(first)
  expect(await client.find(ServiceAccount, account)).toBeDefined()
  clock.jump(47 * MINUTE_MS)
  expect(await credentials.headers()).toEqual(first)
  clock.jump(2 * MINUTE_MS)
  expect(await credentials.headers()).not.toEqual(first)
})

test('asks for another token when the account was made anew', async () => {
  await using cluster = await startCluster()
  const { client, clock } = cluster
  const credentials = new AccountCredentials(client, account, clock)
  const first = await credentials.headers()
  await client.delete(ServiceAccount, account)
  expect(await credentials.renew()).toBe(true)
  expect(await credentials.headers()).not.toEqual(first)
  expect(await client.find(ServiceAccount, account)).toBeDefined()
})

test('does not come with the certificate of the client', async () => {
  await using cluster = await startCluster()
  const { client, clock } = cluster
  const tls = { ca: 'authorities', cert: 'certificate', key: 'key' }
  const theirs = { ...client.connection.credentials, tls: async () => tls }
  const over = {
    connection: Object.assign(Object.create(client.connection), { credentials: theirs }),
  }
  const credentials = new AccountCredentials(over as never, account, clock)
  expect(await credentials.tls()).toEqual({ ca: 'authorities' })
  // Connections are made anew when the value is another.
  expect(await credentials.tls()).toBe(await credentials.tls())
})
