/** Certificates that kubelets make for themselves: kept, renewed in time, and for their names. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ManualClock } from '#daemon/clock.ts'
import { seededRandom } from '#daemon/random.ts'
import { ownCertificate } from './serving-certificate.ts'

const YEAR_MS = 365 * 86_400_000

test('the certificate lasts over a restart, until it is old or the node has other names', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'serving-'))
  try {
    const clock = new ManualClock()
    const options = { directory, nodeName: 'node1', clock, random: seededRandom(1) }
    const made = await ownCertificate({ ...options, names: ['node1', '192.0.2.7'] })
    expect(await ownCertificate({ ...options, names: ['node1', '192.0.2.7'] })).toEqual(made)
    const moved = await ownCertificate({ ...options, names: ['node1', '192.0.2.8'] })
    expect(moved.cert).not.toBe(made.cert)
    clock.jump(YEAR_MS)
    const renewed = await ownCertificate({ ...options, names: ['node1', '192.0.2.8'] })
    expect(renewed.cert).not.toBe(moved.cert)
  } finally {
    await rm(directory, { recursive: true })
  }
})
