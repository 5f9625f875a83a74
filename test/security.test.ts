/** What the flags about keys and credentials make of a server, from the command line on. */
import { createPublicKey, X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { newKey } from '#api/rules/certificate.ts'
import { serviceNetwork } from '#apiserver/allocation/service-network.ts'
import { signingKey } from '#apiserver/auth/service-accounts/keys.ts'
import { flags } from '#apiserver/flags.ts'
import { openSecurity } from '#apiserver/security.ts'
import type { ApiServer } from '#apiserver/server.ts'
import { ManualClock } from '#daemon/clock.ts'
import { parseOptions } from '#daemon/options.ts'
import { seededRandom } from '#daemon/random.ts'
import { collectingLog } from './collecting-log.ts'

const network = serviceNetwork('10.96.0.0/16', '30000-32767')

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'nanokube-security-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  return directory
}

function open(directory: string, more: readonly string[] = [], advertised?: string) {
  const given = [`--data-dir=${directory}`, ...more]
  const { values } = parseOptions(flags, { arguments: given, environment: {} })
  const parts = { clock: new ManualClock(), random: seededRandom(5), log: collectingLog([]) }
  return openSecurity(values, network, advertised, parts)
}

const pem = (key = newKey()) => String(key.export({ type: 'pkcs8', format: 'pem' }))

test('without any flag there is an authority, and everybody needs a credential of its', async () => {
  const directory = await folder()
  const { settings } = await open(directory, [], '192.0.2.9')
  const { credentials, tls, anonymous } = settings
  const ca = await readFile(join(directory, 'pki/ca.crt'), 'utf8')
  expect(anonymous).toBe(true)
  expect(credentials).toMatchObject({
    clientCa: ca,
    bootstrapTokens: false,
    unsecured: false,
    frontProxy: { allowedNames: ['front-proxy-client'], usernameHeaders: ['X-Remote-User'] },
    keysUrl: 'https://192.0.2.9:6443/openid/v1/jwks',
  })
  expect(credentials.staticTokens).toBeUndefined()
  const certificate = new X509Certificate(tls!.cert)
  for (const name of ['localhost', 'kubernetes', 'kubernetes.default.svc.cluster.local']) {
    expect(certificate.checkHost(name)).toBe(name)
  }
  for (const address of ['127.0.0.1', '10.96.0.1', '192.0.2.9']) {
    expect(certificate.checkIP(address)).toBe(address)
  }
  expect(certificate.checkIP('192.0.2.8')).toBeUndefined()
  const { issuers, audiences, keys, signingKey: own } = credentials.serviceAccounts
  expect(issuers).toEqual(['https://kubernetes.default.svc.cluster.local'])
  expect(audiences).toEqual(issuers)
  expect(keys.map(({ id }) => id)).toEqual([own.id])
})

test.for([
  ['0.0.0.0', 'https://localhost:7443'],
  ['127.0.0.1', 'https://localhost:7443'],
  ['192.0.2.4', 'https://192.0.2.4:7443'],
  ['fd00::4', 'https://[fd00::4]:7443'],
] as const)('listening on %s, users come to %s', async ([address, url]) => {
  const directory = await folder()
  const security = await open(directory, [`--bind-address=${address}`])
  await security.writeKubeconfigs(address, 7443)
  const config = JSON.parse(await readFile(join(directory, 'pki/admin.kubeconfig'), 'utf8'))
  expect(config.clusters[0].cluster.server).toBe(url)
})

test('certificates of somebody else are used, and no kubeconfig claims otherwise', async () => {
  const other = await folder()
  await open(other)
  const from = (name: string) => join(other, 'pki', name)
  const directory = await folder()
  const security = await open(directory, [
    `--tls-cert-file=${from('apiserver.crt')}`,
    `--tls-private-key-file=${from('apiserver.key')}`,
    `--client-ca-file=${from('ca.crt')}`,
    `--requestheader-client-ca-file=${from('front-proxy-ca.crt')}`,
  ])
  const { tls, credentials } = security.settings
  const text = (name: string) => readFile(from(name), 'utf8')
  expect(tls).toMatchObject({ cert: await text('apiserver.crt'), key: await text('apiserver.key') })
  expect(tls!.clientCa).toEqual([await text('ca.crt'), await text('front-proxy-ca.crt')])
  expect(credentials.frontProxy?.allowedNames).toEqual([])
  await security.writeKubeconfigs('0.0.0.0', 6443)
  await expect(readFile(join(directory, 'pki/admin.kubeconfig'))).rejects.toThrow('ENOENT')
})

test('a certificate without its key, or the other way round, is refused', async () => {
  const directory = await folder()
  for (const flag of ['--tls-cert-file=x', '--tls-private-key-file=x']) {
    await expect(open(directory, [flag])).rejects.toThrow('belong together')
  }
})

test('keys of tokens: one signs, all count, each once', async () => {
  const directory = await folder()
  const [signs, old] = [newKey(), newKey()]
  const file = async (name: string, text: string) => {
    await writeFile(join(directory, name), text)
    return join(directory, name)
  }
  const publicText = String(createPublicKey(signs).export({ type: 'spki', format: 'pem' }))
  const { settings } = await open(directory, [
    `--service-account-signing-key-file=${await file('signs', pem(signs))}`,
    `--service-account-key-file=${await file('both', publicText + pem(old))}`,
    '--service-account-issuer=https://a.test,https://b.test',
    '--api-audiences=here',
    '--service-account-max-token-expiration=2h',
    '--service-account-extend-token-expiration=false',
    '--service-account-jwks-uri=https://keys.test/jwks',
  ])
  const { serviceAccounts, keysUrl } = settings.credentials
  const ids = [signs, old].map((key) => signingKey(pem(key)).id)
  expect(serviceAccounts.signingKey.id).toBe(ids[0])
  expect(serviceAccounts.keys.map(({ id }) => id)).toEqual(ids)
  expect(serviceAccounts).toMatchObject({
    issuers: ['https://a.test', 'https://b.test'],
    audiences: ['here'],
    maxExpirationSeconds: 7200,
    extendExpiration: false,
  })
  expect(keysUrl).toBe('https://keys.test/jwks')
})

test('other ways in are opened and closed by their flags', async () => {
  const directory = await folder()
  const tokens = join(directory, 'tokens.csv')
  await writeFile(tokens, 'a,b,c\n')
  const { settings } = await open(directory, [
    '--anonymous-auth=false',
    '--enable-bootstrap-token-auth',
    '--insecure-bind-address=127.0.0.1',
    `--token-auth-file=${tokens}`,
  ])
  expect(settings.anonymous).toBe(false)
  expect(settings.credentials).toMatchObject({
    bootstrapTokens: true,
    unsecured: true,
    staticTokens: 'a,b,c\n',
  })
})

test('a certificate that somebody replaces is used from then on, once its key is there', async () => {
  const [before, after] = [await folder(), await folder()]
  await open(before)
  await open(after)
  const files = await folder()
  const put = async (name: string, from: string) =>
    writeFile(join(files, name), await readFile(join(from, 'pki', name)))
  await put('apiserver.crt', before)
  await put('apiserver.key', before)
  const security = await open(await folder(), [
    `--tls-cert-file=${join(files, 'apiserver.crt')}`,
    `--tls-private-key-file=${join(files, 'apiserver.key')}`,
  ])
  const used = Promise.withResolvers<string>()
  const server = { useCertificate: ({ cert }: { cert: string }) => used.resolve(cert) }
  using _following = security.keepRenewed(server as unknown as ApiServer)
  await put('apiserver.crt', after)
  await put('apiserver.key', after)
  expect(await used.promise).toBe(await readFile(join(after, 'pki/apiserver.crt'), 'utf8'))
})
