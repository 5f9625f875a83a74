/** The keys and certificates of a cluster on a real disk: made once, kept, renewed, closed. */
import { X509Certificate } from 'node:crypto'
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  rmdir,
  stat,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Pki } from '#apiserver/pki/pki.ts'
import { keepRenewed } from '#apiserver/pki/rotation.ts'
import { ManualClock, systemClock } from '#daemon/clock.ts'
import { systemRandom } from '#daemon/random.ts'
import { collectingLog } from './collecting-log.ts'

const DAY_MS = 86_400_000

async function place(clock = new ManualClock()) {
  const root = await mkdtemp(join(tmpdir(), 'nanokube-pki-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const directory = join(root, 'pki')
  const logged: string[] = []
  const log = collectingLog(logged)
  const names = ['localhost', 'kubernetes.default', '10.96.0.1', '::1']
  const open = (more: readonly string[] = []) =>
    Pki.open({ directory, names: [...names, ...more], clock, random: systemRandom, log })
  return { directory, clock, logged, log, open }
}

async function contents(directory: string): Promise<Record<string, string>> {
  const names = (await readdir(directory)).sort()
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))
  return Object.fromEntries(names.map((name, at) => [name, texts[at]!]))
}

test('the first start makes everything, the second keeps it', async () => {
  const { directory, open } = await place()
  const pki = await open()
  await pki.writeKubeconfigs('https://localhost:6443')
  const first = await contents(directory)
  expect(Object.keys(first)).toEqual([
    'admin.crt',
    'admin.key',
    'admin.kubeconfig',
    'apiserver-kubelet-client.crt',
    'apiserver-kubelet-client.key',
    'apiserver.crt',
    'apiserver.key',
    'ca.crt',
    'ca.key',
    'cloud-controller-manager.crt',
    'cloud-controller-manager.key',
    'cloud-controller-manager.kubeconfig',
    'cluster-dns.crt',
    'cluster-dns.key',
    'cluster-dns.kubeconfig',
    'controller-manager.crt',
    'controller-manager.key',
    'controller-manager.kubeconfig',
    'front-proxy-ca.crt',
    'front-proxy-ca.key',
    'front-proxy-client.crt',
    'front-proxy-client.key',
    'kube-proxy.crt',
    'kube-proxy.key',
    'kube-proxy.kubeconfig',
    'sa.key',
    'sa.pub',
    'scheduler.crt',
    'scheduler.key',
    'scheduler.kubeconfig',
  ])
  const again = await open()
  await again.writeKubeconfigs('https://localhost:6443')
  expect(await contents(directory)).toEqual(first)
})

test('only the owner may read keys and kubeconfigs', async () => {
  const { directory, open } = await place()
  const pki = await open()
  await pki.writeKubeconfigs('https://localhost:6443')
  const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)
  expect(await mode(directory)).toBe('700')
  for (const name of await readdir(directory)) {
    const isOpen = name.endsWith('.crt') || name.endsWith('.pub')
    expect([name, await mode(join(directory, name))]).toEqual([name, isOpen ? '644' : '600'])
  }
})

test('what was left open is closed at the next start', async () => {
  const { directory, open } = await place()
  await open()
  await chmod(directory, 0o755)
  await chmod(join(directory, 'ca.key'), 0o644)
  await open()
  expect((await stat(directory)).mode & 0o777).toBe(0o700)
  expect((await stat(join(directory, 'ca.key'))).mode & 0o777).toBe(0o600)
})

test('a kubeconfig holds what its user needs', async () => {
  const { directory, open } = await place()
  const pki = await open()
  await pki.writeKubeconfigs('https://localhost:6443')
  const config = JSON.parse(await readFile(join(directory, 'admin.kubeconfig'), 'utf8'))
  expect(config['current-context']).toBe('kubernetes-admin@kubernetes')
  const [{ cluster }] = config.clusters
  expect(cluster.server).toBe('https://localhost:6443')
  const authority = Buffer.from(cluster['certificate-authority-data'], 'base64').toString()
  expect(authority).toBe(pki.authority('ca'))
  const [{ user }] = config.users
  const certificate = new X509Certificate(Buffer.from(user['client-certificate-data'], 'base64'))
  expect(certificate.subject).toBe('O=system:masters\nCN=kubernetes-admin')
})

test('another name for the server asks for another certificate, not for another authority', async () => {
  const { open } = await place()
  const first = await open()
  const second = await open(['moon.test', '192.0.2.7'])
  expect(second.authority('ca')).toBe(first.authority('ca'))
  expect(second.serving.cert).not.toBe(first.serving.cert)
  const certificate = new X509Certificate(second.serving.cert)
  expect(certificate.checkHost('moon.test')).toBe('moon.test')
  expect(certificate.checkIP('192.0.2.7')).toBe('192.0.2.7')
})

test.for(['apiserver.crt', 'apiserver.key'])(
  '%s is made again when it is damaged',
  async (name) => {
    const { directory, open } = await place()
    const first = await open()
    await writeFile(join(directory, name), 'nonsense')
    const second = await open()
    expect(second.serving.cert).not.toBe(first.serving.cert)
    expect(new X509Certificate(second.serving.cert).checkHost('localhost')).toBe('localhost')
  },
)

test('an authority is never replaced behind the back of those who trust it', async () => {
  const { directory, open, clock } = await place()
  await open()
  const file = (name: string) => join(directory, name)
  const certificate = await readFile(file('ca.crt'), 'utf8')
  await writeFile(file('ca.crt'), 'nonsense')
  await expect(open()).rejects.toThrow('ca.crt" is no certificate')
  await writeFile(file('ca.crt'), await readFile(file('front-proxy-ca.crt')))
  await expect(open()).rejects.toThrow('ca.crt" belongs to another key')
  await writeFile(file('ca.crt'), certificate)
  const key = await readFile(file('ca.key'), 'utf8')
  await writeFile(file('ca.key'), 'nonsense')
  await expect(open()).rejects.toThrow('ca.key" is no private key')
  await unlink(file('ca.key'))
  await expect(open()).rejects.toThrow('ca.crt" has no key beside it')
  await writeFile(file('ca.key'), key)
  clock.jump(3651 * DAY_MS)
  await expect(open()).rejects.toThrow('expired on 2039-12-30')
})

test('a start that was cut short before the certificate goes on with the key', async () => {
  const { directory, open } = await place()
  await open()
  const key = await readFile(join(directory, 'ca.key'), 'utf8')
  await unlink(join(directory, 'ca.crt'))
  const pki = await open()
  expect(await readFile(join(directory, 'ca.key'), 'utf8')).toBe(key)
  const authority = new X509Certificate(pki.authority('ca'))
  expect(new X509Certificate(pki.serving.cert).verify(authority.publicKey)).toBe(true)
})

test('what a process that died was writing is removed, what another is writing is not', async () => {
  const { directory, open } = await place(new ManualClock(systemClock.now()))
  await open()
  const [old, young] = [join(directory, 'ca.key.new-7-1'), join(directory, 'sa.key.new-8-1')]
  for (const path of [old, young]) await writeFile(path, 'half a ke')
  const anHourAgo = new Date(systemClock.now() - 3_600_000)
  await utimes(old, anHourAgo, anHourAgo)
  await open()
  const names = await readdir(directory)
  expect(names.filter((name) => name.includes('.new-'))).toEqual(['sa.key.new-8-1'])
})

test('two first starts at once end with one authority', async () => {
  const { open } = await place(new ManualClock(systemClock.now()))
  const [one, two] = await Promise.all([open(), open()])
  expect(one.authority('ca')).toBe(two.authority('ca'))
  expect(one.serviceAccountKey).toBe(two.serviceAccountKey)
})

test('certificates are renewed while the server runs, and kubeconfigs with them', async () => {
  const { directory, open, clock, log } = await place()
  const pki = await open()
  await pki.writeKubeconfigs('https://localhost:6443')
  const before = await contents(directory)
  const { promise: renewed, resolve } = Promise.withResolvers<string>()
  using _rotation = keepRenewed(pki, { clock, log }, ({ cert }) => resolve(cert))
  clock.jump(200 * DAY_MS)
  expect(await contents(directory)).toEqual(before)
  clock.jump(60 * DAY_MS)
  const certificate = new X509Certificate(await renewed)
  const after = await contents(directory)
  expect(after['apiserver.crt']).toBe(certificate.toString())
  expect(after['admin.kubeconfig']).not.toBe(before['admin.kubeconfig'])
  expect(after['ca.crt']).toBe(before['ca.crt'])
  expect(certificate.validToDate.getTime()).toBe(clock.now() + 365 * DAY_MS)
})

test('a machine that slept through the renewal makes up for it within a day', async () => {
  const { open, clock, log } = await place()
  const pki = await open()
  const { promise: renewed, resolve } = Promise.withResolvers<string>()
  using _rotation = keepRenewed(pki, { clock, log }, ({ cert }) => resolve(cert))
  clock.shiftWallClock(300 * DAY_MS)
  clock.jump(DAY_MS)
  expect(new X509Certificate(await renewed).validToDate.getTime()).toBe(clock.now() + 365 * DAY_MS)
})

test('kubeconfigs that could not be written are written later', async () => {
  const { directory, open, clock, log } = await place()
  const pki = await open()
  await pki.writeKubeconfigs('https://localhost:6443')
  const file = join(directory, 'admin.kubeconfig')
  const old = await readFile(file, 'utf8')
  await unlink(file)
  await mkdir(file)
  clock.jump(300 * DAY_MS)
  await expect(pki.renew()).rejects.toThrow('EISDIR')
  expect(pki.renewalInMs).toBe(0)
  await rmdir(file)
  const { promise: renewed, resolve } = Promise.withResolvers<void>()
  using _rotation = keepRenewed(pki, { clock, log }, () => resolve())
  clock.jump(60_000)
  await renewed
  expect(await readFile(file, 'utf8')).not.toBe(old)
})

test('a renewal that fails is logged and tried again', async () => {
  const { directory, open, clock, log, logged } = await place()
  const pki = await open()
  const { promise: renewed, resolve } = Promise.withResolvers<void>()
  const failed = Promise.withResolvers<void>()
  const watched = {
    ...log,
    error: (...line: Parameters<typeof log.error>) => {
      log.error(...line)
      failed.resolve()
    },
  }
  using _rotation = keepRenewed(pki, { clock, log: watched }, () => resolve())
  await rm(directory, { recursive: true })
  clock.jump(300 * DAY_MS)
  await failed.promise
  expect(logged.join()).toContain('certificates were not renewed')
  await open()
  clock.jump(60_000)
  await renewed
})
