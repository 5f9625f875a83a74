/** What flags about nodes and certificates come to, and which of them contradict each other. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseOptions } from '#daemon/options.ts'
import { nodeFlags, nodeSettings } from './node-settings.ts'

const settings = (...given: string[]) =>
  nodeSettings(parseOptions(nodeFlags, { arguments: given, environment: {} }).values)

test('the defaults are those of upstream', () => {
  const { nodeLifecycle, podGc, mirroring, nodeIpam, signing } = settings()
  expect(nodeLifecycle).toMatchObject({ monitorGraceMs: 50_000, startupGraceMs: 60_000 })
  expect(nodeLifecycle.rates).toEqual({
    usualRate: 0.1,
    reducedRate: 0.01,
    smallZoneMax: 50,
    unhealthyShare: 0.55,
  })
  expect([podGc.terminatedPodsMax, mirroring.perSubsetMax]).toEqual([12_500, 1000])
  expect([nodeIpam, signing]).toEqual([undefined, undefined])
})

test.for([
  { given: ['--allocate-node-cidrs'], problem: /--cluster-cidr: found none/ },
  {
    given: ['--allocate-node-cidrs', '--cluster-cidr=10.0.0.0/16', '--service-cluster-ip-range=x'],
    problem: /--service-cluster-ip-range: found "x"/,
  },
  { given: ['--cluster-signing-cert-file=a'], problem: /wanted both or none/ },
  {
    given: ['--cluster-signing-kubelet-client-key-file=a'],
    problem: /--cluster-signing-kubelet-client-cert-file/,
  },
  { given: ['--unhealthy-zone-threshold=2'], problem: /wanted a number from 0 to 1/ },
])('$given', ({ given, problem }) => {
  expect(() => settings(...given)).toThrow(problem)
})

test('each signer has its own authority, or that of all, as the files are now', async () => {
  await using stack = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'nanokube-signing-'))
  stack.defer(() => rm(directory, { recursive: true }))
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(directory, name), text)
    return join(directory, name)
  }
  const { signing } = settings(
    `--cluster-signing-cert-file=${await file('all.crt', 'all')}`,
    `--cluster-signing-key-file=${await file('all.key', 'key of all')}`,
    `--cluster-signing-kubelet-serving-cert-file=${await file('own.crt', 'own')}`,
    `--cluster-signing-kubelet-serving-key-file=${await file('own.key', 'own key')}`,
    '--cluster-signing-duration=1h',
  )
  expect(signing?.durationMs).toBe(3_600_000)
  const serving = 'kubernetes.io/kubelet-serving'
  expect(await signing?.authority(serving)).toEqual({ certificate: 'own', key: 'own key' })
  await file('own.crt', 'newer')
  expect((await signing?.authority(serving))?.certificate).toBe('newer')
  const other = await signing?.authority('kubernetes.io/kube-apiserver-client')
  expect(other).toEqual({ certificate: 'all', key: 'key of all' })
})
