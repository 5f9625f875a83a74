/** The way to kubelets over TLS: who shows what to whom, and who is believed. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Pki } from '#apiserver/pki/pki.ts'
import type { KubeletSettings } from '#apiserver/streams/kubelets.ts'
import { systemClock } from '#daemon/clock.ts'
import { seededRandom } from '#daemon/random.ts'
import { startTestServer, type TestServer } from './api-server.ts'
import { collectingLog } from './collecting-log.ts'
import { createNode, createRunningPod } from './pods-on-node.ts'
import { type StandInKubelet, startStandInKubelet } from './stand-in-kubelet.ts'

let directory: string
let own: Pki
let foreign: Pki
let kubelet: StandInKubelet

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nanokube-kubelet-tls-'))
  own = await openPki('own')
  foreign = await openPki('foreign')
  kubelet = await startStandInKubelet({ tls: { ...own.serving, ca: own.authority('ca') } })
  kubelet.log('a line\n')
})

afterAll(async () => {
  await kubelet[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

const openPki = (name: string): Promise<Pki> =>
  Pki.open({
    directory: join(directory, name),
    names: ['127.0.0.1'],
    clock: systemClock,
    random: seededRandom(42),
    log: collectingLog([]),
  })

async function serverThat(kubelets: KubeletSettings): Promise<TestServer> {
  const server = await startTestServer({ settings: { kubelets } })
  await createNode(server.url, 'node', kubelet.port)
  await createRunningPod(server.url, { name: 'p', node: 'node' })
  return server
}

const trusting = (pki: Pki): KubeletSettings => ({
  certificateAuthority: pki.authority('ca'),
  clientCertificate: pki.kubeletClient.cert,
  clientKey: pki.kubeletClient.key,
})

const logOf = ({ url }: TestServer, query = ''): Promise<Response> =>
  fetch(`${url}/api/v1/namespaces/default/pods/p/log${query}`)

test('a kubelet that is known hears who asks', async () => {
  await using server = await serverThat(trusting(own))
  expect(await (await logOf(server)).text()).toBe('a line\n')
  expect(kubelet.callers).toContain('kube-apiserver-kubelet-client')
})

test('commands go over TLS too', async () => {
  await using server = await serverThat(trusting(own))
  const path = '/api/v1/namespaces/default/pods/p/exec?stdout=1&command=echo&command=hello'
  const socket = new WebSocket(`${server.url}${path}`.replace('http', 'ws'), 'v5.channel.k8s.io')
  const messages: string[] = []
  socket.on('message', (data) => messages.push(String(data)))
  await once(socket, 'close')
  expect(messages).toContain('\u0001hello\n')
})

test('an unknown kubelet is not believed, unless the user says so', async () => {
  await using server = await serverThat(trusting(foreign))
  const answer = await logOf(server)
  expect(answer.status).toBe(500)
  expect(await answer.json()).toMatchObject({
    message: expect.stringContaining('tls: failed to verify certificate: x509:'),
  })
  const unchecked = await logOf(server, '?insecureSkipTLSVerifyBackend=true')
  expect(await unchecked.text()).toBe('a line\n')
})

test('without an authority every kubelet is believed', async () => {
  await using server = await serverThat({})
  expect(await (await logOf(server)).text()).toBe('a line\n')
})
